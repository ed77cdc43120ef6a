// The 2-2-2 network of the well-known step-by-step backpropagation tutorial: logistic neurons, two
// inputs, two hidden, two outputs. Its loss for any scalar type, and a hand-coded training step.
#pragma once

#include <cmath>

namespace chainrule::objectives {

/// The tutorial's fixed numbers.
struct NetworkExample {
  double i1 = 0.05, i2 = 0.10;
  double b1 = 0.35, b2 = 0.60;
  double target1 = 0.01, target2 = 0.99;
  double rate = 0.5;
  double weights[8] = {0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55};
};
inline constexpr NetworkExample network_example;

/// E_total = 0.5 (target1 - o1)^2 + 0.5 (target2 - o2)^2, for the weights w[0..7] = w1..w8:
///   h1 = logistic(w1 i1 + w2 i2 + b1), h2 = logistic(w3 i1 + w4 i2 + b1),
///   o1 = logistic(w5 h1 + w6 h2 + b2), o2 = logistic(w7 h1 + w8 h2 + b2).
/// The biases may also be scalars of type T, to be differentiated with the weights.
template <class T, class Bias = double>
T network_loss(const T* w, const Bias& b1 = network_example.b1,
               const Bias& b2 = network_example.b2) {
  using std::exp;
  constexpr NetworkExample e = network_example;
  const auto logistic = [](const T& net) -> T { return 1.0 / (1.0 + exp(-net)); };
  const T h1 = logistic(w[0] * e.i1 + w[1] * e.i2 + b1);
  const T h2 = logistic(w[2] * e.i1 + w[3] * e.i2 + b1);
  const T miss1 = e.target1 - logistic(w[4] * h1 + w[5] * h2 + b2);
  const T miss2 = e.target2 - logistic(w[6] * h1 + w[7] * h2 + b2);
  return 0.5 * miss1 * miss1 + 0.5 * miss2 * miss2;
}

/// One step of gradient descent, in place, by hand-coded backpropagation; returns the loss before
/// the step. All gradients use the original weights, as the tutorial's text says; the biases stay
/// fixed.
inline double network_step_by_hand(double w[8]) {
  constexpr NetworkExample e = network_example;
  const auto logistic = [](double net) { return 1 / (1 + std::exp(-net)); };
  const double h1 = logistic(w[0] * e.i1 + w[1] * e.i2 + e.b1);
  const double h2 = logistic(w[2] * e.i1 + w[3] * e.i2 + e.b1);
  const double o1 = logistic(w[4] * h1 + w[5] * h2 + e.b2);
  const double o2 = logistic(w[6] * h1 + w[7] * h2 + e.b2);
  const double miss1 = e.target1 - o1, miss2 = e.target2 - o2;

  const double delta_o1 = -miss1 * o1 * (1 - o1);
  const double delta_o2 = -miss2 * o2 * (1 - o2);
  const double delta_h1 = (delta_o1 * w[4] + delta_o2 * w[6]) * h1 * (1 - h1);
  const double delta_h2 = (delta_o1 * w[5] + delta_o2 * w[7]) * h2 * (1 - h2);

  w[0] -= e.rate * delta_h1 * e.i1;
  w[1] -= e.rate * delta_h1 * e.i2;
  w[2] -= e.rate * delta_h2 * e.i1;
  w[3] -= e.rate * delta_h2 * e.i2;
  w[4] -= e.rate * delta_o1 * h1;
  w[5] -= e.rate * delta_o1 * h2;
  w[6] -= e.rate * delta_o2 * h1;
  w[7] -= e.rate * delta_o2 * h2;
  return 0.5 * miss1 * miss1 + 0.5 * miss2 * miss2;
}

}  // namespace chainrule::objectives
