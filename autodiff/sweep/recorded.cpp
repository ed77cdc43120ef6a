#include "autodiff/sweep/recorded.hpp"

#include <memory>

#include "autodiff/graph/recording.hpp"
#include "autodiff/sweep/recorded_partials.hpp"
#include "autodiff/sweep/tensor_passes.hpp"

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
      : adjoints_(tape, inputs, outputs_of(seeds)) {
    if (tape.tensors.passes != nullptr) tensors_ = tape.tensors.passes->begin_recorded(adjoints_);
    for (const RecordedSeed& seed : seeds) {
      RecordedAdjoint* const adjoint = adjoints_.find(id_of(seed.output));
      if (adjoint == nullptr) continue;
      if (read_node(tape, id_of(seed.output)).is_tensor())
        tensors_->add(*adjoint, seed.weight.tensor);
      else
        adjoint->add(seed.weight.scalar);
    }
  }

  void run() {
    for (std::size_t i = adjoints_.size(); i-- > 0;) {
      RecordedAdjoint& adjoint = adjoints_[i];
      if (tensors_ != nullptr) tensors_->add_collected(adjoints_.id(i), adjoint);
      if (!adjoint.is_set) continue;
      const Node node = read_node(adjoints_.tape(), adjoints_.id(i));
      if (node.is_tensor() || node.element != nullptr)
        tensors_->pass(node, adjoint);
      else
        pass_scalar(node, adjoint.scalar);
    }
  }

  /// The adjoint of a node; not set if no path leads from the node to an output.
  RecordedAdjoint result(Id id) {
    const RecordedAdjoint* const adjoint = adjoints_.find(id);
    return adjoint != nullptr ? *adjoint : RecordedAdjoint();
  }

 private:
  void pass_scalar(const Node& node, const Var& adjoint) {
    const Tape& tape = adjoints_.tape();
    Var x[max_arity];
    RecordedAdjoint* to[max_arity] = {};
    unsigned wanted = 0;
    for (int k = 0; k < node.arity; ++k) {
      const NodeOperand operand = node_operand(tape, node, k);
      x[k] = as_var(tape, operand);
      to[k] = adjoints_.find(operand);
      if (to[k] != nullptr) wanted |= 1u << k;
    }
    if (wanted == 0) return;
    Flow<Var> flows[max_arity];
    recorded_partials(*node.operation, x, Var::node(node.value, tape.tag(node.id)), wanted, flows);
    for (int k = 0; k < node.arity; ++k)
      if (flows[k].open) to[k]->add(product(adjoint, flows[k].partial));
  }

  RecordedAdjoints adjoints_;
  std::unique_ptr<RecordedTensors> tensors_;  // set if the tape has tensor nodes
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
