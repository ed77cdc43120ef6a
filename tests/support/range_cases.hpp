// Reductions, normalisations and losses with separate reference implementations, measured at all
// magnitudes of their first operand.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "autodiff/autodiff.hpp"
#include "tests/support/hyper_dual.hpp"
#include "tests/support/range_bounds.hpp"
#include "tests/support/tensor_differences.hpp"

namespace chainrule::testing {

/// Maps the elements of the operands to those of the result.
using RangeReference = std::function<HyperDuals(const std::vector<HyperDuals>&)>;

struct RangeCase {
  std::string name;
  TensorFunction f;  ///< a function of a vector, and of `others` further operands
  RangeReference reference;
  Bounds bounds;
  int others = 0;          ///< number of further operands of the same size, which keep their
                           ///< magnitude
  bool cancels = false;    ///< errors are relative to the sum of the terms' absolute values
  double least = 0.0;      ///< errors below a unit at this magnitude are ignored: 1 for logarithms
  std::int64_t size = 38;  ///< size of the vector; size 4 is measured as well
  bool is_balanced = false;  ///< the second half of the elements is multiplied by 1 / scale
  /// How many of the value, the first and the second derivative are within the bounds. The others
  /// leave the range or cancel at some scale: a known limit (docs/conventions.md).
  int parts = 3;
};

inline HyperDual mean_of(const HyperDuals& x) {
  return sum_of(x) / static_cast<long double>(x.size());
}
/// x - constant for each element: exact for close numbers.
inline HyperDuals less(const HyperDuals& x, long double constant) {
  HyperDuals result;
  for (const HyperDual& each : x) result.push_back(each - constant);
  return result;
}
inline HyperDuals centred_of(const HyperDuals& x) {
  // Accurate also if the spread is small compared with the mean: long double has only 11 bits more
  // than double.
  const HyperDuals near = less(x, x[0].v);
  const HyperDual mean = mean_of(near);
  HyperDuals result;
  for (const HyperDual& each : near) result.push_back(each - mean);
  return result;
}
inline HyperDual variance_of(const HyperDuals& x, long double correction) {
  HyperDual sum;
  for (const HyperDual& d : centred_of(x)) sum = sum + d * d;
  return sum / (static_cast<long double>(x.size()) - correction);
}
inline HyperDuals standardised_of(const HyperDuals& x, long double epsilon) {
  const HyperDual scale = reciprocal(sqrt(variance_of(x, 0.0L) + epsilon));
  HyperDuals result;
  for (const HyperDual& d : centred_of(x)) result.push_back(d * scale);
  return result;
}
inline HyperDual norm_of(const HyperDuals& x, long double p) {
  HyperDual sum;
  for (const HyperDual& each : x) sum = sum + pow(abs(each), p);
  return pow(sum, 1.0L / p);
}
inline long double greatest_of(const HyperDuals& x) {
  long double greatest = x[0].v;
  for (const HyperDual& each : x) greatest = std::max(greatest, each.v);
  return greatest;
}
inline HyperDual log_of_sum_of_exp(const HyperDuals& x) {
  HyperDual sum;
  for (const HyperDual& each : x) sum = sum + exp(each);
  return log(sum);
}
inline HyperDual logsumexp_of(const HyperDuals& x) {
  return log_of_sum_of_exp(less(x, greatest_of(x))) + greatest_of(x);
}
inline HyperDuals log_softmax_of(const HyperDuals& x) {
  const HyperDuals near = less(x, greatest_of(x));
  const HyperDual all = log_of_sum_of_exp(near);
  HyperDuals result;
  for (const HyperDual& each : near) result.push_back(each - all);
  return result;
}
inline HyperDuals softmax_of(const HyperDuals& x) {
  HyperDuals result;
  for (const HyperDual& each : log_softmax_of(x)) result.push_back(exp(each));
  return result;
}
inline HyperDuals running_of(const HyperDuals& x, bool product) {
  HyperDuals result = {x[0]};
  for (std::size_t i = 1; i < x.size(); ++i)
    result.push_back(product ? result.back() * x[i] : result.back() + x[i]);
  return result;
}

/// A function of one vector with a scalar result.
template <class F, class G>
RangeCase of_vector(std::string name, F f, G reference, Bounds bounds) {
  return {std::move(name), [f](const std::vector<Tensor>& t) { return f(t[0]); },
          [reference](const std::vector<HyperDuals>& x) { return HyperDuals{reference(x[0])}; },
          bounds};
}
/// A function of one vector with as many results as elements.
template <class F, class G>
RangeCase elementwise_of_vector(std::string name, F f, G reference, Bounds bounds) {
  return {std::move(name), [f](const std::vector<Tensor>& t) { return f(t[0]); },
          [reference](const std::vector<HyperDuals>& x) { return reference(x[0]); }, bounds};
}

// ---- The cases ----------------------------------------------------------------------------------

inline std::vector<RangeCase> reduction_cases() {
  std::vector<RangeCase> cases = {
      of_vector("sum", [](const Tensor& x) { return sum(x); }, sum_of, {4, 0, 0}),
      of_vector("mean", [](const Tensor& x) { return mean(x); }, mean_of, {4, 1, 0}),
      elementwise_of_vector(
          "cumsum", [](const Tensor& x) { return cumsum(x, 0); },
          [](const HyperDuals& x) { return running_of(x, false); }, {1, 1, 0}),
      elementwise_of_vector("centred", [](const Tensor& x) { return centred(x, 0); }, centred_of,
                            {2, 4, 0}),
      of_vector(
          "var", [](const Tensor& x) { return var(x); },
          [](const HyperDuals& x) { return variance_of(x, 0.0L); }, {8, 4, 4}),
      of_vector(
          "stddev", [](const Tensor& x) { return stddev(x); },
          [](const HyperDuals& x) { return sqrt(variance_of(x, 0.0L)); }, {4, 8, 16}),
      of_vector(
          "stddev, correction 1", [](const Tensor& x) { return stddev(x, 0, 1.0); },
          [](const HyperDuals& x) { return sqrt(variance_of(x, 1.0L)); }, {4, 8, 16})};
  for (RangeCase& c : cases) c.cancels = c.name == "sum" || c.name == "mean" || c.name == "cumsum";
  for (const double p : {0.5, 1.0, 2.0, 3.0, 4.0})
    cases.push_back(of_vector(
        "norm, p=" + std::to_string(p), [p](const Tensor& x) { return norm(x, p); },
        [p](const HyperDuals& x) { return norm_of(x, p); }, {8, 16, 32}));
  cases[cases.size() - 5].parts = 2;  // p = 0.5
  for (const bool is_balanced : {false, true}) {
    const std::string how = is_balanced ? ", balanced" : "";
    cases.push_back(of_vector(
        "prod" + how, [](const Tensor& x) { return prod(x); },
        [](const HyperDuals& x) {
          HyperDual product = 1.0L;
          for (const HyperDual& each : x) product = product * each;
          return product;
        },
        {64, 64, 64}));
    cases.back().is_balanced = is_balanced;
    cases.back().parts = 2;
    cases.back().size = 14;  // more would leave the range of long double
    cases.push_back(elementwise_of_vector(
        "cumprod" + how, [](const Tensor& x) { return cumprod(x, 0); },
        [](const HyperDuals& x) { return running_of(x, true); }, {64, 64, 64}));
    cases.back().is_balanced = is_balanced;
    cases.back().parts = is_balanced ? 1 : 3;
    cases.back().size = 14;  // more would leave the range of long double
  }
  return cases;
}

inline std::vector<RangeCase> normalisation_cases() {
  std::vector<RangeCase> cases = {
      of_vector("logsumexp", [](const Tensor& x) { return logsumexp(x); }, logsumexp_of,
                {4, 8, 16}),
      elementwise_of_vector("softmax", [](const Tensor& x) { return softmax(x); }, softmax_of,
                            {4, 8, 16}),
      elementwise_of_vector("log_softmax", [](const Tensor& x) { return log_softmax(x); },
                            log_softmax_of, {4, 16, 16})};
  for (RangeCase& c : cases) c.least = 1.0;
  for (const double epsilon : {0.0, 1e-5}) {
    const std::string how = ", epsilon=" + std::to_string(epsilon);
    cases.push_back(of_vector(
        "standard_scale" + how,
        [=](const Tensor& x) { return apply<rules::StandardScale>({epsilon}, x); },
        [=](const HyperDuals& x) { return reciprocal(sqrt(variance_of(x, 0.0L) + epsilon)); },
        {4, 16, 32}));
    cases.push_back(elementwise_of_vector(
        "standardised" + how, [=](const Tensor& x) { return standardised(x, {epsilon}); },
        [=](const HyperDuals& x) { return standardised_of(x, epsilon); }, {8, 16, 256}));
    cases.push_back(
        {"layernorm" + how,
         [=](const std::vector<Tensor>& t) { return layernorm(t[0], t[1], t[2], epsilon); },
         [=](const std::vector<HyperDuals>& x) {
           HyperDuals z = standardised_of(x[0], epsilon);
           for (std::size_t i = 0; i < z.size(); ++i) z[i] = z[i] * x[1][i] + x[2][i];
           return z;
         },
         {8, 32, 64}});
    cases.back().others = 2;
  }
  return cases;
}

/// Cross entropy of one example of class 1, with and without weights and smoothing.
inline std::vector<RangeCase> loss_cases() {
  std::vector<RangeCase> cases;
  for (const double smoothing : {0.0, 0.2})
    for (const bool is_weighted : {false, true}) {
      const auto weight = [=](std::size_t k) {
        return is_weighted ? 0.5 + 0.25 * static_cast<double>(k % 3) : 1.0;
      };
      const auto f = [=](const std::vector<Tensor>& t) {
        CrossEntropyWithLogitsOptions<Tensor> options;
        const std::int64_t n = t[0].shape()[0];
        std::vector<double> all;
        for (std::int64_t k = 0; k < n; ++k) all.push_back(weight(static_cast<std::size_t>(k)));
        if (is_weighted) options.class_weights = Tensor(array_of({n}, all, t[0].dtype()));
        options.label_smoothing = smoothing;
        options.reduction = Reduction::sum;
        return cross_entropy_with_logits(reshape(t[0], {1, n}), Indices{1}, options);
      };
      const auto reference = [=](const std::vector<HyperDuals>& x) {
        const HyperDuals logarithms = log_softmax_of(x[0]);
        const auto classes = static_cast<long double>(logarithms.size());
        HyperDual loss;
        for (std::size_t k = 0; k < logarithms.size(); ++k) {
          const long double target =
              weight(k) * ((k == 1 ? 1.0L - smoothing : 0.0L) + smoothing / classes);
          if (target != 0.0L) loss = loss - target * logarithms[k];
        }
        return HyperDuals{loss};
      };
      cases.push_back({"cross_entropy, smoothing=" + std::to_string(smoothing) +
                           (is_weighted ? ", weighted" : ""),
                       f,
                       reference,
                       {16, 8, 16}});
      cases.back().least = 1.0;
    }
  return cases;
}

}  // namespace chainrule::testing
