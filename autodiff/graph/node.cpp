#include "autodiff/graph/node.hpp"

#include <cstring>

namespace chainrule {
namespace {

NodeOperand resolve(const Tape& tape, std::uint32_t index, bool is_constant) {
  if (is_constant) return {true, 0, tape.constants[index]};
  return {false, index, tape.entries[index].value};
}

}  // namespace

Node read_node(const Tape& tape, Id id) {
  const auto [value, word] = tape.entries[id];
  const OpCode code = code_in(word);
  Node node{id, nullptr, value, 0, {}};
  if (code == OpCode::variable) return node;
  if (code == OpCode::wide) {
    const std::uint32_t* entry = tape.wide.data() + first_in(word);
    std::memcpy(&node.operation, entry, sizeof node.operation);
    node.arity = node.operation->arity;
    for (int i = 0; i < node.arity; ++i) {
      const std::uint32_t ref = entry[2 + i];
      node.operands[static_cast<std::size_t>(i)] =
          resolve(tape, ref & ~constant_bit, (ref & constant_bit) != 0);
    }
    return node;
  }
  node.operation = &operation(code);
  node.arity = node.operation->arity;
  const Form form_of_code = form(code);
  node.operands[0] = resolve(tape, first_in(word), form_of_code == Form::constant_left);
  if (node.arity == 2)
    node.operands[1] = resolve(tape, second_in(word), form_of_code == Form::constant_right);
  return node;
}

}  // namespace chainrule
