#include "autodiff/sweep/recorded_tensors.hpp"

#include <span>
#include <unordered_map>
#include <vector>

#include "autodiff/structural/operations.hpp"
#include "autodiff/sweep/added_pieces.hpp"
#include "autodiff/sweep/recorded_partials.hpp"
#include "autodiff/values/indices.hpp"

namespace chainrule::detail {
namespace {

Tensor operand_tensor(const Tape& tape, const NodeOperand& operand, DType dtype) {
  if (!operand.is_constant && operand.array != nullptr) return tensor_of_node(tape, operand.id);
  return operand.array != nullptr ? Tensor(*operand.array)
                                  : Tensor(Array::scalar(dtype, operand.value));
}

/// A copy of a tensor node whose derivative is being recorded; recording may move the arrays of the
/// tape.
class TensorStep {
 public:
  /// Precondition: the node is a tensor.
  TensorStep(const Tape& tape, const Node& node);

  int arity() const { return static_cast<int>(node_.arity); }
  const NodeOperand& operand(int k) const { return operands_[static_cast<std::size_t>(k)]; }
  const TensorNode& node() const { return node_; }
  /// The contribution to operand k from a node with this adjoint, recorded, in the operand's shape;
  /// null if its derivative is always a structural zero. Preconditions: the operand is a tensor
  /// node, and the node is not a selection (TensorOperation::add_adjoint).
  Adjoint<Tensor> flow(int k, const Adjoint<Tensor>& adjoint) const;

 private:
  Adjoint<Tensor> elementwise_flow(int k, const Adjoint<Tensor>& adjoint) const;
  Adjoint<Tensor> structural_flow(int k, const Adjoint<Tensor>& adjoint) const;

  TensorNode node_;
  Tensor result_;
  std::vector<NodeOperand> operands_;
  std::vector<Tensor> x_;
};

TensorStep::TensorStep(const Tape& tape, const Node& node)
    : node_(*node.tensor), result_(tensor_of_node(tape, node.id)) {
  operands_.reserve(node_.arity);
  x_.reserve(node_.arity);
  for (int k = 0; k < node.arity; ++k) {
    operands_.push_back(node_operand(tape, node, k));
    x_.push_back(operand_tensor(tape, operands_.back(), node_.value.dtype()));
  }
}

Adjoint<Tensor> TensorStep::elementwise_flow(int k, const Adjoint<Tensor>& adjoint) const {
  Flow<Tensor> flows[max_arity];
  recorded_partials(*node_.scalar, x_.data(), result_, 1u << k, flows);
  const Flow<Tensor>& flow = flows[k];
  if (!flow.open) return {};
  const Adjoint<Tensor> product =
      flow.partial.value().is_null() ? adjoint * flow.number : adjoint * flow.partial;
  return flow.mask.is_null() ? product : product.only_where(flow.mask);
}

Adjoint<Tensor> TensorStep::structural_flow(int k, const Adjoint<Tensor>& adjoint) const {
  std::vector<const Tensor*> x;
  x.reserve(x_.size());
  for (const Tensor& operand : x_) x.push_back(&operand);
  const auto place = static_cast<std::size_t>(k);
  Adjoint<Tensor> flow = node_.structural->recorded_adjoint(node_.parameters, place, x.data(),
                                                            x.size(), result_, adjoint);
  if (!flow.is_null())
    check_adjoint_type(*node_.structural, place, x[place]->dtype(), flow.dtype());
  return flow;
}

Adjoint<Tensor> TensorStep::flow(int k, const Adjoint<Tensor>& adjoint) const {
  Adjoint<Tensor> flow =
      node_.scalar != nullptr ? elementwise_flow(k, adjoint) : structural_flow(k, adjoint);
  if (flow.is_null()) return flow;
  const Array& operand = x_[static_cast<std::size_t>(k)].value();
  return flow.has_shape(operand.shape()) ? flow : sum_to(flow, Shape(operand.shape()));
}

/// A contribution to one element of a tensor.
struct ElementFlow {
  std::int64_t position;  ///< in row-major order
  Var value;
};

/// The adjoint of a tensor like `like` in which only these elements are reached; contributions to
/// the same element are added. Cost: linear in the size of the tensor and the number of
/// contributions.
Adjoint<Tensor> placed_elements(std::span<const ElementFlow> flows, const Array& like) {
  std::vector<Var> values;
  std::vector<std::int64_t> positions;
  for (const ElementFlow& flow : flows) {
    values.push_back(flow.value);
    positions.push_back(flow.position);
  }
  const rules::IndexAdd::Parameters parameters{
      0, share(Indices(std::span<const std::int64_t>(positions))), Shape{like.size()}};
  const Adjoint<Tensor> reached(stack(values, like.dtype()));
  return reshape(apply<rules::IndexAdd>(parameters, reached), Shape(like.shape()));
}

class TensorSweep final : public RecordedTensors {
 public:
  explicit TensorSweep(RecordedAdjoints& adjoints) : adjoints_(adjoints) {}

  void add(RecordedAdjoint& sum, const Adjoint<Tensor>& contribution) override {
    sum.tensor = sum.is_set ? sum.tensor + contribution : contribution;
    sum.is_set = true;
  }

  void add_collected(Id id, RecordedAdjoint& sum) override {
    // Called for every node; usually there is nothing to look up.
    if (!elements_.empty()) add_elements(id, sum);
    if (!pieces_.empty()) add_pieces(id, sum);
  }

  void pass(const Node& node, const RecordedAdjoint& adjoint) override {
    if (node.element != nullptr)
      pass_element(node, adjoint.scalar);
    else if (!node.is_variable())
      pass_tensor(node, adjoint.tensor);
  }

 private:
  void add_elements(Id id, RecordedAdjoint& sum) {
    const auto found = elements_.find(id);
    if (found == elements_.end()) return;
    add(sum, placed_elements(found->second, value_of(id)));
    elements_.erase(found);
  }
  void add_pieces(Id id, RecordedAdjoint& sum) {
    const auto found = pieces_.find(id);
    if (found == pieces_.end()) return;
    add(sum, added_pieces(found->second, value_of(id)));
    pieces_.erase(found);
  }

  void pass_element(const Node& node, const Var& adjoint) {
    const NodeOperand operand = node.operands[0];
    if (adjoints_.find(operand) != nullptr)
      elements_[operand.id].push_back({node.element->position, adjoint});
  }

  void pass_tensor(const Node& node, const Adjoint<Tensor>& adjoint) {
    const TensorStep step(adjoints_.tape(), node);
    const TensorOperation* const structural = step.node().structural;
    for (int k = 0; k < step.arity(); ++k) {
      const NodeOperand& operand = step.operand(k);
      RecordedAdjoint* const to = adjoints_.find(operand);
      if (to == nullptr) continue;
      if (structural == &scalar_stack_operation())
        pass_to_scalar(k, adjoint, *to);
      else if (structural != nullptr && structural->add_adjoint != nullptr)
        pieces_[operand.id].push_back({structural, step.node().parameters, adjoint});
      else if (const Adjoint<Tensor> flow = step.flow(k, adjoint); !flow.is_null())
        add(*to, flow);
    }
  }

  /// Passes an adjoint to the scalar node that is element k of a tensor.
  static void pass_to_scalar(int k, const Adjoint<Tensor>& adjoint, RecordedAdjoint& to) {
    if (adjoint.is_partial() && adjoint.reached().element(k) == 0.0) return;
    const Tensor& numbers = adjoint.numbers();
    to.add(numbers.rank() == 0 ? numbers.element({}) : numbers.element({k}));
  }

  /// A copy: recording may move the node.
  Array value_of(Id id) const { return read_node(adjoints_.tape(), id).tensor->value; }

  RecordedAdjoints& adjoints_;
  // Contributions to single elements and to selections of a tensor, by its id. They are added with
  // one node for each kind.
  std::unordered_map<Id, std::vector<ElementFlow>> elements_;
  std::unordered_map<Id, std::vector<PieceFlow>> pieces_;
};

}  // namespace

std::unique_ptr<RecordedTensors> begin_recorded_tensors(RecordedAdjoints& adjoints) {
  return std::make_unique<TensorSweep>(adjoints);
}

}  // namespace chainrule::detail
