#include "autodiff/graph/node.hpp"

#include <algorithm>
#include <cstring>

namespace chainrule::detail {
namespace {

NodeOperand operand_at(const Tape& tape, Id id) { return read_operand(tape, TensorRef::node(id)); }

/// An operand of a node with its own code, whose form says which operand is a constant.
NodeOperand coded_operand(const Tape& tape, Id index, bool is_constant) {
  return read_operand(tape, is_constant ? TensorRef::number(index) : TensorRef::node(index));
}

NodeOperand tensor_operand(const Tape& tape, const TensorNode& node, int k) {
  return read_operand(tape, tape.tensors.operands_of(node)[static_cast<std::size_t>(k)]);
}

void read_tensor(const Tape& tape, std::size_t index, Node& node) {
  const TensorNode& tensor = tape.tensors.nodes[index];
  node.tensor = &tensor;
  node.operation = tensor.scalar;
  node.arity = static_cast<int>(tensor.arity);
  for (int k = 0; k < std::min(node.arity, max_arity); ++k)
    node.operands[static_cast<std::size_t>(k)] = tensor_operand(tape, tensor, k);
}

}  // namespace

Notation Node::notation() const {
  if (operation != nullptr) return operation->notation;
  if (element != nullptr) return library_call("element");
  if (tensor != nullptr && tensor->structural != nullptr) return tensor->structural->notation;
  return {};
}

Node read_node(const Tape& tape, Id id) {
  const auto [value, word] = tape.entries[id];
  const OpCode code = code_in(word);
  Node node{id, nullptr, value, 0, {}};
  switch (code) {
    case OpCode::variable:
      return node;
    case OpCode::tensor:
      read_tensor(tape, first_in(word), node);
      return node;
    case OpCode::element:
      node.element = &tape.tensors.elements[first_in(word)];
      node.arity = 1;
      node.operands[0] = operand_at(tape, node.element->tensor);
      return node;
    case OpCode::wide: {
      const std::uint32_t* entry = tape.wide.data() + first_in(word);
      std::memcpy(&node.operation, entry, sizeof node.operation);
      node.arity = node.operation->arity;
      for (int i = 0; i < node.arity; ++i) {
        const auto ref = TensorRef::from_word(entry[2 + i]);
        node.operands[static_cast<std::size_t>(i)] = read_operand(tape, ref);
      }
      return node;
    }
    default:
      break;
  }
  node.operation = &operation(code);
  node.arity = node.operation->arity;
  const Form form_of_code = form(code);
  node.operands[0] = coded_operand(tape, first_in(word), form_of_code == Form::constant_left);
  if (node.arity == 2)
    node.operands[1] = coded_operand(tape, second_in(word), form_of_code == Form::constant_right);
  return node;
}

NodeOperand node_operand(const Tape& tape, const Node& node, int k) {
  if (k < max_arity) return node.operands[static_cast<std::size_t>(k)];
  return tensor_operand(tape, *node.tensor, k);
}

Tensor tensor_of_node(const Tape& tape, Id id) {
  return Tensor::node(tape.tensors.nodes[first_in(tape.entries[id].word)].value, tape.tag(id));
}

}  // namespace chainrule::detail
