// Estimates the rounding error by which two correct programs can differ.
#pragma once

#include "autodiff/autodiff.hpp"

namespace chainrule::testing {

/// A first-order bound of the error in x: the sum, over all results it was computed from, of one
/// unit in the last place times the derivative with respect to that result. Infinite if a result
/// has an infinite derivative. Cost: one reverse sweep.
double rounding_bound(const Graph& graph, const Var& x);

// In the functions below, results that are multiples of 2^-20 and less than 2^20 count as computed
// without rounding.

/// Whether x was computed from a result that is 0, or nearly 0, only up to rounding. Its reciprocal
/// may then be infinite in one program and finite in the other. Cost: one reverse sweep for each
/// result that is nearly 0.
bool depends_on_inexact_zero(const Graph& graph, const Var& x);

/// Whether rounding may have changed the order of two values.
bool is_doubtful_order(const Graph& graph, const Var& x, const Var& y);
/// Whether a value is 0, or nearly 0, only up to rounding.
bool is_inexact_zero(const Graph& graph, const Var& x);

}  // namespace chainrule::testing
