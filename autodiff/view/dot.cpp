#include "autodiff/view/dot.hpp"

#include <fmt/format.h>

#include "autodiff/core/error.hpp"
#include "autodiff/core/files.hpp"
#include "autodiff/graph/node.hpp"
#include "autodiff/view/picture.hpp"

namespace chainrule {
using namespace detail;

namespace {

[[noreturn]] void fail_constant(const std::string& what) {
  throw GraphError(
      fmt::format("dot: the output is the constant {}, which has no graph to draw. Compute it from "
                  "variable()s while their graph is recording.",
                  what));
}
void check_output(const Var& output) {
  if (output.is_constant()) fail_constant(fmt::format("{}", output.value()));
}
void check_output(const Tensor& output) {
  if (output.is_constant()) fail_constant("of shape " + text_of(output.shape()));
}

template <class Output>
std::string dot_of(std::span<const Output> outputs, const DotOptions& options) {
  if (outputs.empty()) throw GraphError("dot: no outputs were given");
  for (const Output& output : outputs) check_output(output);
  const Tape& tape = tape_of(outputs[0].tag(), "dot");
  std::vector<Id> ids;
  for (const Output& output : outputs) {
    if (!tape.owns(output.tag()))
      throw GraphError(
          "dot: the outputs belong to different graphs, or their graph no longer exists");
    ids.push_back(output.id());
  }
  return Picture(tape, ids, false, options).text();
}

DotOptions with_gradient(const DotOptions& options, const Gradient& gradient) {
  DotOptions more = options;
  more.gradient = &gradient;
  return more;
}

}  // namespace

std::string dot(const Var& output, const DotOptions& options) {
  return dot_of(std::span<const Var>(&output, 1), options);
}
std::string dot(const Tensor& output, const DotOptions& options) {
  return dot_of(std::span<const Tensor>(&output, 1), options);
}
std::string dot(const Var& output, const Gradient& gradient, const DotOptions& options) {
  return dot(output, with_gradient(options, gradient));
}
std::string dot(const Tensor& output, const Gradient& gradient, const DotOptions& options) {
  return dot(output, with_gradient(options, gradient));
}
std::string dot(std::span<const Var> outputs, const DotOptions& options) {
  return dot_of(outputs, options);
}

std::string dot(const Graph& graph, const DotOptions& options) {
  const Tape& tape = graph.tape();
  std::vector<bool> used(tape.size());
  std::vector<Id> ends;
  for (std::size_t id = tape.size(); id-- > 0;) {
    const Node node = read_node(tape, static_cast<Id>(id));
    if (!used[id]) ends.push_back(node.id);
    for_each_operand(tape, node, [&](int, const NodeOperand& x) {
      if (!x.is_constant) used[x.id] = true;
    });
  }
  return Picture(tape, ends, true, options).text();
}

void write_dot(const Var& output, const std::string& path, const DotOptions& options) {
  write_file_atomically(path, dot(output, options), "write_dot");
}

void write_dot(const Var& output, const Gradient& gradient, const std::string& path,
               const DotOptions& options) {
  write_file_atomically(path, dot(output, gradient, options), "write_dot");
}

void write_dot(const Tensor& output, const std::string& path, const DotOptions& options) {
  write_file_atomically(path, dot(output, options), "write_dot");
}

void write_dot(const Tensor& output, const Gradient& gradient, const std::string& path,
               const DotOptions& options) {
  write_file_atomically(path, dot(output, gradient, options), "write_dot");
}

}  // namespace chainrule
