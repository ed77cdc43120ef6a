// Gradients as text.
#pragma once

#include <string>

#include "autodiff/transform/gradient.hpp"
#include "autodiff/view/array_text.hpp"

namespace chainrule {

/// One line for each variable and each named node, in the order of recording: its name, or `#id`
/// if it has none, and the derivative with respect to it. A structural zero is written as "0
/// (nothing flows)". If there are more than 100 nodes, only the first and the last 50 are written.
/// Scalars have options.precision significant digits; tensors are written as by text_of(). Names
/// are read from the graph: if it no longer exists, the text says so and lists nothing. Cost:
/// linear in the number of nodes of the graph.
std::string text_of(const Gradient& gradient, const ArrayTextOptions& options = {});

}  // namespace chainrule
