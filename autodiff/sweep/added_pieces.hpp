// The adjoint of a tensor from the adjoints of its slices and selected rows, recorded as one node.
#pragma once

#include <span>

#include "autodiff/graph/tensor_adjoint.hpp"

namespace chainrule::detail {

/// The adjoint of the result of a selection (an operation that has TensorOperation::add_adjoint).
struct PieceFlow {
  const TensorOperation* selection;
  const void* parameters;
  Adjoint<Tensor> adjoint;
};

/// The adjoint of the tensor from which the pieces were selected, an array like `like`, as one
/// node. Cost: linear in the size of the tensor and of the pieces.
Adjoint<Tensor> added_pieces(std::span<const PieceFlow> flows, const Array& like);

}  // namespace chainrule::detail
