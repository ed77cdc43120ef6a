// The scalar functions, for the lanes of a pack. They are called, never inlined: code for a newer
// processor must not hold copies of scalar functions that the linker could give to everyone.
#pragma once

#include "autodiff/rules/operations.hpp"

namespace chainrule::detail {

/// out[i] = Rule::value(x[0][i], x[1][i], ...) for i < count. Exists for the primitives that have a
/// name, but for select.
template <class Rule>
void lane_by_lane(const double* const* x, double* out, int count);

}  // namespace chainrule::detail
