#include "autodiff/sweep/recorded.hpp"

#include <algorithm>
#include <unordered_map>

#include "autodiff/graph/node.hpp"
#include "autodiff/structural/operations.hpp"
#include "autodiff/sweep/recorded_partials.hpp"
#include "autodiff/sweep/recorded_tensors.hpp"

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

void add(RecordedValue& sum, const Var& contribution) {
  sum.scalar = sum.is_set ? sum.scalar + contribution : contribution;
  sum.is_set = true;
}
void add(RecordedValue& sum, const Tensor& contribution) {
  sum.tensor = sum.is_set ? sum.tensor + contribution : contribution;
  sum.is_set = true;
}

Var as_var(const Tape& tape, const NodeOperand& operand) {
  return operand.is_constant ? Var(operand.value) : Var::node(operand.value, tape.tag(operand.id));
}

/// The walk from outputs to inputs, over the stretch of nodes between them.
class Sweep {
 public:
  Sweep(const Tape& tape, std::span<const Tag> inputs, Id first, Id last)
      : tape_(tape), first_(first), last_(last), depends_(last - first + std::size_t{1}) {
    for (const Tag input : inputs)
      if (id_of(input) <= last) depends_[id_of(input) - first] = true;
    for (Id id = first; id <= last; ++id) {
      const Node node = read_node(tape, id);
      for (int k = 0; k < node.arity && !depends_[id - first]; ++k)
        depends_[id - first] = is_wanted(node_operand(tape, node, k));
    }
    adjoints_.resize(depends_.size());
  }

  void seed(const RecordedSeed& seed) {
    const Id id = id_of(seed.output);
    if (id < first_ || !depends_[id - first_]) return;
    if (read_node(tape_, id).is_tensor())
      add(at(id), seed.weight.tensor);
    else
      add(at(id), seed.weight.scalar);
  }

  void run() {
    for (Id id = last_ + 1; id-- > first_;) {
      if (!elements_.empty()) add_elements(id);
      if (!at(id).is_set) continue;
      const RecordedValue adjoint = at(id);
      const Node node = read_node(tape_, id);
      if (node.element != nullptr)
        pass_element(node, adjoint.scalar);
      else if (!node.is_tensor())
        pass_scalar(node, adjoint.scalar);
      else if (node.tensor->structural == &gathering_operation())
        pass_gathered(id, node.arity, adjoint.tensor);
      else
        pass_tensor(id, node.arity, adjoint.tensor);
    }
  }

  RecordedValue result(Id id) const {
    return id <= last_ ? adjoints_[id - first_] : RecordedValue();
  }

 private:
  RecordedValue& at(Id id) { return adjoints_[id - first_]; }
  bool is_wanted(const NodeOperand& operand) const {
    return !operand.is_constant && operand.id >= first_ && depends_[operand.id - first_];
  }

  void pass_scalar(const Node& node, const Var& adjoint) {
    Var x[max_arity];
    unsigned wanted = 0;
    for (int k = 0; k < node.arity; ++k) {
      const NodeOperand operand = node_operand(tape_, node, k);
      x[k] = as_var(tape_, operand);
      if (is_wanted(operand)) wanted |= 1u << k;
    }
    if (wanted == 0) return;
    Flow<Var> flows[max_arity];
    recorded_partials(*node.operation, x, Var::node(node.value, tape_.tag(node.id)), wanted, flows);
    for (int k = 0; k < node.arity; ++k)
      if (flows[k].open)
        add(at(node_operand(tape_, node, k).id), product(adjoint, flows[k].partial));
  }

  // A node is read anew for each operand: recording moves what it points to.
  void pass_tensor(Id id, int arity, const Tensor& adjoint) {
    for (int k = 0; k < arity; ++k) {
      const Node node = read_node(tape_, id);
      const NodeOperand operand = node_operand(tape_, node, k);
      if (!is_wanted(operand)) continue;
      const Tensor flow = recorded_flow(tape_, node, k, adjoint);
      if (!flow.value().is_null()) add(at(operand.id), flow);
    }
  }

  void pass_element(const Node& node, const Var& adjoint) {
    const NodeOperand operand = node.operands[0];
    if (is_wanted(operand)) elements_[operand.id].push_back({node.element->position, adjoint});
  }

  /// What has flowed to the elements of a tensor, when its turn comes: they are younger than it is.
  void add_elements(Id id) {
    const auto found = elements_.find(id);
    if (found == elements_.end()) return;
    const Array value = read_node(tape_, id).tensor->value;  // recording moves the node
    add(at(id), placed_elements(found->second, value));
    elements_.erase(found);
  }

  void pass_gathered(Id id, int arity, const Tensor& adjoint) {
    for (int k = 0; k < arity; ++k) {
      const NodeOperand operand = node_operand(tape_, read_node(tape_, id), k);
      if (!is_wanted(operand)) continue;
      const bool is_scalar = adjoint.rank() == 0;
      add(at(operand.id), is_scalar ? adjoint.element({}) : adjoint.element({k}));
    }
  }

  const Tape& tape_;
  Id first_, last_;
  std::vector<bool> depends_;
  std::vector<RecordedValue> adjoints_;
  std::unordered_map<Id, std::vector<ElementFlow>> elements_;  // by the tensor that they are of
};

std::vector<RecordedValue> sweep(std::span<const RecordedSeed> seeds, std::span<const Tag> inputs) {
  std::vector<RecordedValue> derivatives(inputs.size());
  if (seeds.empty() || inputs.empty()) return derivatives;
  Id first = id_of(inputs[0]), last = id_of(seeds[0].output);
  for (const Tag input : inputs) first = std::min(first, id_of(input));
  for (const RecordedSeed& seed : seeds) last = std::max(last, id_of(seed.output));
  if (first > last) return derivatives;

  Sweep sweep(*current_tape, inputs, first, last);
  for (const RecordedSeed& seed : seeds) sweep.seed(seed);
  sweep.run();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    derivatives[i] = sweep.result(id_of(inputs[i]));
    if (!derivatives[i].tensor.value().is_null())
      derivatives[i].tensor = without_untouched(derivatives[i].tensor);
  }
  return derivatives;
}

}  // namespace

std::vector<RecordedValue> recorded_sweep(std::span<const RecordedSeed> seeds,
                                          std::span<const Tag> inputs) {
  const Mark before = current_tape->mark();
  try {
    return sweep(seeds, inputs);
  } catch (...) {  // at the node limit, say: leave no half of a derivative behind
    current_tape->rewind(before);
    throw;
  }
}

}  // namespace chainrule
