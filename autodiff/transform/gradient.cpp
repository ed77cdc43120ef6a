// Gradients of numbers; see tensor_gradient.cpp for those of tensors.
#include "autodiff/transform/gradient.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "autodiff/core/error.hpp"
#include "autodiff/sweep/reverse.hpp"
#include "autodiff/transform/requests.hpp"
#include "autodiff/values/pool.hpp"

namespace chainrule {
using namespace detail;

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

Array Gradient::tensor_adjoint(Id id) const {
  const Array* const adjoint = tensors_.find(id);
  return adjoint != nullptr ? *adjoint : Array();
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
