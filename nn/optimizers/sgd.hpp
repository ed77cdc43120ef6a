// Stochastic gradient descent.
#pragma once

#include "nn/optimizers/gradient_optimizer.hpp"

namespace chainrule::nn {

struct SgdOptions {
  double learning_rate = 0.01;
  double momentum = 0.0;   ///< in [0, infinity), usually below 1
  double dampening = 0.0;  ///< of the gradient in the momentum buffer, in [0, 1]
  double weight_decay = 0.0;
  bool nesterov = false;  ///< requires momentum > 0 and dampening = 0

  static constexpr const char* name = "Sgd";
  void check() const;
  static void visit(auto& o, auto&& f) {
    f("learning_rate", o.learning_rate);
    f("momentum", o.momentum);
    f("dampening", o.dampening);
    f("weight_decay", o.weight_decay);
    f("nesterov", o.nesterov);
  }
  std::array<const char*, 3> buffers() const {
    return {momentum != 0.0 ? "momentum" : nullptr, nullptr, nullptr};
  }
};

/// g += weight_decay w, then
///   without momentum:  w -= learning_rate g;
///   with momentum:     b = momentum b + (1 - dampening) g (b = g at the first step);
///                      w -= learning_rate b;
///   with nesterov:     w -= learning_rate (g + momentum b).
/// As in PyTorch; Sutskever et al. 2013.
class Sgd final : public OptimizerWith<SgdOptions> {
 public:
  using OptimizerWith::OptimizerWith;

 private:
  void update(Slot& slot, Array& gradient) override;
};

}  // namespace chainrule::nn
