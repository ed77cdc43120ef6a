// The steps of the recorded sweep at tensor nodes.
#pragma once

#include "autodiff/graph/node.hpp"

namespace chainrule {

/// What flows from a tensor node with this adjoint to its operand k, recorded; no tensor if nothing
/// ever does. Precondition: the operand is a tensor node.
Tensor recorded_flow(const Tape& tape, const Node& node, int k, const Tensor& adjoint);

/// A tensor like `like` in which nothing has been reached but one element.
Tensor placed_element(const Var& value, std::int64_t position, const Array& like);

/// The same with 0 in the place of elements that nothing has reached.
Tensor without_untouched(const Tensor& x);

}  // namespace chainrule
