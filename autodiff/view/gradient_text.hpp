// Gradients as text.
#pragma once

#include <string>

#include "autodiff/transform/gradient.hpp"
#include "autodiff/view/array_text.hpp"

namespace chainrule {

/// A line for each variable and for each node with a name, in the order of recording: its name, or
/// #id if it has none, and the derivative with respect to it. A structural zero is written as
/// "0 (nothing flows)". Of more than 100 nodes the first and the last 50 are written. Scalars have
/// as many significant digits as options.precision says, and tensors are written as text_of()
/// writes them. Names are those of the graph: once it has ended, the text says so and lists
/// nothing. Cost: linear in the nodes of the graph.
std::string text_of(const Gradient& gradient, const ArrayTextOptions& options = {});

}  // namespace chainrule
