// The steps of the recorded sweep at tensor nodes.
#pragma once

#include <span>

#include "autodiff/graph/node.hpp"

namespace chainrule {

/// What flows from a tensor node with this adjoint to its operand k, recorded; no tensor if nothing
/// ever does. Precondition: the operand is a tensor node.
Tensor recorded_flow(const Tape& tape, const Node& node, int k, const Tensor& adjoint);

/// What flows to one element of a tensor.
struct ElementFlow {
  std::int64_t position;  ///< in row-major order
  Var value;
};
/// A tensor like `like` in which nothing has been reached but these elements; what flows to one of
/// them more than once is added. Cost: that of the tensor, and of the flows.
Tensor placed_elements(std::span<const ElementFlow> flows, const Array& like);

/// The same with 0 in the place of elements that nothing has reached.
Tensor without_untouched(const Tensor& x);

}  // namespace chainrule
