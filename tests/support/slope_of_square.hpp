// A small computation, to test that the current graph records and sweeps.
#pragma once

#include "autodiff/autodiff.hpp"

/// The derivative of x^2, which is 2 x.
inline double slope_of_square(double at) {
  const chainrule::Var x = chainrule::variable(at);
  return chainrule::gradient(x * x)[x];
}
