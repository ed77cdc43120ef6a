// Losses with a kernel of their own, because a training step spends much of its time in them.
#pragma once

#include <memory>

#include "autodiff/structural/normalisation.hpp"

namespace chainrule {

/// How per-example losses are reduced.
enum class Reduction { none, mean, sum };

/// The target of a classification: a label for each example, a weight for each class (nullptr: all
/// 1), and the part of the probability that is spread evenly over all classes.
struct CrossEntropyTarget {
  std::shared_ptr<const Indices> labels;
  std::shared_ptr<const Array> class_weights;
  double smoothing;
};
CrossEntropyTarget cross_entropy_target(const Indices& labels, const Array& class_weights,
                                        double smoothing);
/// The target of each example and class: w[k] ((1 - smoothing) [k is the label] + smoothing / K).
Array cross_entropy_targets(const CrossEntropyTarget& p, const Array& logits);
/// The divisor of a mean: the sum of the weights of the labels' classes.
double cross_entropy_divisor(const CrossEntropyTarget& p);

namespace detail {
std::string describe_cross_entropy(const CrossEntropyTarget& p);
/// The sum of each example's targets.
Array cross_entropy_weights(const CrossEntropyTarget& p, const Array& logits);
}  // namespace detail

namespace rules {
/// a * (W softmax(x) - target), where W is the sum of the example's targets.
struct CrossEntropyAdjoint : Structural<2> {
  static constexpr Notation notation = library_call("cross_entropy_adjoint");
  using Parameters = CrossEntropyTarget;
  static std::string describe(const Parameters& p) { return detail::describe_cross_entropy(p); }
  static Array value(const Parameters& p, const Array& logits, const Array& adjoint);
  static Array reached(const Parameters&, const Array& logits, const Array& adjoint) {
    return detail::spread(adjoint, logits, -1);
  }
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& x, const T& a, const T&,
                       const Adjoint<T>& adjoint) {
    const T factor = a * detail::cross_entropy_weights(p, detail::elements_of(x));
    return apply<SoftmaxAdjoint>({-1}, softmax(x), adjoint) * detail::spread(factor, x, -1);
  }
  template <Tensorial T>
  static Adjoint<T> dy(const Parameters& p, const T& x, const T&, const T&,
                       const Adjoint<T>& adjoint) {
    const auto& logits = detail::elements_of(x);
    return sum(
        adjoint * (softmax(x) * detail::spread(detail::cross_entropy_weights(p, logits), x, -1) -
                   cross_entropy_targets(p, logits)),
        -1);
  }
};

/// For each example: -(sum over k of target[k] log softmax(x)[k]).
struct CrossEntropy : Structural<1> {
  static constexpr Notation notation = library_call("cross_entropy");
  using Parameters = CrossEntropyTarget;
  static std::string describe(const Parameters& p) { return detail::describe_cross_entropy(p); }
  static Array value(const Parameters& p, const Array& logits);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& x, const T&, const Adjoint<T>& adjoint) {
    return apply<CrossEntropyAdjoint>(p, x, adjoint);
  }
};
}  // namespace rules

template <Tensorial T>
struct CrossEntropyWithLogitsOptions {
  T class_weights = T();         ///< one constant per class; null: all 1
  double label_smoothing = 0.0;  ///< 0 to 1: the part spread evenly over classes
  Reduction reduction = Reduction::mean;
};

/// The cross entropy of softmax(logits) along the last axis. Accurate for logits of any magnitude,
/// because it takes no logarithm of a rounded probability. `labels` has the shape of the logits
/// without that axis. With class weights w, the mean divides by the sum of w[label]. With smoothing
/// e, the loss of an example is (1 - e) w[label] (-log p[label]) + e / K sum of w[k] (-log p[k])
/// over the K classes. Throws ShapeError for shapes and labels that do not fit, DTypeError for
/// weights of another type, DomainError for a smoothing outside [0, 1]. Cost: one exp per logit,
/// and again in the sweep.
template <Tensorial T>
T cross_entropy_with_logits(
    const T& logits, const Indices& labels,
    const std::type_identity_t<CrossEntropyWithLogitsOptions<T>>& options = {}) {
  const CrossEntropyTarget target = cross_entropy_target(
      labels, detail::elements_of(options.class_weights), options.label_smoothing);
  const T losses = apply<rules::CrossEntropy>(target, logits);
  if (options.reduction == Reduction::none) return losses;
  if (options.reduction == Reduction::sum) return sum(losses);
  return target.class_weights == nullptr ? mean(losses)
                                         : sum(losses) / cross_entropy_divisor(target);
}

namespace rules {
using Losses = RuleList<CrossEntropyAdjoint, CrossEntropy>;
}  // namespace rules

}  // namespace chainrule
