// Cases of normalisations and losses.
#pragma once

#include "tests/support/structural_cases/case.hpp"

namespace chainrule::testing {

template <>
inline StructuralCases structural_cases<rules::SoftmaxAdjoint>() {
  return pairs_along_axis([](const auto& y, const auto& a, std::int64_t axis) {
    return apply<rules::SoftmaxAdjoint>({axis}, y, a);
  });
}
template <>
inline StructuralCases structural_cases<chainrule::rules::Softmax>() {
  return over_axes([](const auto& x, const auto& axes, bool) { return softmax(x, axes); });
}
template <>
inline StructuralCases structural_cases<rules::LogSoftmaxAdjoint>() {
  return pairs_along_axis([](const auto& y, const auto& a, std::int64_t axis) {
    return apply<rules::LogSoftmaxAdjoint>({axis}, y, a);
  });
}
template <>
inline StructuralCases structural_cases<chainrule::rules::LogSoftmax>() {
  return over_axes([](const auto& x, const auto& axes, bool) { return log_softmax(x, axes); });
}
template <>
inline StructuralCases structural_cases<rules::LogSumExp>() {
  return over_axes([](const auto& x, const auto& axes, bool k) { return logsumexp(x, axes, k); },
                   false);
}
template <>
inline StructuralCases structural_cases<rules::StandardScale>() {
  const auto f = [](const auto& x) { return apply<rules::StandardScale>({0.1}, x[0]); };
  return {{{{3}}, f}, {{{2, 3}}, f}, {{{2, 1}}, f}, {{{0, 2}}, f}};
}
template <>
inline StructuralCases structural_cases<rules::StandardisedAdjoint>() {
  const auto f = [](const auto& x) { return apply<rules::StandardisedAdjoint>({0.1}, x[0], x[1]); };
  return {{{{3}, {3}}, f}, {{{2, 3}, {2, 3}}, f}, {{{2, 1}, {2, 1}}, f}, {{{0, 2}, {0, 2}}, f}};
}
template <>
inline StructuralCases structural_cases<rules::Standardised>() {
  return for_shapes(shapes_of_rank(1), [](const Shape&) -> TensorFunction {
    return [](const auto& x) { return standardised(x[0], {0.1}); };
  });
}
template <>
inline StructuralCases structural_cases<chainrule::rules::LayerNorm>() {
  const auto f = [](const auto& x) { return layernorm(x[0], x[1], x[2], 0.1); };
  return {{{{3}, {3}, {3}}, f},
          {{{2, 3}, {3}, {3}}, f},
          {{{2, 1, 2}, {2}, {2}}, f},
          {{{2, 1}, {1}, {1}}, f},
          {{{0, 2}, {2}, {2}}, f}};
}

/// Targets for logits of some element type, with and without class weights, and smoothing.
struct SomeTarget {
  Indices labels;
  std::vector<double> weights = {};
  double smoothing = 0.0;

  CrossEntropyTarget like(const Tensor& logits) const {
    const auto classes = static_cast<std::int64_t>(weights.size());
    return cross_entropy_target(
        labels, weights.empty() ? Array() : array_of({classes}, weights, logits.dtype()),
        smoothing);
  }
};
inline const std::vector<SomeTarget> some_targets = {
    {{2, 0}}, {{2, 0}, {1.0, 2.0, 3.0}}, {{1, 1}, {1.0, 0.0, 2.0}, 0.2}};

template <>
inline StructuralCases structural_cases<rules::CrossEntropyAdjoint>() {
  StructuralCases cases;
  for (const SomeTarget& target : some_targets)
    cases.push_back({{{2, 3}, {2}}, [=](const auto& x) {
                       return apply<rules::CrossEntropyAdjoint>(target.like(x[0]), x[0], x[1]);
                     }});
  return cases;
}
template <>
inline StructuralCases structural_cases<rules::CrossEntropy>() {
  StructuralCases cases;
  for (const SomeTarget& target : some_targets)
    cases.push_back({{{2, 3}}, [=](const auto& x) {
                       return apply<rules::CrossEntropy>(target.like(x[0]), x[0]);
                     }});
  cases.push_back({{{0, 3}}, [](const auto& x) {
                     return apply<rules::CrossEntropy>(SomeTarget{}.like(x[0]), x[0]);
                   }});
  return cases;
}

}  // namespace chainrule::testing
