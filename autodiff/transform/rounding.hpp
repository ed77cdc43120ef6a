// How far a computed value may be off by rounding.
#pragma once

#include "autodiff/graph/graph.hpp"

namespace chainrule::detail {

/// A first-order bound of the rounding error of x: the sum over everything it was computed from,
/// variables included, of half a unit in the last place (of its element type) times the derivative
/// of x by it. Operands count with their size, so the terms of sums and products of matrices, which
/// are no nodes of their own, are bounded, too. 0 for a constant; infinite if an intermediate
/// result is not finite and x depends on it. Cost: one reverse sweep.
double rounding_bound(const Graph& graph, const Var& x);

}  // namespace chainrule::detail
