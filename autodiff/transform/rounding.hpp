// Bounds on the rounding error of a computed value.
#pragma once

#include "autodiff/graph/graph.hpp"

namespace chainrule::detail {

/// A first-order bound on the rounding error of x: the sum, over everything that x was computed
/// from, including variables, of half a unit in the last place (of its element type) times the
/// derivative of x with respect to it. The magnitudes of operands are used, so the terms of sums
/// and matrix products, which are not nodes, are included. 0 for a constant; infinite if an
/// intermediate result on which x depends is not finite. Cost: one reverse sweep.
double rounding_bound(const Graph& graph, const Var& x);

}  // namespace chainrule::detail
