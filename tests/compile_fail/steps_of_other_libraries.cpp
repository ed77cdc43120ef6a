// expect 1: nothing has to be reset
// expect 2: nothing has to be reset
// expect 3: write step(gradient(loss))
// expect 4: d[parameter] is its derivative
// A training step as in PyTorch.
#include "nn/nn.hpp"

using namespace chainrule;

void step(nn::GradientOptimizer& optimizer, nn::Module& model, nn::Parameter& weight,
          const Var& loss) {
#if CHAINRULE_MUST_FAIL == 1
  optimizer.zero_grad();
#elif CHAINRULE_MUST_FAIL == 2
  model.zero_grad();
#elif CHAINRULE_MUST_FAIL == 3
  optimizer.step();
#elif CHAINRULE_MUST_FAIL == 4
  const auto slope = weight.grad();
#else
  const Gradient d = gradient(loss);
  optimizer.step(d);
  const Tensor slope = d[weight];
#endif
}
