// The formulas of operations, as text.
#pragma once

#include "autodiff/rules/operation.hpp"
#include "autodiff/values/text.hpp"

namespace chainrule::detail {

/// The formula of an operation: the value() of its rule written out or, for a primitive, its name
/// and operands.
Text formula(const Operation& operation, const Text* x);
/// The formulas of the partials whose bit is set in `wanted`; the others are left unchanged.
void partial_formulas(const Operation& operation, const Text* x, const Text& result,
                      unsigned wanted, Flow<Text>* out);

}  // namespace chainrule::detail
