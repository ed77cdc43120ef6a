#include "nn/losses/losses.hpp"

#include <fmt/format.h>

#include <cmath>

#include "autodiff/rules/activation.hpp"
#include "nn/losses/checks.hpp"

namespace chainrule::nn {

namespace {

void check_positive(double value, const char* loss, const char* option) {
  if (!(value > 0.0) || !std::isfinite(value))
    throw DomainError(fmt::format("{}: {} is {}; it must be positive", loss, option, value));
}

/// The targets of binary cross entropy: 0, 1 or a probability.
void check_soft_targets(const Tensor& target, const char* loss) {
  detail::check_range(target, 0.0, 1.0, loss, "targets",
                      "for targets -1 and 1 write (target + 1) / 2");
}

Tensor reduced(const Tensor& losses, Reduction reduction) {
  switch (reduction) {
    case Reduction::none:
      return losses;
    case Reduction::sum:
      return sum(losses);
    default:
      return mean(losses);
  }
}

/// With c = d clamped to [-delta, delta], both branches are c (d - c / 2).
Tensor huber_of(const Tensor& d, double delta) {
  const Tensor c = clamp(d, -delta, delta);
  return c * (d - c * 0.5);
}

/// huber_of(d, beta) / beta, divided before a product could leave the range.
Tensor smooth_l1_of(const Tensor& d, double beta) {
  const Tensor c = clamp(d, -beta, beta);
  return c / beta * (d - c * 0.5);
}

}  // namespace

Tensor half_squared_error(const Tensor& prediction, const Tensor& target) {
  detail::check_same_shape(prediction, target, "half_squared_error");
  const Tensor d = prediction - target;
  return sum(d * 0.5 * d);  // halved first: d^2 may overflow where the result does not
}

Tensor mse(const Tensor& prediction, const Tensor& target, Reduction reduction) {
  detail::check_same_shape(prediction, target, "mse");
  return reduced(square(prediction - target), reduction);
}

Tensor l1(const Tensor& prediction, const Tensor& target, Reduction reduction) {
  detail::check_same_shape(prediction, target, "l1");
  return reduced(abs(prediction - target), reduction);
}

Tensor huber(const Tensor& prediction, const Tensor& target, double delta, Reduction reduction) {
  detail::check_same_shape(prediction, target, "huber");
  check_positive(delta, "huber", "delta");
  return reduced(huber_of(prediction - target, delta), reduction);
}

Tensor smooth_l1(const Tensor& prediction, const Tensor& target, double beta, Reduction reduction) {
  detail::check_same_shape(prediction, target, "smooth_l1");
  check_positive(beta, "smooth_l1", "beta");
  return reduced(smooth_l1_of(prediction - target, beta), reduction);
}

Tensor bce(const Tensor& probability, const Tensor& target, Reduction reduction) {
  detail::check_same_shape(probability, target, "bce");
  detail::check_probabilities(probability, "bce", "bce_with_logits");
  check_soft_targets(target, "bce");
  constexpr double least = -100.0;
  const Tensor yes = max(log(probability), least), no = max(log1p(-probability), least);
  return reduced(-(target * yes + (1.0 - target) * no), reduction);
}

Tensor bce_with_logits(const Tensor& logits, const Tensor& target, Reduction reduction,
                       double pos_weight) {
  detail::check_same_shape(logits, target, "bce_with_logits");
  check_positive(pos_weight, "bce_with_logits", "pos_weight");
  check_soft_targets(target, "bce_with_logits");
  // -(w t log p + (1 - t) log(1 - p)), arranged so that no large numbers cancel for logits of
  // either sign, and differentiable at logit 0, where untrained models start.
  const Tensor yes = pos_weight * target, both = 1.0 - target + yes;
  return reduced(where(logits > 0.0, (1.0 - target) * logits + both * softplus(-logits),
                       both * softplus(logits) - yes * logits),
                 reduction);
}

Tensor kl_div(const Tensor& log_probabilities, const Tensor& target, Reduction reduction) {
  detail::check_same_shape(log_probabilities, target, "kl_div");
  detail::check_log_probabilities(log_probabilities, "kl_div", "for logits write log_softmax(x)");
  detail::check_range(target, 0.0, 1.0, "kl_div", "targets",
                      "targets are probabilities, not their logarithms");
  return reduced(xlogy(target, target) - where(target != 0.0, target * log_probabilities, 0.0),
                 reduction);
}

Tensor hinge(const Tensor& score, const Tensor& target, double margin, Reduction reduction) {
  detail::check_same_shape(score, target, "hinge");
  if (!(margin >= 0.0) || !std::isfinite(margin))
    throw DomainError(
        fmt::format("hinge: margin is {}; it must be finite and not negative", margin));
  detail::check_either(target, -1.0, 1.0, "hinge", "for targets 0 and 1 write 2 * target - 1");
  return reduced(relu(margin - target * score), reduction);
}

}  // namespace chainrule::nn
