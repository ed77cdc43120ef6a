// dot: a graph as a picture in the DOT language, for Graphviz and for every other reader of it.
#pragma once

#include <span>
#include <string>

#include "autodiff/graph/graph.hpp"
#include "autodiff/transform/gradient.hpp"

namespace chainrule {

/// Whether scopes, such as the layers of a model, are drawn as one node each: always, never, or in
/// pictures of more than 120 nodes.
enum class FoldScopes : unsigned char { large, always, never };

/// What a picture shows. All of it is optional: `dot(z, {.digits = 9, .title = "one step"})`.
struct DotOptions {
  /// Show each node's gradient, or `no gradient` where nothing flows from it to the output that the
  /// gradient is of. Read during the call only.
  const Gradient* gradient = nullptr;
  /// Write on each edge the local partial derivative, as a formula and as a number. Nodes without a
  /// name are then shown as #id, for the formulas to refer to.
  bool local_partials = false;
  /// Significant digits of numbers, 1 to 17. Tooltips have them all.
  int digits = 6;
  /// Draw from left to right, which suits long thin graphs, else from top to bottom.
  bool left_to_right = false;
  /// At most so many nodes; 0 is no limit. Of more, those nearest to the outputs are kept, and one
  /// node says how many are hidden. Constants are not counted.
  std::size_t max_nodes = 0;
  /// Scopes are clusters; folded, each innermost one is a single node with its parameters.
  FoldScopes fold = FoldScopes::large;
  /// A heading.
  std::string title = {};
};

/// The nodes that the output depends on, as DOT text, in the order in which they were recorded:
/// equal graphs give equal texts. One edge per operand, so x * x has two; edges say 1st, 2nd, 3rd
/// where the order of operands matters. Any text is safe as a name; long ones are shortened, with
/// the whole in the tooltip. Throws GraphError if the output is a constant or its graph is gone, or
/// if the gradient is of another graph. Cost: linear in the nodes from the first of the graph to
/// the output. A tensor shows its shape and its elements or, of more than four, their mean and
/// range.
std::string dot(const Var& output, const DotOptions& options = {});
std::string dot(const Tensor& output, const DotOptions& options = {});
/// The same with the gradient shown: `dot(z, gradient(z))`.
std::string dot(const Var& output, const Gradient& gradient, const DotOptions& options = {});
std::string dot(const Tensor& output, const Gradient& gradient, const DotOptions& options = {});
/// The nodes that several outputs of one graph depend on. Throws GraphError if there is no output
/// or they are of different graphs.
std::string dot(std::span<const Var> outputs, const DotOptions& options = {});
/// Every node of the graph; operations that nothing else uses are shown as outputs.
std::string dot(const Graph& graph, const DotOptions& options = {});

/// Writes dot(output) to a file, which is either whole or as it was before. Throws FormatError,
/// with the path and the reason, if it cannot be written, else what dot() throws.
void write_dot(const Var& output, const std::string& path, const DotOptions& options = {});
void write_dot(const Tensor& output, const std::string& path, const DotOptions& options = {});
void write_dot(const Var& output, const Gradient& gradient, const std::string& path,
               const DotOptions& options = {});
void write_dot(const Tensor& output, const Gradient& gradient, const std::string& path,
               const DotOptions& options = {});

}  // namespace chainrule
