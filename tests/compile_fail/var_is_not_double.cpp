// expect: the number is x.value(); functions: sin(x), not std::sin(x)
// The number of a Var is read with .value(): an implicit conversion would lose the derivative.
#include "autodiff/autodiff.hpp"

double product(const chainrule::Var& x, const chainrule::Var& y) {
#ifdef CHAINRULE_MUST_FAIL
  double d = x * y;
  return d;
#else
  return (x * y).value();
#endif
}
