// Messages for common mistakes with networks, as in autodiff/core/common_mistakes.hpp.
#pragma once

#include "autodiff/core/common_mistakes.hpp"

namespace chainrule::nn::detail {

/// Members that users of other libraries expect in parameters, modules and optimisers. An empty
/// base class.
struct CommonMistakes {
  CHAINRULE_MISTAKE("a gradient is a value: nothing has to be reset before the next gradient(loss)")
  void zero_grad(bool set_to_none = true) const;
  CHAINRULE_MISTAKE("write `Gradient d = gradient(loss);` instead: d[parameter] is its derivative")
  double grad() const;
};

/// Converts from a number, but not from {}.
struct SomeNumber {
  template <Number N>
  SomeNumber(N);
};

/// Options of an optimiser under the names of PyTorch, where the learning rate is called lr.
struct PyTorchOptions {
  SomeNumber lr;
  double momentum = 0.0, dampening = 0.0, beta1 = 0.0, beta2 = 0.0;
  double alpha = 0.0, rho = 0.0, lr_decay = 0.0, eps = 0.0, weight_decay = 0.0;
  bool nesterov = false, amsgrad = false, centered = false;
};

/// An argument in place of the options of an optimiser: a number, or options with the names of
/// PyTorch.
template <class T>
concept MistakenOptions = Number<T> || std::same_as<T, PyTorchOptions>;

}  // namespace chainrule::nn::detail
