// expect 1: write `Gradient d = gradient(z);` instead
// expect 2: write `Gradient d = gradient(z);` instead
// expect 3: write `Gradient d = gradient(z);` instead
// expect 4: write x.value() for the number of a Var
// expect 5: nothing has to be reset
// expect 6: write `Var x = variable(value);`
// expect 7: relu is not a member: write relu(x)
// expect 8: pow is not a member: write pow(x, y)
// Members as in PyTorch.
#include "autodiff/autodiff.hpp"

using namespace chainrule;

void compute(const Var& x, const Tensor& t) {
#if CHAINRULE_MUST_FAIL == 1
  x.backward();
#elif CHAINRULE_MUST_FAIL == 2
  t.backward();
#elif CHAINRULE_MUST_FAIL == 3
  const double slope = x.grad();
#elif CHAINRULE_MUST_FAIL == 4
  const double number = x.item();
#elif CHAINRULE_MUST_FAIL == 5
  t.zero_grad();
#elif CHAINRULE_MUST_FAIL == 6
  x.requires_grad_();
#elif CHAINRULE_MUST_FAIL == 7
  const Tensor y = t.relu();
#elif CHAINRULE_MUST_FAIL == 8
  const Var y = x.pow(2);
#else
  const double slope = gradient(x)[t].item() + x.value();
#endif
}

static_assert(sizeof(Var) == 16 && sizeof(Tensor) == 16);
static_assert(std::is_trivially_copyable_v<Var>);
