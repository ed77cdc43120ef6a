// render: draws a graph as an .svg, .png or .pdf file, by Graphviz's library.
#pragma once

#include <string>
#include <string_view>

#include "autodiff/view/dot.hpp"

namespace chainrule {

/// Whether this build can draw pictures itself. write_dot() works without Graphviz, too.
bool has_graphviz();

/// Draws the picture of dot() to a file. On failure the file is unchanged. The file extension
/// selects the format: .svg (with tooltips), .png or .pdf. Throws FormatError if the extension is
/// unknown, the path cannot be written, Graphviz fails (with its message), or the library was built
/// without Graphviz (with a remedy); and the errors of dot(). Threads may call it concurrently;
/// they draw one at a time. Cost: the layout of a hundred nodes takes a fraction of a second, of a
/// thousand nodes from half a second to half a minute, most if one variable is used in many places:
/// see max_nodes.
void render(const Var& output, const std::string& path, const DotOptions& options = {});
void render(const Var& output, const Gradient& gradient, const std::string& path,
            const DotOptions& options = {});
void render(const Tensor& output, const std::string& path, const DotOptions& options = {});
void render(const Tensor& output, const Gradient& gradient, const std::string& path,
            const DotOptions& options = {});

/// The same for any DOT text, such as dot() of several outputs or of a whole graph, with Graphviz's
/// `dot` layout. Throws FormatError as above, and if the text is not exactly one complete graph.
void render_dot(const std::string& dot_text, const std::string& path);

}  // namespace chainrule
