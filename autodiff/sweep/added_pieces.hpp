// Selections of one tensor, put back in one node: what the recorded sweep makes of the adjoints of
// its slices and chosen rows.
#pragma once

#include <span>

#include "autodiff/graph/tensor_adjoint.hpp"

namespace chainrule {

/// The adjoint of the result of a selection (an operation that has TensorOperation::add_adjoint).
struct PieceFlow {
  const TensorOperation* selection;
  const void* parameters;
  Adjoint<Tensor> adjoint;
};

/// The adjoint of the tensor that they were selected from, an array like `like`, as one node. Cost:
/// that of the tensor, and of the pieces.
Adjoint<Tensor> added_pieces(std::span<const PieceFlow> flows, const Array& like);

}  // namespace chainrule
