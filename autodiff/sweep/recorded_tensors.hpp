// The steps of the recorded sweep at tensor nodes.
#pragma once

#include <span>
#include <vector>

#include "autodiff/graph/node.hpp"
#include "autodiff/graph/tensor_adjoint.hpp"

namespace chainrule::detail {

/// A copy of a tensor node whose derivative is being recorded; recording may move the arrays of the
/// tape.
class TensorStep {
 public:
  /// Precondition: the node is a tensor.
  TensorStep(const Tape& tape, Id id);

  int arity() const { return static_cast<int>(node_.arity); }
  const NodeOperand& operand(int k) const { return operands_[static_cast<std::size_t>(k)]; }
  const TensorNode& node() const { return node_; }
  /// The contribution to operand k from a node with this adjoint, recorded, in the operand's shape;
  /// null if its derivative is always a structural zero. Preconditions: the operand is a tensor
  /// node, and the node is not a selection (TensorOperation::add_adjoint).
  Adjoint<Tensor> flow(int k, const Adjoint<Tensor>& adjoint) const;

 private:
  Adjoint<Tensor> elementwise_flow(int k, const Adjoint<Tensor>& adjoint) const;
  Adjoint<Tensor> structural_flow(int k, const Adjoint<Tensor>& adjoint) const;

  TensorNode node_;
  Tensor result_;
  std::vector<NodeOperand> operands_;
  std::vector<Tensor> x_;
};

/// A contribution to one element of a tensor.
struct ElementFlow {
  std::int64_t position;  ///< in row-major order
  Var value;
};
/// The adjoint of a tensor like `like` in which only these elements are reached; contributions to
/// the same element are added. Cost: linear in the size of the tensor and the number of
/// contributions.
Adjoint<Tensor> placed_elements(std::span<const ElementFlow> flows, const Array& like);

}  // namespace chainrule::detail
