// Update rules: against PyTorch, and each with all its options against its formula.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "nn/optimizers/adam.hpp"
#include "nn/optimizers/adaptive.hpp"
#include "nn/optimizers/sgd.hpp"
#include "tests/nn/optimizers/check_optimizers.hpp"

using namespace chainrule;
using chainrule::testing::step;

namespace {

/// A parameter with the initial value 1 after steps with the gradients 0.5, -0.25, 0.1.
template <class Optimizer>
double after_three(typename Optimizer::Options options, DType dtype = DType::float64) {
  options.learning_rate = 0.1;
  const nn::Parameter w(ones({5}, dtype));
  Optimizer optimizer(nn::Parameters{w}, options);
  for (const double g : {0.5, -0.25, 0.1}) step(optimizer, w, g);
  for (std::int64_t i = 1; i < 5; ++i) CHECK(w.value().element(i) == w.value().element(0));
  return w.value().element(0);
}

template <class Optimizer>
void check(const typename Optimizer::Options& options, double expected) {
  CHECK(after_three<Optimizer>(options) == doctest::Approx(expected).epsilon(2e-14));
  CHECK(after_three<Optimizer>(options, DType::float32) == doctest::Approx(expected).epsilon(3e-6));
}

}  // namespace

TEST_CASE("updates equal those of PyTorch") {
  check<nn::Sgd>({}, 0.965);
  check<nn::Sgd>({.momentum = 0.9}, 0.902);
  check<nn::Sgd>({.momentum = 0.9, .dampening = 0.5}, 0.88325);
  check<nn::Sgd>({.momentum = 0.9, .nesterov = true}, 0.8768);
  check<nn::Sgd>({.momentum = 0.9, .weight_decay = 0.01}, 0.896559749);
  check<nn::Adam>({}, 0.841841943025716);
  check<nn::Adam>({.weight_decay = 0.01}, 0.837292366359363);
  check<nn::AdamW>({}, 0.83907147572501);
  check<nn::Rmsprop>({}, 0.27137417663017);
  check<nn::Rmsprop>({.centered = true}, 0.266441911708617);
  check<nn::Rmsprop>({.momentum = 0.9}, -1.03451362439029);
  check<nn::Adagrad>({}, 0.927112341438584);
}

// ---- Formulas -----------------------------------------------------------------------------------

namespace {

// One element of a parameter: w after step t = 1, 2, ... with the gradient g, by the formulas of
// the docstrings in plain numbers.

struct SgdRule {
  nn::SgdOptions o;
  double b = 0.0;
  double operator()(int t, double w, double g) {
    const double d = g + o.weight_decay * w;
    if (o.momentum == 0.0) return w - o.learning_rate * d;
    b = t == 1 ? d : o.momentum * b + (1.0 - o.dampening) * d;
    return w - o.learning_rate * (o.nesterov ? d + o.momentum * b : b);
  }
};

struct AdamRule {
  nn::AdamOptions o;
  double m = 0.0, v = 0.0, most = 0.0;
  double operator()(int t, double w, double g) {
    const double d = g + o.weight_decay * w;
    m = o.beta1 * m + (1.0 - o.beta1) * d;
    v = o.beta2 * v + (1.0 - o.beta2) * d * d;
    most = std::max(most, v);
    const double mean = m / (1.0 - std::pow(o.beta1, t));
    const double square = (o.amsgrad ? most : v) / (1.0 - std::pow(o.beta2, t));
    return w - o.learning_rate * mean / (std::sqrt(square) + o.eps);
  }
};

struct AdamWRule {
  nn::AdamWOptions o;
  AdamRule adam{{o.learning_rate, o.beta1, o.beta2, o.eps, 0.0, o.amsgrad}};
  double operator()(int t, double w, double g) {
    return adam(t, w, g) - o.learning_rate * o.weight_decay * w;
  }
};

struct AdamaxRule {
  nn::AdamaxOptions o;
  double m = 0.0, u = 0.0;
  double operator()(int t, double w, double g) {
    const double d = g + o.weight_decay * w;
    m = o.beta1 * m + (1.0 - o.beta1) * d;
    u = std::max(o.beta2 * u, std::fabs(d) + o.eps);
    return w - o.learning_rate / (1.0 - std::pow(o.beta1, t)) * m / u;
  }
};

struct RmspropRule {
  nn::RmspropOptions o;
  double v = 0.0, a = 0.0, b = 0.0;
  double operator()(int, double w, double g) {
    const double d = g + o.weight_decay * w;
    v = o.alpha * v + (1.0 - o.alpha) * d * d;
    a = o.alpha * a + (1.0 - o.alpha) * d;
    const double u = d / (std::sqrt(o.centered ? v - a * a : v) + o.eps);
    b = o.momentum * b + u;
    return w - o.learning_rate * b;
  }
};

struct AdagradRule {
  nn::AdagradOptions o;
  double v = o.initial_accumulator_value;
  double operator()(int t, double w, double g) {
    const double d = g + o.weight_decay * w;
    v += d * d;
    return w - o.learning_rate / (1.0 + (t - 1) * o.lr_decay) * d / (std::sqrt(v) + o.eps);
  }
};

struct AdadeltaRule {
  nn::AdadeltaOptions o;
  double v = 0.0, moved = 0.0;
  double operator()(int, double w, double g) {
    const double d = g + o.weight_decay * w;
    v = o.rho * v + (1.0 - o.rho) * d * d;
    const double move = std::sqrt(moved + o.eps) / std::sqrt(v + o.eps) * d;
    moved = o.rho * moved + (1.0 - o.rho) * move * move;
    return w - o.learning_rate * move;
  }
};

/// The gradients of four steps; the third is smaller, the fourth larger than those before.
const std::vector<std::vector<double>> slopes = {
    {0.5, -1.0, 0.25}, {-0.75, -0.5, 2.0}, {0.125, -0.25, 0.5}, {3.0, -2.0, -4.0}};

template <class Optimizer, class Rule>
void check_rule(const std::vector<typename Optimizer::Options>& options) {
  for (std::size_t k = 0; k < options.size(); ++k)
    for (const DType dtype : {DType::float64, DType::float32}) {
      CAPTURE(Optimizer::Options::name);
      CAPTURE(k);
      std::vector<double> w = {1.0, -2.0, 0.5};
      std::vector<Rule> rules(w.size(), Rule{options[k]});
      const nn::Parameter parameter(tensor({1.0, -2.0, 0.5}, dtype));
      Optimizer optimizer(nn::Parameters{parameter}, options[k]);
      for (std::size_t t = 0; t < slopes.size(); ++t) {
        Graph graph;
        const Tensor loss = sum(parameter() * tensor(slopes[t]).astype(dtype));
        optimizer.step(gradient(loss));
        for (std::size_t i = 0; i < w.size(); ++i) {
          w[i] = rules[i](static_cast<int>(t + 1), w[i], slopes[t][i]);
          CHECK(parameter.value().element(static_cast<std::int64_t>(i)) ==
                doctest::Approx(w[i]).epsilon(dtype == DType::float64 ? 1e-13 : 1e-5));
        }
      }
    }
}

}  // namespace

TEST_CASE("each rule equals its formula with all its options") {
  check_rule<nn::Sgd, SgdRule>({
      {.learning_rate = 0.1},
      {.learning_rate = 0.1, .weight_decay = 0.25},
      {.learning_rate = 0.1, .momentum = 1.0},
      {.learning_rate = 0.1, .momentum = 0.5, .dampening = 1.0},
      {.learning_rate = 0.1, .momentum = 0.75, .dampening = 0.25, .weight_decay = 0.25},
      {.learning_rate = 0.1, .momentum = 0.75, .weight_decay = 0.25, .nesterov = true},
  });
  check_rule<nn::Adam, AdamRule>({
      {.learning_rate = 0.1},
      {.learning_rate = 0.1, .beta1 = 0.0, .beta2 = 0.0, .eps = 0.5},
      {.learning_rate = 0.1, .beta1 = 0.5, .beta2 = 0.75, .weight_decay = 0.25},
      {.learning_rate = 0.1, .beta2 = 0.5, .eps = 0.5, .weight_decay = 0.25, .amsgrad = true},
  });
  check_rule<nn::AdamW, AdamWRule>({
      {.learning_rate = 0.1},
      {.learning_rate = 0.1, .beta1 = 0.5, .beta2 = 0.75, .eps = 0.5, .weight_decay = 0.25},
      {.learning_rate = 0.1, .beta2 = 0.5, .weight_decay = 0.25, .amsgrad = true},
  });
  check_rule<nn::Adamax, AdamaxRule>({
      {.learning_rate = 0.1},
      {.learning_rate = 0.1, .beta1 = 0.5, .beta2 = 0.75, .eps = 0.5, .weight_decay = 0.25},
  });
  for (const double momentum : {0.0, 0.5, 1.0})
    for (const double decay : {0.0, 0.25})
      for (const bool centered : {false, true})
        check_rule<nn::Rmsprop, RmspropRule>({{.learning_rate = 0.1,
                                               .alpha = 0.75,
                                               .eps = 0.5,
                                               .weight_decay = decay,
                                               .momentum = momentum,
                                               .centered = centered}});
  check_rule<nn::Adagrad, AdagradRule>({
      {.learning_rate = 0.1},
      {.learning_rate = 0.1,
       .lr_decay = 0.5,
       .weight_decay = 0.25,
       .initial_accumulator_value = 0.5,
       .eps = 0.25},
  });
  check_rule<nn::Adadelta, AdadeltaRule>({
      {},
      {.learning_rate = 0.5, .rho = 0.5, .eps = 0.25, .weight_decay = 0.25},
  });
}

TEST_CASE("groups with different decay rates are updated as if they were alone") {
  const nn::Parameter a(ones({2})), b(ones({2})), a_alone(ones({2})), b_alone(ones({2}));
  const nn::AdamOptions first{.learning_rate = 0.1, .beta1 = 0.5, .beta2 = 0.75};
  const nn::AdamOptions second{.learning_rate = 0.1, .beta1 = 0.75, .beta2 = 0.5};
  nn::Adam both({{nn::Parameters{a}, first}, {nn::Parameters{b}, second}});
  nn::Adam only_a(nn::Parameters{a_alone}, first), only_b(nn::Parameters{b_alone}, second);
  for (const double g : {0.5, -0.25, 0.125}) {
    Graph graph;
    both.step(gradient(sum((a() + b()) * g)));
    step(only_a, a_alone, g);
    step(only_b, b_alone, g);
    CHECK(a.value().element(1) == a_alone.value().element(1));
    CHECK(b.value().element(1) == b_alone.value().element(1));
  }
}

TEST_CASE("Adamax with eps = 0 makes no step while all gradients are 0") {
  const nn::Parameter w(ones({2}));
  nn::Adamax optimizer(nn::Parameters{w}, {.eps = 0.0});
  step(optimizer, w, 0.0);
  CHECK(w.value().element(0) == 1.0);
  step(optimizer, w, 0.5);
  CHECK(w.value().element(0) < 1.0);
}

TEST_CASE("a constant gradient does not make the variance of centred Rmsprop negative") {
  for (const DType dtype : {DType::float32, DType::float64})
    for (const double g : {0.1, 0.3, 0.7}) {
      const nn::Parameter w(full({1}, 0.0, dtype));
      nn::Rmsprop optimizer(nn::Parameters{w}, {.learning_rate = 1e-6, .centered = true});
      Graph graph;
      const Gradient d = gradient(sum(w() * g));
      for (int i = 0; i < 4000; ++i) optimizer.step(d);
      CHECK(std::isfinite(w.value().element(0)));
    }
}
