#include "autodiff/sweep/recorded_tensors.hpp"

#include "autodiff/kernels/walk.hpp"
#include "autodiff/structural/operations.hpp"
#include "autodiff/sweep/recorded_partials.hpp"
#include "autodiff/sweep/reverse.hpp"
#include "autodiff/values/indices.hpp"

namespace chainrule {
namespace {

Tensor operand_tensor(const Tape& tape, const NodeOperand& operand, DType dtype) {
  if (!operand.is_constant) return tensor_of_node(tape, operand.id);
  return operand.array != nullptr ? Tensor(*operand.array)
                                  : Tensor(Array::scalar(dtype, operand.value));
}

/// The adjoint times the partial. Not by the word *: 0 times a negative partial would be -0.0
/// there, which says that nothing has reached it, and an untouched element times an infinite one
/// NaN.
Tensor times(const Tensor& adjoint, const Flow<Tensor>& partial) {
  if (!partial.partial.value().is_null()) return flow(adjoint, partial.partial);
  if (partial.number == 1.0) return adjoint;
  return flow(adjoint, Tensor(Array::scalar(adjoint.dtype(), partial.number)));
}

Tensor elementwise_flow(const Tape& tape, const Node& node, int k, const Tensor& adjoint) {
  Tensor x[max_arity];
  const DType dtype = node.tensor->value.dtype();
  for (int j = 0; j < node.arity; ++j)
    x[j] = operand_tensor(tape, node_operand(tape, node, j), dtype);
  Flow<Tensor> flows[max_arity];
  recorded_partials(*node.operation, x, tensor_of_node(tape, node.id), 1u << k, flows);
  const Flow<Tensor>& flow = flows[k];
  if (!flow.open) return {};
  const Tensor product = times(adjoint, flow);
  return flow.mask.is_null() ? product : Interpreter<Tensor>::choose(flow.mask, product, untouched);
}

Tensor structural_flow(const Tape& tape, const Node& node, int k, const Tensor& adjoint) {
  const DType dtype = node.tensor->value.dtype();
  std::vector<Tensor> operands;
  std::vector<const Tensor*> x;
  const auto arity = static_cast<std::size_t>(node.arity);
  operands.reserve(arity);
  x.reserve(arity);
  for (int j = 0; j < node.arity; ++j)
    operands.push_back(operand_tensor(tape, node_operand(tape, node, j), dtype));
  for (const Tensor& operand : operands) x.push_back(&operand);
  return node.tensor->structural->recorded_adjoint(node.tensor->parameters,
                                                   static_cast<std::size_t>(k), x.data(), x.size(),
                                                   tensor_of_node(tape, node.id), adjoint);
}

}  // namespace

Tensor recorded_flow(const Tape& tape, const Node& node, int k, const Tensor& adjoint) {
  // A copy: recording moves the arrays that the node points into.
  const TensorNode kept = *node.tensor;
  const Shape shape(node_operand(tape, node, k).array->shape());
  Node own = node;
  own.tensor = &kept;
  const Tensor flow = own.operation != nullptr ? elementwise_flow(tape, own, k, adjoint)
                                               : structural_flow(tape, own, k, adjoint);
  if (flow.value().is_null()) return flow;
  return flow.value().has_shape(shape) ? flow : sum_to(flow, shape);
}

Tensor placed_elements(std::span<const ElementFlow> flows, const Array& like) {
  std::vector<Var> values;
  std::vector<std::int64_t> positions;
  for (const ElementFlow& flow : flows) {
    values.push_back(flow.value);
    positions.push_back(flow.position);
  }
  const rules::IndexAdd::Parameters places{
      0, std::make_shared<const Indices>(std::span<const std::int64_t>(positions)),
      Shape{like.size()}, untouched};
  return reshape(apply<rules::IndexAdd>(places, stack(values, like.dtype())), Shape(like.shape()));
}

Tensor without_untouched(const Tensor& x) {
  return reached_mask(x.value()).is_null() ? x : x + 0.0;
}

}  // namespace chainrule
