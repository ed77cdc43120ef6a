#include "autodiff/structural/adjoint.hpp"
#include "autodiff/sweep/reverse.hpp"
#include "autodiff/sweep/tensor_reverse.hpp"
#include "autodiff/transform/gradient.hpp"
#include "autodiff/transform/requests.hpp"

namespace chainrule {
using namespace detail;

namespace {

/// The youngest variable with the key that is older than the output and that the output depends on.
template <class Output>
Tensor find_variable(VariableKey key, const Output& output) {
  check_output(output, "derivative");
  const Tape& tape = tape_of(output.tag(), "derivative");
  const KeyedNode* const youngest = tape.find(key, output.id() + 1);
  if (youngest == nullptr) fail_unused("derivative");
  if (tape.tensors.keyed.older(*youngest) == nullptr) return tensor_of_node(tape, youngest->id);
  return tensor_of_node(tape, id_of(gradient(output).find(key)));
}

}  // namespace

Tensor Gradient::operator[](const Tensor& x) const {
  if (x.is_constant()) fail_constant_input("gradient", x);
  check(x.tag());
  return derivative_at(x.id(), x.value());
}

Tensor Gradient::keyed_derivative(VariableKey key, const Array& like) const {
  const Tag tag = find(key);
  if (tag == 0) fail_unused("gradient");
  return derivative_at(id_of(tag), like);
}

KeyedAdjoint Gradient::keyed_adjoint(VariableKey key) const {
  const Tag tag = find(key);
  if (tag == 0) return {};
  return {true, tensor_adjoint(id_of(tag))};
}

Tensor Gradient::derivative_at(Id id, const Array& like) const {
  Array adjoint = tensor_adjoint(id);
  if (adjoint.is_null()) return Array::filled(like.dtype(), like.shape(), 0.0);
  remove_signed_zeros(adjoint);
  return adjoint;
}

Tensor detail::variable_of(VariableKey key, const Var& output) {
  return find_variable(key, output);
}
Tensor detail::variable_of(VariableKey key, const Tensor& output) {
  return find_variable(key, output);
}

Gradient gradient(std::span<const Tensor> outputs, std::span<const Tensor> seeds) {
  check_counts(outputs.size(), seeds.size(), "gradient");
  for (const Tensor& output : outputs) check_output(output, "gradient");
  const Tape& tape = tape_of(outputs[0].tag(), "gradient");
  const Id top = youngest(tape, outputs);
  Gradient result(tape, top + std::size_t{1});
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    check_seed(outputs[i], seeds[i], "gradient");
    Array seed = seeds[i].value();
    remove_signed_zeros(seed);
    add_to_tensor(tape, outputs[i].id(), seed, result.adjoints_.data(), result.tensors_);
  }
  sweep_all(tape, top, result.adjoints_.data(), result.tensors_);
  return result;
}

Gradient gradient(const Tensor& output) {
  check_output(output, "gradient");
  const Tensor seed = unit_seed(output, "gradient");
  return gradient(std::span<const Tensor>(&output, 1), std::span<const Tensor>(&seed, 1));
}

}  // namespace chainrule
