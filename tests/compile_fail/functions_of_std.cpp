// expect 1: write max(...) without std::
// expect 2: write min(...) without std::
// expect 3: write max(...) without std::
// expect 4: write sin(...) without std::
// expect 5: write exp(...) without std::
// expect 6: write pow(...) without std::
// expect 7: write pow(...) without std::
// expect 8: write abs(...) without std::
// expect 9: write fabs(...) without std::
// expect 10: write clamp(...) without std::
// expect 11: write fmax(...) without std::
// The functions of std take plain numbers; those of chainrule record.
#include <algorithm>
#include <cmath>
#include <functional>

#include "autodiff/autodiff.hpp"

using chainrule::Tensor;
using chainrule::Var;

void compute(const Var& x, const Tensor& t) {
#if CHAINRULE_MUST_FAIL == 1
  const auto y = std::max(x, 1.0);
#elif CHAINRULE_MUST_FAIL == 2
  const auto y = std::min(1, x);
#elif CHAINRULE_MUST_FAIL == 3
  const auto y = std::max(t, 1.0);
#elif CHAINRULE_MUST_FAIL == 4
  const auto y = std::sin(x);
#elif CHAINRULE_MUST_FAIL == 5
  const auto y = std::exp(t);
#elif CHAINRULE_MUST_FAIL == 6
  const auto y = std::pow(x, 2.0);
#elif CHAINRULE_MUST_FAIL == 7
  const auto y = std::pow(2, t);
#elif CHAINRULE_MUST_FAIL == 8
  const auto y = std::abs(x);
#elif CHAINRULE_MUST_FAIL == 9
  const auto y = std::fabs(t);
#elif CHAINRULE_MUST_FAIL == 10
  const auto y = std::clamp(x, 0.0, 1.0);
#elif CHAINRULE_MUST_FAIL == 11
  const auto y = std::fmax(x, t);
#else
  const auto y = sin(x) + max(x, 1.0) + pow(2, t);
  // Choices of one of two Vars, which record nothing, are correct programs and remain so.
  const Var a = std::max(x, y.element({0})) + std::max<Var>(x, 1.0) + std::min({x, a});
  const double n = std::max(1.0, 2.0) + std::pow(2, 3) + std::abs(-1) + std::sin(1.0f);
  const std::function<double(double)> f = static_cast<double (*)(double)>(std::sin);
#endif
}

namespace with_std {
using namespace std;
using namespace chainrule;

Var compute(const Var& x, const Tensor& t) {
  return sin(x) + max(x, 1.0) + pow(2, x) + abs(t).sum() + clamp(x, 0.0, 1.0) + max(x, x) + sin(1);
}
}  // namespace with_std
