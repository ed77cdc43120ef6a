// expect 1: // write {.learning_rate = 0.1}
// expect 2: // write {.learning_rate = 0.1}
// expect 3: // write {.learning_rate = 0.1}
// expect 4: // write {.learning_rate = 0.1}
// expect 5: SgdOptions
// PyTorch calls it lr. The options alone (5) only say that they have no such member.
#include "nn/nn.hpp"

using namespace chainrule;

void optimise(const nn::Parameters& parameters) {
#if CHAINRULE_MUST_FAIL == 1
  nn::Sgd optimizer(parameters, {.lr = 0.1, .momentum = 0.9});
#elif CHAINRULE_MUST_FAIL == 2
  nn::AdamW optimizer(parameters, {.lr = 0.1});
#elif CHAINRULE_MUST_FAIL == 3
  nn::Lbfgs optimizer(parameters, {.lr = 0.1});
#elif CHAINRULE_MUST_FAIL == 4
  nn::Adam optimizer(parameters, 0.1);
#elif CHAINRULE_MUST_FAIL == 5
  const auto options = decltype(nn::Sgd(parameters).options()){.lr = 0.1};
#else
  nn::Sgd optimizer(parameters, {.learning_rate = 0.1, .momentum = 0.9});
  nn::Sgd with_defaults(parameters, {}), also(parameters), positional(parameters, {0.1});
  nn::Adam in_groups({{parameters, {.learning_rate = 0.1}}});
  nn::Lbfgs quasi_newton(parameters, {.learning_rate = 0.5});
#endif
}
