// The steps of the recorded sweep at tensor nodes.
#pragma once

#include <span>
#include <vector>

#include "autodiff/graph/node.hpp"
#include "autodiff/graph/tensor_adjoint.hpp"

namespace chainrule {

/// A tensor node while its derivative is recorded: a copy, since recording moves the arrays of the
/// tape.
class TensorStep {
 public:
  /// Precondition: the node is a tensor.
  TensorStep(const Tape& tape, Id id);

  int arity() const { return static_cast<int>(node_.arity); }
  const NodeOperand& operand(int k) const { return operands_[static_cast<std::size_t>(k)]; }
  const TensorNode& node() const { return node_; }
  /// What flows from the node with this adjoint to its operand k, recorded, in the operand's shape;
  /// no adjoint if nothing ever does. Precondition: the operand is a tensor node, and the node no
  /// selection (TensorOperation::add_adjoint).
  Adjoint<Tensor> flow(int k, const Adjoint<Tensor>& adjoint) const;

 private:
  Adjoint<Tensor> elementwise_flow(int k, const Adjoint<Tensor>& adjoint) const;
  Adjoint<Tensor> structural_flow(int k, const Adjoint<Tensor>& adjoint) const;

  TensorNode node_;
  Tensor result_;
  std::vector<NodeOperand> operands_;
  std::vector<Tensor> x_;
};

/// What flows to one element of a tensor.
struct ElementFlow {
  std::int64_t position;  ///< in row-major order
  Var value;
};
/// The adjoint of a tensor like `like` in which these flows, and nothing else, reach elements;
/// flows to the same element are added. Cost: that of the tensor, and of the flows.
Adjoint<Tensor> placed_elements(std::span<const ElementFlow> flows, const Array& like);

}  // namespace chainrule
