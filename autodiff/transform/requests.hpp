// Checks of requests for derivatives: outputs, seeds and inputs.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "autodiff/core/error.hpp"
#include "autodiff/graph/graph_stack.hpp"
#include "autodiff/graph/tensor.hpp"
#include "autodiff/sweep/recorded.hpp"

namespace chainrule::detail {

/// Throw GraphError if the output is a constant.
void check_output(const Var& output, const char* operation);
void check_output(const Tensor& output, const char* operation);
/// Throws GraphError unless there are outputs and as many seeds.
void check_counts(std::size_t outputs, std::size_t seeds, const char* operation);
/// Throws ShapeError or DTypeError unless the seed has the shape and the type of the output.
void check_seed(const Tensor& output, const Tensor& seed, const char* operation);
/// The seed of an output of one element. Throws ShapeError if it has more.
Tensor unit_seed(const Tensor& output, const char* operation);
/// Throws GraphError: a derivative was asked for with respect to this constant.
[[noreturn]] void fail_constant_input(const char* operation, const std::string& constant);
/// The same for a tensor.
[[noreturn]] void fail_constant_input(const char* operation, const Tensor& constant);
/// Throws GraphError: a derivative was asked for with respect to a parameter that was not used.
[[noreturn]] void fail_unused(const char* operation);
/// Throws GraphError unless the node is in the innermost graph, into which derivatives are
/// recorded.
void check_innermost(Tag tag, const char* operation);

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

// ---- Recorded derivatives -----------------------------------------------------------------------

/// Throw GraphError unless x is a node of the innermost graph.
void check_input(const Var& x);
void check_input(const Tensor& x);
/// An output and the initial value of its adjoint. Throws as check_seed() does.
RecordedSeed recorded_seed(const Var& output, const Var& weight);
RecordedSeed recorded_seed(const Tensor& output, const Tensor& weight);

/// The derivatives of a weighted sum of outputs. Outputs and inputs may each be scalars or tensors.
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

/// A list of one.
template <class T>
std::span<const T> one(const T& x) {
  return {&x, 1};
}

}  // namespace chainrule::detail
