// dot: draws a graph in the DOT language, for Graphviz and other programs that read DOT.
#pragma once

#include <span>
#include <string>

#include "autodiff/graph/graph.hpp"
#include "autodiff/transform/gradient.hpp"

namespace chainrule {

/// When scopes, such as the layers of a model, are drawn as one node each: always, never, or only
/// in pictures of more than 120 nodes (large).
enum class FoldScopes : unsigned char { large, always, never };

/// Options of a picture. All have defaults: `dot(z, {.digits = 9, .title = "one step"})`.
struct DotOptions {
  /// Show each node's gradient, or `no gradient` if no derivative flows from the gradient's output
  /// to the node. Used only during the call.
  const Gradient* gradient = nullptr;
  /// Label each edge with the local partial derivative, as a formula and as a number. Nodes without
  /// a name are then shown as `#id`, so that formulas can refer to them.
  bool local_partials = false;
  /// Significant digits of numbers, 1 to 17. Tooltips show all digits.
  int digits = 6;
  /// Lay out the graph from left to right, which suits long thin graphs, instead of top to bottom.
  bool left_to_right = false;
  /// The maximum number of nodes; 0 means no limit. In larger graphs the nodes nearest to the
  /// outputs are shown, and one extra node gives the number of hidden ones. Constants are not
  /// counted.
  std::size_t max_nodes = 0;
  /// Scopes are drawn as clusters. With folding, each innermost scope is a single node that lists
  /// its parameters.
  FoldScopes fold = FoldScopes::large;
  /// A title above the picture.
  std::string title = {};
};

/// The nodes that the output depends on, as DOT text, in the order in which they were recorded, so
/// equal graphs give equal texts. There is one edge per operand, so x * x has two. Edges are
/// labelled 1st, 2nd, 3rd if the order of operands matters. Names may contain any characters; long
/// ones are shortened, with the full name in the tooltip. A tensor shows its shape and its elements
/// or, if it has more than four, their mean and range.
///
/// Throws GraphError if the output is a constant, its graph no longer exists, or the gradient
/// belongs to another graph. Cost: linear in the number of nodes from the first of the graph to the
/// output.
std::string dot(const Var& output, const DotOptions& options = {});
std::string dot(const Tensor& output, const DotOptions& options = {});
/// The same with gradients: `dot(z, gradient(z))`.
std::string dot(const Var& output, const Gradient& gradient, const DotOptions& options = {});
std::string dot(const Tensor& output, const Gradient& gradient, const DotOptions& options = {});
/// The nodes that several outputs of one graph depend on. Throws GraphError if there are no outputs
/// or they belong to different graphs.
std::string dot(std::span<const Var> outputs, const DotOptions& options = {});
/// All nodes of the graph. Operations that no other node uses are shown as outputs.
std::string dot(const Graph& graph, const DotOptions& options = {});

/// Writes dot(output) to a file. On failure the file is unchanged. Throws FormatError, with the
/// path and the reason, if the file cannot be written, and the errors of dot().
void write_dot(const Var& output, const std::string& path, const DotOptions& options = {});
void write_dot(const Tensor& output, const std::string& path, const DotOptions& options = {});
void write_dot(const Var& output, const Gradient& gradient, const std::string& path,
               const DotOptions& options = {});
void write_dot(const Tensor& output, const Gradient& gradient, const std::string& path,
               const DotOptions& options = {});

}  // namespace chainrule
