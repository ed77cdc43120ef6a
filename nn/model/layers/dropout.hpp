// Layers that leave out, and that change the shape.
#pragma once

#include "nn/model/initializers.hpp"
#include "nn/model/module.hpp"

namespace chainrule::nn {

/// While training, each element is 0 with probability p and otherwise divided by 1 - p, so that its
/// mean stays (Srivastava et al. 2014, in the "inverted" form); in use, x itself. Draws from a
/// stream of its own, which is part of the module's state.
class Dropout : public Module {
 public:
  /// The stream is split off default_random(). Throws DomainError unless p is in [0, 1].
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

/// [n, a, b, ...] -> [n, a b ...]: everything from axis `first` on becomes one axis.
class Flatten : public Module {
 public:
  explicit Flatten(std::int64_t first = 1) : first_(first) {}
  Tensor forward(const Tensor& x) const override;
  std::string describe() const override { return "Flatten"; }

 private:
  std::int64_t first_;
};

}  // namespace chainrule::nn
