#include "autodiff/sweep/tensor_reverse.hpp"

#include <utility>

#include "autodiff/core/untouched.hpp"
#include "autodiff/graph/node.hpp"
#include "autodiff/kernels/elements.hpp"
#include "autodiff/structural/adjoint.hpp"
#include "autodiff/structural/operations.hpp"

namespace chainrule::detail {
namespace {

/// The entry in Adjoints for a tensor that is reached.
constexpr double reached = 1.0;

std::size_t index_of_node(const Tape& tape, Id id) { return first_in(tape.entries[id].word); }

void add(std::size_t index, Array contribution, Id id, double* adjoints, TensorAdjoints& tensors) {
  Array& sum = tensors[index];
  sum = sum.is_null() ? std::move(contribution) : add_into(std::move(sum), contribution);
  adjoints[id] = reached;
}

/// The elements of a tensor's adjoint, for adding to some of them in place.
Array& elements_to_change(const Tape& tape, std::size_t index, TensorAdjoints& tensors) {
  Array& sum = tensors[index];
  if (sum.is_null()) {
    const Array& like = tape.tensors.nodes[index].value;
    sum = Array::filled(like.dtype(), like.shape(), untouched);
  }
  if (!sum.is_unique()) sum = sum + untouched;  // makes a copy; adding `untouched` changes no value
  return sum;
}

/// Whether a partial is always 1, so that no loop is needed.
bool is_one(const Operation& operation, int k) {
  return operation.index == index_of<rules::Add> ||
         (operation.index == index_of<rules::Subtract> && k == 0);
}

void pass_elements(const Tape& tape, const TensorNode& node, const Array& adjoint, double* adjoints,
                   TensorAdjoints& tensors) {
  const Operation& rule = *node.scalar;
  const auto refs = tape.tensors.operands_of(node);
  ArrayInput x[max_arity] = {0.0, 0.0, 0.0};
  for (std::uint32_t k = 0; k < node.arity; ++k) {
    const NodeOperand operand = read_operand(tape, refs[k]);
    if (operand.array != nullptr)
      x[k] = *operand.array;
    else
      x[k] = operand.value;
  }
  for (std::uint32_t k = 0; k < node.arity; ++k) {
    if (!refs[k].is_node()) continue;
    const Id id = refs[k].index();
    const std::size_t to = index_of_node(tape, id);
    const Array& operand = *x[k].array;
    Array& sum = tensors[to];
    const auto count = static_cast<int>(node.arity);
    const auto position = static_cast<int>(k);
    const bool is_stretched = !operand.has_shape(node.value.shape());
    if (is_one(rule, position)) {
      add(to, is_stretched ? sum_to(adjoint, Shape(operand.shape())) : adjoint, id, adjoints,
          tensors);
    } else if (!is_stretched && !sum.is_null() && sum.is_unique()) {
      add_pull_back(rule, position, x, count, node.value, adjoint, sum);
    } else {
      Array flow = pull_back_elements(rule, position, x, count, node.value, adjoint);
      if (flow.is_null()) continue;
      add(to, is_stretched ? sum_to(flow, Shape(operand.shape())) : std::move(flow), id, adjoints,
          tensors);
    }
  }
}

void pass_structural(const Tape& tape, const TensorNode& node, const Adjoint<Array>& adjoint,
                     double* adjoints, TensorAdjoints& tensors) {
  ShortArray<const Array*> x(node.arity);
  const auto refs = tape.tensors.operands_of(node);
  for (std::uint32_t k = 0; k < node.arity; ++k) x[k] = read_operand(tape, refs[k]).array;
  for (std::uint32_t k = 0; k < node.arity; ++k) {
    if (!refs[k].is_node()) continue;
    const Id id = refs[k].index();
    const std::size_t to = index_of_node(tape, id);
    if (node.structural->add_adjoint != nullptr) {
      Array& sum = elements_to_change(tape, to, tensors);
      node.structural->add_adjoint(node.parameters, AdjointAccess::elements(adjoint), sum);
      adjoints[id] = reached;
      continue;
    }
    Adjoint<Array> flow =
        node.structural->adjoint(node.parameters, k, x.data(), node.arity, node.value, adjoint);
    if (flow.is_null()) continue;
    check_adjoint_type(*node.structural, k, x[k]->dtype(), flow.dtype());
    // Which elements of a variable's adjoint are reached does not matter, since it enters no
    // product, and finding it would take time.
    const bool is_variable = tape.tensors.nodes[to].arity == 0;
    Array contribution =
        is_variable ? AdjointAccess::take_numbers(flow) : std::move(AdjointAccess::elements(flow));
    if (!contribution.has_shape(x[k]->shape()))
      contribution = sum_to(contribution, Shape(x[k]->shape()));
    add(to, std::move(contribution), id, adjoints, tensors);
  }
}

/// Passes an adjoint to the scalar nodes that a tensor consists of.
void pass_to_scalars(const Tape& tape, const TensorNode& node, const Array& adjoint,
                     double* adjoints) {
  const auto refs = tape.tensors.operands_of(node);
  for (std::uint32_t k = 0; k < node.arity; ++k) {
    if (!refs[k].is_node()) continue;
    const double flow = adjoint.element(k);
    if (!is_untouched(flow)) adjoints[refs[k].index()] += contribution(flow);
  }
}

}  // namespace

void add_to_tensor(const Tape& tape, Id id, const Array& contribution, double* adjoints,
                   TensorAdjoints& tensors) {
  add(index_of_node(tape, id), contribution, id, adjoints, tensors);
}

void add_to_element(const Tape& tape, const ElementNode& element, double adjoint, double* adjoints,
                    TensorAdjoints& tensors) {
  Array& sum = elements_to_change(tape, index_of_node(tape, element.tensor), tensors);
  with_type(sum.dtype(), [&](auto zero) {
    using T = decltype(zero);
    sum.mutable_data_as<T>()[element.position] += contribution(static_cast<T>(adjoint));
  });
  adjoints[element.tensor] = reached;
}

void pass_tensor(const Tape& tape, std::size_t index, double* adjoints, TensorAdjoints& tensors) {
  const TensorNode& node = tape.tensors.nodes[index];
  Array& adjoint = tensors[index];
  if (node.scalar != nullptr)
    pass_elements(tape, node, adjoint, adjoints, tensors);
  else if (node.structural == &scalar_stack_operation())
    pass_to_scalars(tape, node, adjoint, adjoints);
  else if (node.structural != nullptr) {
    // Moved there and back, since a copy would count a handle. If a rule throws, the sweep ends and
    // its adjoints are dropped.
    Adjoint<Array> node_adjoint = AdjointAccess::from_elements(std::move(adjoint));
    pass_structural(tape, node, node_adjoint, adjoints, tensors);
    adjoint = std::move(AdjointAccess::elements(node_adjoint));
  }
}

}  // namespace chainrule::detail
