#include "autodiff/sweep/recorded.hpp"

#include <algorithm>

#include "autodiff/graph/node.hpp"

namespace chainrule {
namespace {

bool is_number(const Var& x, double number) { return x.is_constant() && x.value() == number; }

/// x * y, without nodes for the factors 1 and -1.
Var product(const Var& x, const Var& y) {
  if (is_number(x, 1.0)) return y;
  if (is_number(y, 1.0)) return x;
  if (is_number(x, -1.0)) return -y;
  if (is_number(y, -1.0)) return -x;
  return x * y;
}

/// An adjoint in the making; absent until something reaches the node.
struct Sum {
  bool reached = false;
  Var value;

  void add(const Var& contribution) {
    value = reached ? value + contribution : contribution;
    reached = true;
  }
};

Var as_var(const Tape& tape, const NodeOperand& operand) {
  return operand.is_constant ? Var(operand.value) : Var::node(operand.value, tape.tag(operand.id));
}

/// Which nodes from `first` to `last` depend on an input.
std::vector<bool> dependent(const Tape& tape, std::span<const Var> inputs, Id first, Id last) {
  std::vector<bool> depends(last - first + std::size_t{1});
  for (const Var& input : inputs)
    if (input.id() <= last) depends[input.id() - first] = true;
  for (Id id = first; id <= last; ++id) {
    const Node node = read_node(tape, id);
    for (int k = 0; k < node.arity && !depends[id - first]; ++k) {
      const NodeOperand& operand = node.operands[static_cast<std::size_t>(k)];
      depends[id - first] =
          !operand.is_constant && operand.id >= first && depends[operand.id - first];
    }
  }
  return depends;
}

std::vector<Var> sweep(std::span<const RecordedSeed> seeds, std::span<const Var> inputs) {
  std::vector<Var> derivatives(inputs.size());
  if (seeds.empty() || inputs.empty()) return derivatives;
  const Tape& tape = *current_tape;
  Id first = inputs[0].id(), last = seeds[0].output.id();
  for (const Var& input : inputs) first = std::min(first, input.id());
  for (const RecordedSeed& seed : seeds) last = std::max(last, seed.output.id());
  if (first > last) return derivatives;

  const std::vector<bool> depends = dependent(tape, inputs, first, last);
  std::vector<Sum> adjoints(depends.size());
  for (const RecordedSeed& seed : seeds)
    if (seed.output.id() >= first && depends[seed.output.id() - first])
      adjoints[seed.output.id() - first].add(seed.weight);

  for (Id id = last + 1; id-- > first;) {
    const Sum& adjoint = adjoints[id - first];
    if (!adjoint.reached) continue;
    const Node node = read_node(tape, id);
    if (node.is_variable()) continue;
    Var x[max_arity];
    unsigned wanted = 0;
    for (int k = 0; k < node.arity; ++k) {
      const NodeOperand& operand = node.operands[static_cast<std::size_t>(k)];
      x[k] = as_var(tape, operand);
      if (!operand.is_constant && operand.id >= first && depends[operand.id - first])
        wanted |= 1u << k;
    }
    if (wanted == 0) continue;
    Flow<Var> flows[max_arity];
    node.operation->recorded_partials(x, Var::node(node.value, tape.tag(id)), wanted, flows);
    for (int k = 0; k < node.arity; ++k)
      if (flows[k].open)
        adjoints[node.operands[static_cast<std::size_t>(k)].id - first].add(
            product(adjoint.value, flows[k].partial));
  }
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (inputs[i].id() <= last) derivatives[i] = adjoints[inputs[i].id() - first].value;
  return derivatives;
}

}  // namespace

std::vector<Var> recorded_sweep(std::span<const RecordedSeed> seeds, std::span<const Var> inputs) {
  const Mark before = current_tape->mark();
  try {
    return sweep(seeds, inputs);
  } catch (...) {  // at the node limit, say: leave no half of a derivative behind
    current_tape->rewind(before);
    throw;
  }
}

}  // namespace chainrule
