// expect 1: write pow(x, y)
// expect 2: write pow(x, y)
// expect 3: write fmod(x, y)
// expect 4: a shape has braces: write zeros({2, 3})
// expect 5: a shape has braces: write ones({2, 3})
// expect 6: a shape has braces: write zeros({2, 3})
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
#else
  const auto y = pow(x, 2) % 3 + zeros({1, 1}) + ones({1}, DType::float64);
#endif
}
