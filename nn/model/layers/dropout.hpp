// Dropout, and a layer that changes the shape.
#pragma once

#include "nn/model/initializers.hpp"
#include "nn/model/module.hpp"

namespace chainrule::nn {

/// In training mode, sets each element to 0 with probability p and divides it by 1 - p otherwise,
/// which preserves its mean (inverted dropout; Srivastava et al. 2014). In evaluation mode, returns
/// x. Draws from its own random stream, which is part of the module's state.
class Dropout : public Module {
 public:
  /// Splits the random stream off default_random(). Throws DomainError unless p is in [0, 1].
  explicit Dropout(double p = 0.5) : Dropout(p, default_random().split()) {}
  Dropout(double p, const Random& random);

  Tensor forward(const Tensor& x) const override;
  void members(Members& m) override { m("random", random_).mode(is_training_); }
  std::string describe() const override;

 private:
  double p_;
  mutable bool is_training_ = true;
  mutable Random random_;
};

/// Joins all axes from `first` on into one: [n, a, b, ...] -> [n, a b ...].
class Flatten : public Module {
 public:
  explicit Flatten(std::int64_t first = 1) : first_(first) {}
  Tensor forward(const Tensor& x) const override;
  std::string describe() const override { return "Flatten"; }

 private:
  std::int64_t first_;
};

}  // namespace chainrule::nn
