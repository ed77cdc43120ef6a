// render: a graph as an .svg, .png or .pdf file, drawn by Graphviz's library.
#pragma once

#include <string>
#include <string_view>

#include "autodiff/view/dot.hpp"

namespace chainrule {

/// Whether this build can draw pictures itself. Without Graphviz, write_dot() still works.
bool has_graphviz();

/// Draws what dot() says into a file, which is either whole or as it was before. The ending of the
/// path decides the format: .svg (with tooltips), .png or .pdf. Throws FormatError if the ending is
/// another, the path cannot be written, Graphviz fails (with its own words), or the library was
/// built without it (with what to do); and what dot() throws. Safe to call from several threads;
/// they draw one after the other. Cost: the layout of a hundred nodes takes a fraction
/// of a second, of a thousand from half a second to half a minute, the more so where one variable
/// is used in many places: see max_nodes.
void render(const Var& output, const std::string& path, const DotOptions& options = {});
void render(const Var& output, const Gradient& gradient, const std::string& path,
            const DotOptions& options = {});
void render(const Tensor& output, const std::string& path, const DotOptions& options = {});
void render(const Tensor& output, const Gradient& gradient, const std::string& path,
            const DotOptions& options = {});

/// The same for any DOT text, such as dot() of several outputs or of a whole graph, with Graphviz's
/// `dot` layout. Throws FormatError as above, also if the text is not one whole graph.
void render_dot(const std::string& dot_text, const std::string& path);

namespace detail {
/// Replaces the contents of a file, or leaves it as it is and throws FormatError, saying
/// `operation`, path and reason. A device, pipe or socket is written to directly.
void write_file(const std::string& path, std::string_view contents, const char* operation);
}  // namespace detail
}  // namespace chainrule
