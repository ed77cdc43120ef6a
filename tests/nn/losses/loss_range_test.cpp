// Losses in both element types at every magnitude of the prediction, to second derivatives, against
// references in long double.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>

#include "nn/losses/losses.hpp"
#include "tests/support/range_cases.hpp"
#include "tests/support/range_check.hpp"

using namespace chainrule;
using namespace chainrule::testing;
using nn::Reduction;

namespace {

/// The elements of a target that does not depend on the prediction.
using Targets = double (*)(std::size_t i);

double no_target(std::size_t) { return 0.0; }
double probability(std::size_t i) { return std::array{0.0, 1.0, 0.25, 0.5}[i % 4]; }
double sign_target(std::size_t i) { return i % 2 == 0 ? 1.0 : -1.0; }

Tensor target_like(const Tensor& x, Targets targets) {
  std::vector<double> numbers;
  for (std::size_t i = 0; i < static_cast<std::size_t>(x.value().size()); ++i)
    numbers.push_back(targets(i));
  return array_of(x.shape(), numbers, x.dtype());
}

/// A loss with a fixed target, as a sum over per-element losses.
template <class F, class G>
RangeCase with_target(std::string name, Targets targets, F loss, G per_element, Bounds bounds) {
  return of_vector(
      std::move(name), [=](const Tensor& x) { return loss(x, target_like(x, targets)); },
      [=](const HyperDuals& x) {
        HyperDual sum;
        for (std::size_t i = 0; i < x.size(); ++i)
          sum = sum + per_element(x[i], static_cast<long double>(targets(i)));
        return sum;
      },
      bounds);
}

HyperDual clamped(const HyperDual& x, long double limit) {
  return std::abs(x.v) <= limit ? x : HyperDual(std::copysign(limit, x.v));
}
/// log(1 + exp(x)).
HyperDual softplus_of(const HyperDual& x) {
  return x.v > 0.0L ? x + log1p(exp(-x)) : log1p(exp(x));
}

// Values have a bound of half a unit for each of the 38 elements: squares may be subnormal.
std::vector<RangeCase> distance_cases() {
  std::vector<RangeCase> cases = {
      with_target(
          "half_squared_error", no_target,
          [](const Tensor& x, const Tensor& t) { return nn::half_squared_error(x, t); },
          [](const HyperDual& x, long double) { return 0.5L * x * x; }, {20, 1, 1}),
      with_target(
          "mse", no_target,
          [](const Tensor& x, const Tensor& t) { return nn::mse(x, t, Reduction::sum); },
          [](const HyperDual& x, long double) { return x * x; }, {20, 1, 1}),
      with_target(
          "l1", no_target,
          [](const Tensor& x, const Tensor& t) { return nn::l1(x, t, Reduction::sum); },
          [](const HyperDual& x, long double) { return abs(x); }, {4, 1, 0})};
  for (const double width : {1e-3, 1.0, 1e3}) {
    const std::string how = ", " + std::to_string(width);
    cases.push_back(with_target(
        "huber" + how, no_target,
        [=](const Tensor& x, const Tensor& t) { return nn::huber(x, t, width, Reduction::sum); },
        [=](const HyperDual& x, long double) {
          const HyperDual c = clamped(x, width);
          return c * (x - 0.5L * c);
        },
        {20, 4, 4}));
    cases.push_back(with_target(
        "smooth_l1" + how, no_target,
        [=](const Tensor& x, const Tensor& t) {
          return nn::smooth_l1(x, t, width, Reduction::sum);
        },
        [=](const HyperDual& x, long double) {
          const HyperDual c = clamped(x, width);
          return c * (x - 0.5L * c) / HyperDual(width);
        },
        {20, 4, 4}));
  }
  return cases;
}

// Log probabilities are not positive, so losses of them take -abs(x).
std::vector<RangeCase> classification_cases() {
  std::vector<RangeCase> cases;
  for (const double weight : {1.0, 3.0})
    cases.push_back(with_target(
        "bce_with_logits, pos_weight=" + std::to_string(weight), probability,
        [=](const Tensor& x, const Tensor& t) {
          return nn::bce_with_logits(x, t, Reduction::sum, weight);
        },
        [=](const HyperDual& x, long double t) {
          return (1.0L - t) * softplus_of(x) + (t * weight) * softplus_of(-x);
        },
        {8, 16, 16}));
  cases.push_back(with_target(
      "hinge", sign_target,
      [](const Tensor& x, const Tensor& t) { return nn::hinge(x, t, 1.0, Reduction::sum); },
      [](const HyperDual& x, long double t) {
        const HyperDual d = HyperDual(1.0L) - t * x;
        return d.v > 0.0L ? d : HyperDual(0.0L);
      },
      {4, 1, 0}));
  cases.push_back(with_target(
      "kl_div", probability,
      [](const Tensor& x, const Tensor& t) { return nn::kl_div(-abs(x), t, Reduction::sum); },
      [](const HyperDual& x, long double t) {
        return t == 0.0L ? HyperDual(0.0L) : t * (HyperDual(std::log(t)) + abs(x));
      },
      {8, 1, 0}));
  cases.back().cancels = true;
  cases.back().least = 1.0;
  for (const double smoothing : {0.0, 0.2}) {
    cases.push_back(of_vector(
        "nll, smoothing=" + std::to_string(smoothing),
        [=](const Tensor& x) {
          return nn::nll(reshape(-abs(x), {1, x.value().size()}), Indices{1},
                         {.label_smoothing = smoothing, .reduction = Reduction::sum});
        },
        [=](const HyperDuals& x) {
          HyperDual loss;
          for (std::size_t k = 0; k < x.size(); ++k)
            loss = loss + ((k == 1 ? 1.0L - smoothing : 0.0L) +
                           smoothing / static_cast<long double>(x.size())) *
                              abs(x[k]);
          return loss;
        },
        {8, 2, 0}));
    cases.back().cancels = true;
  }
  return cases;
}

template <class T>
void check_probabilities() {
  constexpr double step = std::numeric_limits<T>::epsilon();
  constexpr double least = 1.2e-38;  // bce() limits logarithms to -100
  for (const double p : {least, 1e-30, 1e-7, 0.1, 0.5, 0.9, 1.0 - step, 1.0 - step / 2.0})
    for (const double t : {0.0, 0.25, 1.0}) {
      CAPTURE(sizeof(T));
      CAPTURE(p);
      CAPTURE(t);
      Graph graph;
      const Tensor x = variable(Tensor(array_of({1}, {p}, dtype_of<T>)));
      const Tensor loss = nn::bce(x, Tensor(array_of({1}, {t}, dtype_of<T>)), Reduction::sum);
      const long double q = static_cast<T>(p);
      const long double want = -(t * std::log(q) + (1.0L - t) * std::log1p(-q));
      const long double slope = -(t / q - (1.0L - t) / (1.0L - q));
      CHECK(worst_error<T>({loss.item()}, {static_cast<double>(want)}) <= 4);
      CHECK(worst_error<T>(to_vector(gradient(loss)[x]), {static_cast<double>(slope)}) <= 4);
    }
}

}  // namespace

TEST_CASE("losses of distances at every magnitude") { check_cases(distance_cases()); }
TEST_CASE("losses of classification at every magnitude") { check_cases(classification_cases()); }

TEST_CASE("binary cross entropy of probabilities next to 0 and 1") {
  check_probabilities<float>();
  check_probabilities<double>();
}

TEST_CASE("losses whose squares would overflow or underflow where the result does not") {
  for (const DType dtype : {DType::float32, DType::float64}) {
    const double large = dtype == DType::float32 ? 0x1p64 : 0x1p512;  // its square is too large
    const Tensor x(array_of({1}, {large}, dtype)), zero(array_of({1}, {0.0}, dtype));
    CHECK(nn::half_squared_error(x, zero).item() == large / 2.0 * large);
    const Tensor small(array_of({1}, {1.0 / large / 8.0}, dtype));
    const double d = 1.0 / large / 8.0;
    CHECK(nn::smooth_l1(small, zero, d).item() == d / 2.0);
  }
}
