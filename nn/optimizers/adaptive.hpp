// Optimisers that divide by a measure of past gradients: RMSprop, Adagrad, Adadelta.
#pragma once

#include "nn/optimizers/gradient_optimizer.hpp"

namespace chainrule::nn {

struct RmspropOptions {
  double learning_rate = 0.01;
  double alpha = 0.99;  ///< decay rate of the mean of squared gradients, in [0, 1)
  double eps = 1e-8;
  double weight_decay = 0.0;
  double momentum = 0.0;
  bool centered = false;  ///< divide by the standard deviation of the gradient

  static constexpr const char* name = "Rmsprop";
  void check() const;
  static void visit(auto& o, auto&& f) {
    f("learning_rate", o.learning_rate);
    f("alpha", o.alpha);
    f("eps", o.eps);
    f("weight_decay", o.weight_decay);
    f("momentum", o.momentum);
    f("centered", o.centered);
  }
  std::array<const char*, 3> buffers() const {
    return {"mean_square", centered ? "mean_gradient" : nullptr,
            momentum != 0.0 ? "momentum" : nullptr};
  }
};

/// g += weight_decay w;  v = alpha v + (1 - alpha) g^2;  u = g / (sqrt(v) + eps);
/// w -= learning_rate u. centered divides by sqrt(v - a^2) + eps, where
/// a = alpha a + (1 - alpha) g. With momentum: b = momentum b + u;  w -= learning_rate b.
/// Tieleman and Hinton 2012; Graves 2013, eq. 38 to 45.
class Rmsprop final : public OptimizerWith<RmspropOptions> {
 public:
  using OptimizerWith::OptimizerWith;

 private:
  void update(Slot& slot, Array& gradient) override;
};

struct AdagradOptions {
  double learning_rate = 0.01;
  double lr_decay = 0.0;
  double weight_decay = 0.0;
  double initial_accumulator_value = 0.0;
  double eps = 1e-10;

  static constexpr const char* name = "Adagrad";
  void check() const;
  static void visit(auto& o, auto&& f) {
    f("learning_rate", o.learning_rate);
    f("lr_decay", o.lr_decay);
    f("weight_decay", o.weight_decay);
    f("initial_accumulator_value", o.initial_accumulator_value);
    f("eps", o.eps);
  }
  std::array<const char*, 3> buffers() const { return {"square_sum", nullptr, nullptr}; }
};

/// g += weight_decay w;  v += g^2, where v starts at initial_accumulator_value;
/// w -= learning_rate / (1 + (t - 1) lr_decay) g / (sqrt(v) + eps). Duchi et al. 2011.
class Adagrad final : public OptimizerWith<AdagradOptions> {
 public:
  using OptimizerWith::OptimizerWith;

 private:
  void update(Slot& slot, Array& gradient) override;
};

struct AdadeltaOptions {
  double learning_rate = 1.0;
  double rho = 0.9;  ///< decay rate of both means of squares, in [0, 1)
  double eps = 1e-6;
  double weight_decay = 0.0;

  static constexpr const char* name = "Adadelta";
  void check() const;
  static void visit(auto& o, auto&& f) {
    f("learning_rate", o.learning_rate);
    f("rho", o.rho);
    f("eps", o.eps);
    f("weight_decay", o.weight_decay);
  }
  std::array<const char*, 3> buffers() const {
    return {"mean_square", "mean_square_step", nullptr};
  }
};

/// g += weight_decay w;  v = rho v + (1 - rho) g^2;  d = sqrt(D + eps) / sqrt(v + eps) g;
/// D = rho D + (1 - rho) d^2;  w -= learning_rate d. Zeiler 2012, algorithm 1.
class Adadelta final : public OptimizerWith<AdadeltaOptions> {
 public:
  using OptimizerWith::OptimizerWith;

 private:
  void update(Slot& slot, Array& gradient) override;
};

}  // namespace chainrule::nn
