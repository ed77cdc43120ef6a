// expect 1: write pow(x, y)
// expect 2: write pow(x, y)
// expect 3: write fmod(x, y)
// expect 4: a shape has braces: write zeros({2, 3})
// expect 5: a shape has braces: write ones({2, 3})
// expect 6: a shape has braces: write zeros({2, 3})
// expect 7: write fmod(x, y)
// expect 8: write pow(x, y)
// Syntax of Python and NumPy that C++ or Chainrule writes differently.
#include "autodiff/autodiff.hpp"

using namespace chainrule;

void compute(const Var& x, const Tensor& t) {
#if CHAINRULE_MUST_FAIL == 1
  const auto y = x ^ 2;
#elif CHAINRULE_MUST_FAIL == 2
  const auto y = t ^ 2;
#elif CHAINRULE_MUST_FAIL == 3
  const auto y = t % 2;
#elif CHAINRULE_MUST_FAIL == 4
  const auto y = zeros(2, 3);
#elif CHAINRULE_MUST_FAIL == 5
  const Tensor y = ones(2, 3);
#elif CHAINRULE_MUST_FAIL == 6
  const Tensor y = zeros(3);
#elif CHAINRULE_MUST_FAIL == 7
  Tensor u = t;
  u %= 2;
#elif CHAINRULE_MUST_FAIL == 8
  const auto y = 2 ^ t;
#else
  const auto y = pow(x, 2) % 3 + zeros({1, 1}) + ones({1}, DType::float64);
#endif
}

// A user's own operators and functions are preferred, those of tensors even with a conversion.
namespace own {
struct Power {
  Var base;
  double exponent;
};
Power operator^(const Var& x, double exponent) { return {x, exponent}; }
Tensor operator%(const Tensor& x, double y) { return floor_mod(x, y); }
template <class T>
T derivative(const T& x) {
  return 2.0 * x;
}

double compute(const Var& x, const Tensor& t) {
  return (x ^ 2.0).exponent + (t % 2).sum().item() + derivative(x).value();
}
}  // namespace own
