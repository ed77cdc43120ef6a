#include "autodiff/sweep/recorded.hpp"

#include <unordered_map>

#include "autodiff/graph/node.hpp"
#include "autodiff/graph/recording.hpp"
#include "autodiff/sweep/added_pieces.hpp"
#include "autodiff/sweep/paths.hpp"
#include "autodiff/sweep/recorded_partials.hpp"
#include "autodiff/sweep/recorded_tensors.hpp"

namespace chainrule::detail {
namespace {

bool is_number(const Var& x, double number) { return x.is_constant() && x.value() == number; }

/// x * y, without a node if a factor is 1 or -1.
Var product(const Var& x, const Var& y) {
  if (is_number(x, 1.0)) return y;
  if (is_number(y, 1.0)) return x;
  if (is_number(x, -1.0)) return -y;
  if (is_number(y, -1.0)) return -x;
  return x * y;
}

void add(RecordedAdjoint& sum, const Var& contribution) {
  sum.scalar = sum.is_set ? sum.scalar + contribution : contribution;
  sum.is_set = true;
}
void add(RecordedAdjoint& sum, const Adjoint<Tensor>& contribution) {
  sum.tensor = sum.is_set ? sum.tensor + contribution : contribution;
  sum.is_set = true;
}

Var as_var(const Tape& tape, const NodeOperand& operand) {
  return operand.is_constant ? Var(operand.value) : Var::node(operand.value, tape.tag(operand.id));
}

std::vector<Tag> outputs_of(std::span<const RecordedSeed> seeds) {
  std::vector<Tag> outputs;
  outputs.reserve(seeds.size());
  for (const RecordedSeed& seed : seeds) outputs.push_back(seed.output);
  return outputs;
}

/// The sweep from outputs to inputs, over the nodes on the paths between them.
class Sweep {
 public:
  Sweep(const Tape& tape, std::span<const RecordedSeed> seeds, std::span<const Tag> inputs)
      : tape_(tape), paths_(tape, inputs, outputs_of(seeds)), adjoints_(paths_.ids().size()) {
    for (const RecordedSeed& seed : seeds) {
      RecordedAdjoint* const adjoint = find(id_of(seed.output));
      if (adjoint == nullptr) continue;
      if (read_node(tape_, id_of(seed.output)).is_tensor())
        add(*adjoint, seed.weight.tensor);
      else
        add(*adjoint, seed.weight.scalar);
    }
  }

  void run() {
    for (std::size_t index = adjoints_.size(); index-- > 0;) {
      const Id id = paths_.ids()[index];
      if (!elements_.empty()) add_elements(id, adjoints_[index]);
      if (!pieces_.empty()) add_pieces(id, adjoints_[index]);
      if (!adjoints_[index].is_set) continue;
      const Node node = read_node(tape_, id);
      if (node.element != nullptr)
        pass_element(node, adjoints_[index].scalar);
      else if (!node.is_tensor())
        pass_scalar(node, adjoints_[index].scalar);
      else if (!node.is_variable())
        pass_tensor(id, adjoints_[index].tensor);
    }
  }

  /// The adjoint of a node; not set if no path leads from the node to an output.
  RecordedAdjoint result(Id id) {
    const RecordedAdjoint* const adjoint = find(id);
    return adjoint != nullptr ? *adjoint : RecordedAdjoint();
  }

 private:
  RecordedAdjoint* find(Id id) {
    const std::size_t index = paths_.find(id);
    return index == Paths::none ? nullptr : &adjoints_[index];
  }
  RecordedAdjoint* find(const NodeOperand& operand) {
    return operand.is_constant ? nullptr : find(operand.id);
  }

  void pass_scalar(const Node& node, const Var& adjoint) {
    Var x[max_arity];
    RecordedAdjoint* to[max_arity] = {};
    unsigned wanted = 0;
    for (int k = 0; k < node.arity; ++k) {
      const NodeOperand operand = node_operand(tape_, node, k);
      x[k] = as_var(tape_, operand);
      to[k] = find(operand);
      if (to[k] != nullptr) wanted |= 1u << k;
    }
    if (wanted == 0) return;
    Flow<Var> flows[max_arity];
    recorded_partials(*node.operation, x, Var::node(node.value, tape_.tag(node.id)), wanted, flows);
    for (int k = 0; k < node.arity; ++k)
      if (flows[k].open) add(*to[k], product(adjoint, flows[k].partial));
  }

  void pass_tensor(Id id, const Adjoint<Tensor>& adjoint) {
    const TensorStep step(tape_, id);
    const TensorOperation* const structural = step.node().structural;
    for (int k = 0; k < step.arity(); ++k) {
      const NodeOperand& operand = step.operand(k);
      RecordedAdjoint* const to = find(operand);
      if (to == nullptr) continue;
      if (structural == &scalar_stack_operation())
        pass_to_scalars(k, adjoint, *to);
      else if (structural != nullptr && structural->add_adjoint != nullptr)
        pieces_[operand.id].push_back({structural, step.node().parameters, adjoint});
      else if (const Adjoint<Tensor> flow = step.flow(k, adjoint); !flow.is_null())
        add(*to, flow);
    }
  }

  /// Passes an adjoint to the scalar node that is element k of a tensor.
  void pass_to_scalars(int k, const Adjoint<Tensor>& adjoint, RecordedAdjoint& to) {
    if (adjoint.is_partial() && adjoint.reached().element(k) == 0.0) return;
    const Tensor& numbers = adjoint.numbers();
    add(to, numbers.rank() == 0 ? numbers.element({}) : numbers.element({k}));
  }

  void pass_element(const Node& node, const Var& adjoint) {
    const NodeOperand operand = node.operands[0];
    if (find(operand) != nullptr)
      elements_[operand.id].push_back({node.element->position, adjoint});
  }

  // Contributions to single elements and to selections of a tensor come from younger nodes, so they
  // are complete now. They are added with one node for each kind.

  void add_elements(Id id, RecordedAdjoint& to) {
    const auto found = elements_.find(id);
    if (found == elements_.end()) return;
    const Array value = read_node(tape_, id).tensor->value;  // a copy: recording may move the node
    add(to, placed_elements(found->second, value));
    elements_.erase(found);
  }
  void add_pieces(Id id, RecordedAdjoint& to) {
    const auto found = pieces_.find(id);
    if (found == pieces_.end()) return;
    const Array value = read_node(tape_, id).tensor->value;
    add(to, added_pieces(found->second, value));
    pieces_.erase(found);
  }

  const Tape& tape_;
  Paths paths_;
  std::vector<RecordedAdjoint> adjoints_;                      // of the nodes on the paths
  std::unordered_map<Id, std::vector<ElementFlow>> elements_;  // by tensor
  std::unordered_map<Id, std::vector<PieceFlow>> pieces_;      // by tensor
};

}  // namespace

std::vector<RecordedAdjoint> recorded_sweep(std::span<const RecordedSeed> seeds,
                                            std::span<const Tag> inputs) {
  return all_or_nothing([&] {
    Sweep sweep(*current_tape, seeds, inputs);
    sweep.run();
    std::vector<RecordedAdjoint> derivatives;
    derivatives.reserve(inputs.size());
    for (const Tag input : inputs) derivatives.push_back(sweep.result(id_of(input)));
    return derivatives;
  });
}

}  // namespace chainrule::detail
