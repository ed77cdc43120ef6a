// expect: only_numbers_and_variables_mix
// most-lines: 40
// A few lines say which types mix, instead of a list of every operator that does not match. (clang
// adds the operators that it considered.)
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
