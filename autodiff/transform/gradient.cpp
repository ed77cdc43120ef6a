#include "autodiff/transform/gradient.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "autodiff/core/error.hpp"
#include "autodiff/sweep/reverse.hpp"

namespace chainrule {
namespace {

void check_output(const Var& output, const char* operation) {
  if (output.is_constant())
    throw GraphError(fmt::format(
        "{}: the output is the constant {} and depends on no variable. Compute it from variable()s "
        "while their graph is recording; a plain number on the way loses the connection.",
        operation, output.value()));
}

void check_counts(std::size_t outputs, std::size_t seeds, const char* operation) {
  if (outputs == 0) throw GraphError(fmt::format("{}: there is no output", operation));
  if (outputs != seeds)
    throw GraphError(
        fmt::format("{}: {} outputs need as many seeds, not {}", operation, outputs, seeds));
}

/// What is recorded anew goes to the innermost graph, so operands must be of it.
void check_innermost(const Var& x, const char* operation) {
  if (&tape_of(x.tag(), operation) != current_tape)
    throw GraphError(fmt::format(
        "{}: the Var belongs to an enclosing graph; a derivative is recorded into the innermost one. "
        "Call it before the inner graph begins or after it ends.",
        operation));
}

}  // namespace

Gradient::Gradient(const Tape& tape, std::size_t size)
    : adjoints_(size),
      epoch_(tape.epochs().front()),
      later_epochs_(tape.epochs().begin() + 1, tape.epochs().end()) {}

void Gradient::check(const Var& x) const {
  if (x.is_constant())
    throw GraphError(fmt::format(
        "gradient: asked for the derivative with respect to the constant {}. Make it a variable() to "
        "differentiate by it.",
        x.value()));
  const Tape::Epoch* epoch = &epoch_;
  for (const Tape::Epoch& later : later_epochs_)
    if (later.first <= x.id()) epoch = &later;
  if (epoch->generation != generation_of(x.tag()))
    throw GraphError(fmt::format(
        "gradient: asked for the derivative with respect to a Var (value {}) that is not of the "
        "output's graph, or was made in it after a clear() or rewind().",
        x.value()));
}

Gradient gradient(const Var& output) {
  check_output(output, "gradient");
  const Tape& tape = tape_of(output.tag(), "gradient");
  Gradient result(tape, output.id() + std::size_t{1});
  result.adjoints_[output.id()] = 1.0;
  sweep_all(tape, output.id(), result.adjoints_.data());
  return result;
}

Gradient gradient(std::span<const Var> outputs, std::span<const double> seeds) {
  check_counts(outputs.size(), seeds.size(), "gradient");
  for (const Var& output : outputs) check_output(output, "gradient");
  const Tape& tape = tape_of(outputs[0].tag(), "gradient");
  Id top = 0;
  for (const Var& output : outputs) {
    if (!tape.owns(output.tag()))
      throw GraphError("gradient: the outputs are of different graphs, or of one that is gone");
    top = std::max(top, output.id());
  }
  Gradient result(tape, top + std::size_t{1});
  for (std::size_t i = 0; i < outputs.size(); ++i)
    result.adjoints_[outputs[i].id()] += seeds[i] + 0.0;
  sweep_all(tape, top, result.adjoints_.data());
  return result;
}

Var derivative(const Var& output, const Var& x) {
  return derivative(output, std::span<const Var>(&x, 1)).front();
}

std::vector<Var> derivative(const Var& output, std::span<const Var> x) {
  const Var seed(1.0);
  return derivative(std::span<const Var>(&output, 1), std::span<const Var>(&seed, 1), x);
}

std::vector<Var> derivative(std::span<const Var> outputs, std::span<const Var> seeds,
                            std::span<const Var> x) {
  check_counts(outputs.size(), seeds.size(), "derivative");
  for (const Var& input : x)
    if (input.is_constant())
      throw GraphError(fmt::format(
          "derivative: asked for the derivative with respect to the constant {}. Make it a variable() "
          "to differentiate by it.",
          input.value()));
  std::vector<RecordedSeed> recorded;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    check_output(outputs[i], "derivative");
    check_innermost(outputs[i], "derivative");
    if (!seeds[i].is_constant()) check_innermost(seeds[i], "derivative");
    recorded.push_back({outputs[i], seeds[i]});
  }
  for (const Var& input : x) check_innermost(input, "derivative");
  return recorded_sweep(recorded, x);
}

void release_memory() noexcept {
  release_tapes();
  release_adjoints();
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
  adjoints[output.id()] = 1.0;
  try {
    sweep_variables(tape, output.id(), static_cast<Id>(gradient.size()), adjoints);
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
