#include "autodiff/graph/node.hpp"

#include <cstring>

namespace chainrule {
namespace {

NodeOperand resolve(const Tape& tape, OperandRef ref, bool is_constant) {
  if (is_constant) return {true, 0, tape.constants[ref & ~constant_bit]};
  return {false, ref, tape.values[ref]};
}

}  // namespace

Node read_node(const Tape& tape, Id id) {
  const OpCode code = tape.codes[id];
  const std::uint64_t stored = tape.operands[id];
  Node node{id, nullptr, tape.values[id], 0, {}};
  if (code == OpCode::variable) return node;
  if (code == OpCode::wide) {
    const std::uint32_t* entry = tape.wide.data() + stored;
    std::memcpy(&node.operation, entry, sizeof node.operation);
    node.arity = node.operation->arity;
    for (int i = 0; i < node.arity; ++i) {
      const OperandRef ref = entry[2 + i];
      node.operands[static_cast<std::size_t>(i)] = resolve(tape, ref, (ref & constant_bit) != 0);
    }
    return node;
  }
  node.operation = &operation(code);
  node.arity = node.operation->arity;
  const Form form_of_code = form(code);
  node.operands[0] = resolve(tape, id_of(stored), form_of_code == Form::constant_left);
  if (node.arity == 2)
    node.operands[1] = resolve(tape, static_cast<OperandRef>(stored >> 32),
                               form_of_code == Form::constant_right);
  return node;
}

}  // namespace chainrule
