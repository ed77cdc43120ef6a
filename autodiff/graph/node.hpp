// Reading a record, node by node: what views and the recorded sweep see of it.
#pragma once

#include <array>

#include "autodiff/graph/tensor_operation.hpp"

namespace chainrule {

/// One operand of a node: another node, or a constant.
struct NodeOperand {
  bool is_constant;
  Id id;                         ///< of the node; 0 for a constant
  double value;                  ///< of either, if it is a number
  const Array* array = nullptr;  ///< of either, if it is a tensor
};

/// One node of a record, decoded. Cost of decoding: a few loads.
struct Node {
  Id id;
  const Operation* operation;  ///< on numbers, or repeated on every element; else nullptr
  double value;                ///< of a scalar node
  int arity;                   ///< 0 for a variable
  std::array<NodeOperand, max_arity> operands;  ///< the first ones; see node_operand()
  const TensorNode* tensor = nullptr;           ///< of a node that is a tensor
  const ElementNode* element = nullptr;         ///< of a scalar node that is an element of one

  bool is_variable() const { return arity == 0; }
  bool is_tensor() const { return tensor != nullptr; }
  /// How its operation is written; of a variable, nothing.
  Notation notation() const;
};

/// An operand as it stands in a record, looked up.
NodeOperand read_operand(const Tape& tape, TensorRef ref);
/// Node `id` of a tape. Precondition: id < tape.size().
Node read_node(const Tape& tape, Id id);
/// Operand k of a node, which may have more than max_arity.
NodeOperand node_operand(const Tape& tape, const Node& node, int k);
/// The Tensor that node `id` is. Precondition: it is a tensor.
Tensor tensor_of_node(const Tape& tape, Id id);

}  // namespace chainrule
