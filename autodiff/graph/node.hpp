// Reads a record node by node: each node is decoded into its operation, value and operands.
#pragma once

#include <array>

#include "autodiff/graph/tensor_operation_type.hpp"

namespace chainrule::detail {

/// One operand of a node: another node, or a constant.
struct NodeOperand {
  bool is_constant;
  Id id;                         ///< of the node; 0 for a constant
  double value;                  ///< of the node or constant, if it is a number
  const Array* array = nullptr;  ///< of the node or constant, if it is a tensor
};

/// One decoded node of a record. Cost of decoding: a few loads.
struct Node {
  Id id;
  const Operation* operation;                   ///< on numbers or elementwise; else nullptr
  double value;                                 ///< of a scalar node
  int arity;                                    ///< 0 for a variable
  std::array<NodeOperand, max_arity> operands;  ///< the first operands; see node_operand()
  const TensorNode* tensor = nullptr;           ///< of a node that is a tensor
  const ElementNode* element = nullptr;         ///< of a scalar node that is an element of one

  bool is_variable() const { return arity == 0; }
  bool is_tensor() const { return tensor != nullptr; }
  /// The notation of its operation; empty for a variable.
  Notation notation() const;
};

/// Decodes an operand of a record.
inline NodeOperand read_operand(const Tape& tape, TensorRef ref) {
  const std::uint32_t index = ref.index();
  if (ref.is_number()) return {true, 0, tape.constants[index]};
  if (!ref.is_node()) return {true, 0, {}, &tape.tensors.constants[index]};
  const Entry& entry = tape.entries[index];
  NodeOperand operand{false, index, entry.value};
  if (code_in(entry.word) == OpCode::tensor)
    operand.array = &tape.tensors.nodes[first_in(entry.word)].value;
  return operand;
}
/// Node `id` of a tape. Precondition: id < tape.size().
Node read_node(const Tape& tape, Id id);
/// Operand k of a node. Also works for nodes with more than max_arity operands.
NodeOperand node_operand(const Tape& tape, const Node& node, int k);
/// Node `id` as a Tensor. Precondition: it is a tensor.
Tensor tensor_of_node(const Tape& tape, Id id);

}  // namespace chainrule::detail
