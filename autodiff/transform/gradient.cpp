#include "autodiff/transform/gradient.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "autodiff/core/error.hpp"
#include "autodiff/graph/node.hpp"
#include "autodiff/structural/arrangement.hpp"
#include "autodiff/structural/reduction.hpp"
#include "autodiff/sweep/reverse.hpp"
#include "autodiff/values/pool.hpp"

namespace chainrule {
using namespace detail;

namespace {

[[noreturn]] void fail_constant_output(const std::string& what, const char* operation) {
  throw GraphError(fmt::format(
      "{}: the output is the constant {} and depends on no variable. Compute it from variable()s "
      "while their graph is recording; a conversion to a plain number ends the recording.",
      operation, what));
}
void check_output(const Var& output, const char* operation) {
  if (output.is_constant()) fail_constant_output(fmt::format("{}", output.value()), operation);
}
void check_output(const Tensor& output, const char* operation) {
  if (output.is_constant())
    fail_constant_output("of shape " + text_of(detail::shape_of(output, operation)), operation);
}

void check_counts(std::size_t outputs, std::size_t seeds, const char* operation) {
  if (outputs == 0) throw GraphError(fmt::format("{}: there is no output", operation));
  if (outputs != seeds)
    throw GraphError(
        fmt::format("{}: {} outputs need as many seeds, not {}", operation, outputs, seeds));
}

void check_seed(const Tensor& output, const Tensor& seed, const char* operation) {
  if (seed.value().is_null()) detail::throw_unassigned(operation);
  if (!seed.value().has_shape(output.value().shape()))
    throw ShapeError(fmt::format("{}: the seed of an output of shape {} has shape {}", operation,
                                 text_of(output.shape()), text_of(seed.shape())));
  if (seed.dtype() != output.dtype())
    throw DTypeError(fmt::format("{}: the seed of a {} output is {}", operation,
                                 name_of(output.dtype()), name_of(seed.dtype())));
}

/// The seed of an output of one element.
Tensor unit_seed(const Tensor& output, const char* operation) {
  if (output.value().is_null()) detail::throw_unassigned(operation);
  if (output.size() != 1)
    throw ShapeError(fmt::format(
        "{}: the output has shape {}, not one element. Reduce it with sum() or mean(), or give a "
        "seed for each element.",
        operation, text_of(output.shape())));
  return Array::filled(output.dtype(), output.value().shape(), 1.0);
}

/// Derivatives are recorded into the innermost graph, so operands must belong to it.
void check_innermost(Tag tag, const char* operation) {
  if (&tape_of(tag, operation) != current_tape)
    throw GraphError(fmt::format(
        "{}: the Var belongs to an enclosing graph; a derivative is recorded into the innermost "
        "one. Call it before the inner graph begins or after it ends.",
        operation));
}

[[noreturn]] void fail_unused(const char* operation) {
  throw GraphError(fmt::format(
      "{}: asked for the derivative with respect to a parameter that was no variable of the "
      "output's graph when the output was computed: it was not used, or frozen.",
      operation));
}

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

[[noreturn]] void fail_constant_input(const char* operation, const std::string& constant) {
  throw GraphError(fmt::format(
      "{}: asked for the derivative with respect to {}. Make it a variable() to differentiate "
      "by it.",
      operation, constant));
}
std::string constant_of_shape(const Shape& shape) {
  return fmt::format("a constant of shape {}", text_of(shape));
}

/// The id of the youngest output. Throws GraphError unless the tape owns every output.
template <class T>
Id youngest(const Tape& tape, std::span<const T> outputs) {
  Id top = 0;
  for (const T& output : outputs) {
    if (!tape.owns(output.tag()))
      throw GraphError("gradient: the outputs are of different graphs, or of one that is gone");
    top = std::max(top, output.id());
  }
  return top;
}

}  // namespace

Gradient::Gradient(const Tape& tape, std::size_t size)
    : adjoints_(size),
      tensors_(tape),
      keyed_(tape.tensors.keyed, static_cast<Id>(size)),
      epoch_(tape.epochs().front()),
      later_epochs_(tape.epochs().begin() + 1, tape.epochs().end()) {}

void Gradient::check(const Var& x) const {
  if (x.is_constant()) fail_constant_input("gradient", fmt::format("the constant {}", x.value()));
  check(x.tag());
}

std::uint32_t Gradient::generation_at(Id id) const {
  const Tape::Epoch* epoch = &epoch_;
  for (const Tape::Epoch& later : later_epochs_)
    if (later.first <= id) epoch = &later;
  return epoch->generation;
}

const Tape* Gradient::tape() const {
  return detail::find_tape([&](const Tape& tape) {
    return !tape.is_stopped() && tape.epochs().front().generation == epoch_.generation;
  });
}

bool Gradient::covers(Tag tag) const { return generation_at(id_of(tag)) == generation_of(tag); }

Tag Gradient::find(VariableKey key) const {
  Tag youngest = 0;
  for (const KeyedNode* node = keyed_.find(key); node != nullptr; node = keyed_.older(*node)) {
    const Tag tag = make_tag(generation_at(node->id), node->id);
    if (reaches(node->id)) return tag;
    if (youngest == 0) youngest = tag;
  }
  return youngest;
}

void Gradient::check(Tag tag) const {
  if (!covers(tag))
    throw GraphError(
        "gradient: asked for the derivative with respect to something that is not of the output's "
        "graph, or was made in it after a clear() or rewind().");
}

Tensor Gradient::operator[](const Tensor& x) const {
  if (x.is_constant())
    fail_constant_input("gradient", constant_of_shape(detail::shape_of(x, "gradient")));
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

Array Gradient::tensor_adjoint(Id id) const {
  const Array* const adjoint = tensors_.find(id);
  return adjoint != nullptr ? *adjoint : Array();
}

Tensor detail::variable_of(VariableKey key, const Var& output) {
  return find_variable(key, output);
}
Tensor detail::variable_of(VariableKey key, const Tensor& output) {
  return find_variable(key, output);
}

Gradient gradient(const Var& output) {
  check_output(output, "gradient");
  const Tape& tape = tape_of(output.tag(), "gradient");
  Gradient result(tape, output.id() + std::size_t{1});
  result.adjoints_[output.id()] = 1.0;
  sweep_all(tape, output.id(), result.adjoints_.data(), result.tensors_);
  return result;
}

Gradient gradient(std::span<const Var> outputs, std::span<const double> seeds) {
  check_counts(outputs.size(), seeds.size(), "gradient");
  for (const Var& output : outputs) check_output(output, "gradient");
  const Tape& tape = tape_of(outputs[0].tag(), "gradient");
  const Id top = youngest(tape, outputs);
  Gradient result(tape, top + std::size_t{1});
  for (std::size_t i = 0; i < outputs.size(); ++i)
    result.adjoints_[outputs[i].id()] += contribution(seeds[i]);
  sweep_all(tape, top, result.adjoints_.data(), result.tensors_);
  return result;
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

// ---- Recorded derivatives -----------------------------------------------------------------------

namespace {

void check_input(const Var& x) {
  if (x.is_constant()) fail_constant_input("derivative", fmt::format("the constant {}", x.value()));
  check_innermost(x.tag(), "derivative");
}
void check_input(const Tensor& x) {
  if (x.is_constant())
    fail_constant_input("derivative", constant_of_shape(detail::shape_of(x, "derivative")));
  check_innermost(x.tag(), "derivative");
}

RecordedSeed recorded_seed(const Var& output, const Var& weight) {
  return {output.tag(), {true, weight, {}}};
}
RecordedSeed recorded_seed(const Tensor& output, const Tensor& weight) {
  check_seed(output, weight, "derivative");
  return {output.tag(), {true, {}, Adjoint<Tensor>(weight)}};
}

/// Outputs and inputs may each be scalars or tensors.
template <class Output, class Input>
std::vector<RecordedAdjoint> recorded_derivatives(std::span<const Output> outputs,
                                                  std::span<const Output> seeds,
                                                  std::span<const Input> x) {
  check_counts(outputs.size(), seeds.size(), "derivative");
  std::vector<RecordedSeed> recorded;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!seeds[i].is_constant()) check_innermost(seeds[i].tag(), "derivative");
    const RecordedSeed seed = recorded_seed(outputs[i], seeds[i]);
    if (outputs[i].is_constant()) continue;  // its derivative is 0
    check_innermost(outputs[i].tag(), "derivative");
    recorded.push_back(seed);
  }
  std::vector<Tag> inputs;
  for (const Input& input : x) {
    check_input(input);
    inputs.push_back(input.tag());
  }
  return recorded_sweep(recorded, inputs);
}

std::vector<Var> vars(const std::vector<RecordedAdjoint>& values) {
  std::vector<Var> result;
  result.reserve(values.size());
  for (const RecordedAdjoint& value : values) result.push_back(value.scalar);
  return result;
}
std::vector<Tensor> tensors(const std::vector<RecordedAdjoint>& values, std::span<const Tensor> x) {
  std::vector<Tensor> result;
  for (std::size_t i = 0; i < x.size(); ++i)
    result.push_back(values[i].is_set
                         ? values[i].tensor.numbers()
                         : Tensor(Array::filled(x[i].dtype(), x[i].value().shape(), 0.0)));
  return result;
}

template <class T>
std::span<const T> one(const T& x) {
  return {&x, 1};
}

}  // namespace

Var derivative(const Var& output, const Var& x) { return derivative(output, one(x)).front(); }

std::vector<Var> derivative(const Var& output, std::span<const Var> x) {
  return derivative(one(output), one(Var(1.0)), x);
}

std::vector<Var> derivative(std::span<const Var> outputs, std::span<const Var> seeds,
                            std::span<const Var> x) {
  return vars(recorded_derivatives(outputs, seeds, x));
}

Tensor derivative(const Var& output, const Tensor& x) { return derivative(output, one(x)).front(); }

std::vector<Tensor> derivative(const Var& output, std::span<const Tensor> x) {
  return tensors(recorded_derivatives(one(output), one(Var(1.0)), x), x);
}

Tensor derivative(const Tensor& output, const Tensor& x) {
  return derivative(one(output), one(unit_seed(output, "derivative")), one(x)).front();
}

Var derivative(const Tensor& output, const Var& x) {
  const Tensor seed = unit_seed(output, "derivative");
  return vars(recorded_derivatives(one(output), one(seed), one(x))).front();
}

std::vector<Tensor> derivative(std::span<const Tensor> outputs, std::span<const Tensor> seeds,
                               std::span<const Tensor> x) {
  return tensors(recorded_derivatives(outputs, seeds, x), x);
}

void release_memory() noexcept {
  detail::free_spare_tapes();
  release_adjoints();
  release_blocks();
}

namespace detail {

std::vector<Var> variables(std::span<const double> x) {
  std::vector<Var> variables;
  variables.reserve(x.size());
  for (const double value : x) variables.push_back(variable(value));
  return variables;
}

void gradient_of_variables(const Graph& graph, const Var& output, std::span<double> gradient) {
  if (output.is_constant()) {
    std::fill(gradient.begin(), gradient.end(), 0.0);
    return;
  }
  const Tape& tape = graph.tape();
  if (!tape.owns(output.tag()))
    throw GraphError("value_and_gradient: the function returned a Var of another graph");
  Workspace workspace(std::max(tape.size(), gradient.size()));
  double* adjoints = workspace.data();
  TensorAdjoints tensors(tape);
  adjoints[output.id()] = 1.0;
  try {
    sweep_variables(tape, output.id(), static_cast<Id>(gradient.size()), adjoints, tensors);
  } catch (...) {
    workspace.reset();
    throw;
  }
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    gradient[i] = is_untouched(adjoints[i]) ? 0.0 : adjoints[i];
    adjoints[i] = untouched;
  }
}

}  // namespace detail
}  // namespace chainrule
