// Classification losses: cross entropy of logits and of log probabilities.
#include <fmt/format.h>

#include <cmath>

#include "autodiff/rules/piecewise.hpp"
#include "nn/losses/checks.hpp"
#include "nn/losses/losses.hpp"

namespace chainrule::nn {
namespace {

void check_options(const CrossEntropyOptions& options, const char* loss) {
  if (!(options.label_smoothing >= 0.0 && options.label_smoothing <= 1.0))
    throw DomainError(fmt::format("{}: label_smoothing is {}; it must be in [0, 1]", loss,
                                  options.label_smoothing));
  for (const double weight : options.class_weights)
    if (!(weight >= 0.0) || !std::isfinite(weight))
      throw DomainError(fmt::format(
          "{}: one of class_weights is {}; they must be finite and not negative", loss, weight));
}

void check_rows(const Tensor& x, const Indices& labels, const CrossEntropyOptions& options,
                const char* loss) {
  if (x.rank() != 2 || labels.rank() != 1 || labels.size() != x.value().shape(0))
    throw ShapeError(
        fmt::format("{}: rows of classes, [n, classes], and n labels are wanted, not "
                    "{} and labels of shape {}",
                    loss, text_of(x.shape()), text_of(labels.shape())));
  const std::int64_t classes = x.value().shape(1);
  labels.check_range(classes, loss);
  const std::vector<double>& weights = options.class_weights;
  if (!weights.empty() && static_cast<std::int64_t>(weights.size()) != classes)
    throw ShapeError(fmt::format("{}: {} class_weights are given for {} classes", loss,
                                 weights.size(), classes));
}

/// With one class, every prediction is right and the loss is 0.
void check_classes(const Tensor& x, const char* loss) {
  if (x.rank() > 0 && x.shape(-1) == 1)
    throw ShapeError(
        fmt::format("{}: the output has shape {}, so there is one class only; for one output per "
                    "row and targets 0 and 1 write bce_with_logits",
                    loss, text_of(x.shape())));
}

Tensor weights_of(const CrossEntropyOptions& options, DType dtype) {
  return options.class_weights.empty() ? Tensor() : tensor(options.class_weights).astype(dtype);
}

}  // namespace

Tensor cross_entropy(const Tensor& logits, const Indices& labels,
                     const CrossEntropyOptions& options) {
  check_options(options, "cross_entropy");
  check_classes(logits, "cross_entropy");
  return cross_entropy_with_logits(
      logits, labels,
      {weights_of(options, logits.dtype()), options.label_smoothing, options.reduction});
}

Tensor nll(const Tensor& log_probabilities, const Indices& labels,
           const CrossEntropyOptions& options) {
  check_options(options, "nll");
  check_rows(log_probabilities, labels, options, "nll");
  check_classes(log_probabilities, "nll");
  detail::check_log_probabilities(log_probabilities, "nll", "for logits write cross_entropy");
  const CrossEntropyTarget target = cross_entropy_target(
      labels, weights_of(options, log_probabilities.dtype()).value(), options.label_smoothing);
  // Where a target is 0, the log probability may be -inf.
  const Tensor targets = cross_entropy_targets(target, log_probabilities.value());
  const Tensor losses = sum(where(targets != 0.0, -(log_probabilities * targets), 0.0), 1);
  if (options.reduction == Reduction::none) return losses;
  if (options.reduction == Reduction::sum) return sum(losses);
  return sum(losses) / cross_entropy_divisor(target);
}

}  // namespace chainrule::nn
