// Scalar functions for the lanes of a pack. They are called, never inlined: code for a newer
// processor must not contain copies of scalar functions that the linker could then use everywhere.
#pragma once

#include "autodiff/core/functions.hpp"
#include "autodiff/rules/list.hpp"

namespace chainrule::detail {

/// out[i] = value_of<Rule>(x[0][i], x[1][i], ...) for i < count. Defined for the named primitives,
/// except select.
template <class Rule>
void lane_by_lane(const double* const* x, double* out, int count);

}  // namespace chainrule::detail
