// The partial derivatives of operations, recorded.
#pragma once

#include "autodiff/graph/tensor_flow.hpp"
#include "autodiff/rules/operation.hpp"

namespace chainrule::detail {

/// Records the partials whose bit is set in `wanted` as nodes of this thread's graph; leaves the
/// others unchanged.
void recorded_partials(const Operation& operation, const Var* x, const Var& result, unsigned wanted,
                       Flow<Var>* out);
void recorded_partials(const Operation& operation, const Tensor* x, const Tensor& result,
                       unsigned wanted, Flow<Tensor>* out);

}  // namespace chainrule::detail
