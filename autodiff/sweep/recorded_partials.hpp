// The partials of operations, recorded.
#pragma once

#include "autodiff/graph/tensor_flow.hpp"
#include "autodiff/rules/operation.hpp"

namespace chainrule {

/// The partials whose bit is set in `wanted`, recorded as nodes of the graph of this thread; the
/// others are left as they are.
void recorded_partials(const Operation& operation, const Var* x, const Var& result, unsigned wanted,
                       Flow<Var>* out);
void recorded_partials(const Operation& operation, const Tensor* x, const Tensor& result,
                       unsigned wanted, Flow<Tensor>* out);

}  // namespace chainrule
