#include "autodiff/sweep/recorded_tensors.hpp"

#include "autodiff/structural/operations.hpp"
#include "autodiff/sweep/recorded_partials.hpp"
#include "autodiff/values/indices.hpp"

namespace chainrule::detail {
namespace {

Tensor operand_tensor(const Tape& tape, const NodeOperand& operand, DType dtype) {
  if (!operand.is_constant && operand.array != nullptr) return tensor_of_node(tape, operand.id);
  return operand.array != nullptr ? Tensor(*operand.array)
                                  : Tensor(Array::scalar(dtype, operand.value));
}

}  // namespace

TensorStep::TensorStep(const Tape& tape, Id id) : result_(tensor_of_node(tape, id)) {
  const Node node = read_node(tape, id);
  node_ = *node.tensor;
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

}  // namespace chainrule::detail
