// expect: only_numbers_and_variables_mix
// most-lines: 40
// A few lines say what mixes, instead of a list of every operator that does not fit. (clang adds
// the operators it looked at.)
#include "autodiff/autodiff.hpp"

struct Money {
  double amount;
};

chainrule::Var add(const chainrule::Var& x, const Money& money) {
#ifdef CHAINRULE_MUST_FAIL
  return x + money;
#else
  return x + money.amount;
#endif
}
