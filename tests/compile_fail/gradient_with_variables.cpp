// expect 1: write gradient(z)[x] for the number dz/dx, or derivative(z, x)
// expect 2: write gradient(z)[x] for the number dz/dx, or derivative(z, x)
// expect 3: write gradient(z)[x] for the number dz/dx, or derivative(z, x)
// expect 4: d[x] and d[y] are its derivatives
// expect 5: d[x] and d[y] are its derivatives
// expect 6: write derivative(z, x) for dz/dx, or gradient(z) for all derivatives of z
// gradient() does not take the variables to differentiate with respect to.
#include "autodiff/autodiff.hpp"

using namespace chainrule;

void differentiate(const Var& z, const Var& x, const Tensor& t) {
#if CHAINRULE_MUST_FAIL == 1
  const double slope = gradient(z, x);
#elif CHAINRULE_MUST_FAIL == 2
  const Tensor slope = gradient(z, t);
#elif CHAINRULE_MUST_FAIL == 3
  const auto slope = gradient(t, t);
#elif CHAINRULE_MUST_FAIL == 4
  const auto slope = gradient(z, {x, z});
#elif CHAINRULE_MUST_FAIL == 5
  const auto slope = gradient(z, {t, t});
#elif CHAINRULE_MUST_FAIL == 6
  const Var slope = derivative(z);
#else
  const double slope = gradient(z)[x];
  const Tensor slopes = derivative(t, t);
#endif
}
