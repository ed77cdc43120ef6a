// Adam and its variants AdamW and Adamax.
#pragma once

#include "nn/optimizers/gradient_optimizer.hpp"

namespace chainrule::nn {

struct AdamOptions {
  double learning_rate = 1e-3;
  double beta1 = 0.9;    ///< decay rate of the mean of gradients, in [0, 1)
  double beta2 = 0.999;  ///< decay rate of the mean of squared gradients, in [0, 1)
  double eps = 1e-8;
  double weight_decay = 0.0;  ///< added to the gradient, times the parameter
  bool amsgrad = false;       ///< divide by the largest second moment so far

  static constexpr const char* name = "Adam";
  void check() const;
  static void visit(auto& o, auto&& f) {
    f("learning_rate", o.learning_rate);
    f("beta1", o.beta1);
    f("beta2", o.beta2);
    f("eps", o.eps);
    f("weight_decay", o.weight_decay);
    f("amsgrad", o.amsgrad);
  }
  std::array<const char*, 3> buffers() const {
    return {"first_moment", "second_moment", amsgrad ? "largest_second_moment" : nullptr};
  }
};

/// g += weight_decay w;  m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;
/// w -= learning_rate / (1 - beta1^t) m / (sqrt(v) / sqrt(1 - beta2^t) + eps). amsgrad uses the
/// largest v so far instead of v. Kingma and Ba 2015, algorithm 1; Reddi et al. 2018.
class Adam final : public OptimizerWith<AdamOptions> {
 public:
  using OptimizerWith::OptimizerWith;

 private:
  void update(Slot& slot, Array& gradient) override;
};

struct AdamWOptions {
  double learning_rate = 1e-3;
  double beta1 = 0.9, beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0.01;  ///< decoupled: applied to the parameter, not to the gradient
  bool amsgrad = false;

  static constexpr const char* name = "AdamW";
  void check() const;
  static void visit(auto& o, auto&& f) { AdamOptions::visit(o, f); }
  std::array<const char*, 3> buffers() const {
    return {"first_moment", "second_moment", amsgrad ? "largest_second_moment" : nullptr};
  }
};

/// w *= 1 - learning_rate weight_decay, then a step of Adam without weight decay. Loshchilov and
/// Hutter 2019, algorithm 2.
class AdamW final : public OptimizerWith<AdamWOptions> {
 public:
  using OptimizerWith::OptimizerWith;

 private:
  void update(Slot& slot, Array& gradient) override;
};

struct AdamaxOptions {
  double learning_rate = 2e-3;
  double beta1 = 0.9, beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0.0;

  static constexpr const char* name = "Adamax";
  void check() const;
  static void visit(auto& o, auto&& f) {
    f("learning_rate", o.learning_rate);
    f("beta1", o.beta1);
    f("beta2", o.beta2);
    f("eps", o.eps);
    f("weight_decay", o.weight_decay);
  }
  std::array<const char*, 3> buffers() const {
    return {"first_moment", "largest_gradient", nullptr};
  }
};

/// g += weight_decay w;  m = beta1 m + (1 - beta1) g;  u = max(beta2 u, |g| + eps);
/// w -= learning_rate / (1 - beta1^t) m / u. Kingma and Ba 2015, algorithm 2.
class Adamax final : public OptimizerWith<AdamaxOptions> {
 public:
  using OptimizerWith::OptimizerWith;

 private:
  void update(Slot& slot, Array& gradient) override;
};

}  // namespace chainrule::nn
