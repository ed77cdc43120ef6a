// Classification losses: cross entropy of logits and of log probabilities.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

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

double weight_of(const CrossEntropyOptions& options, std::int64_t label) {
  return options.class_weights.empty() ? 1.0
                                       : options.class_weights[static_cast<std::size_t>(label)];
}

/// The factors [n, classes] of the log probabilities: the loss of a row is the sum of their
/// products.
Array coefficients(const Tensor& x, const Indices& labels, const CrossEntropyOptions& options) {
  const std::int64_t rows = x.value().shape(0), classes = x.value().shape(1);
  const double smoothing = options.label_smoothing;
  Array array = Array::uninitialised(x.dtype(), x.value().shape());
  with_type(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T* out = array.mutable_data_as<T>();
    for (std::int64_t i = 0; i < rows; ++i, out += classes)
      for (std::int64_t c = 0; c < classes; ++c)
        out[c] =
            static_cast<T>(-weight_of(options, c) * ((c == labels[i] ? 1.0 - smoothing : 0.0) +
                                                     smoothing / static_cast<double>(classes)));
  });
  return array;
}

}  // namespace

Tensor cross_entropy(const Tensor& logits, const Indices& labels,
                     const CrossEntropyOptions& options) {
  check_options(options, "cross_entropy");
  Tensor weights;
  if (!options.class_weights.empty())
    weights = astype(tensor(options.class_weights), logits.dtype());
  return cross_entropy_with_logits(logits, labels,
                                   {weights, options.label_smoothing, options.reduction});
}

Tensor nll(const Tensor& log_probabilities, const Indices& labels,
           const CrossEntropyOptions& options) {
  check_options(options, "nll");
  check_rows(log_probabilities, labels, options, "nll");
  // Where a factor is 0, the log probability may be -inf.
  const Tensor counts = coefficients(log_probabilities, labels, options);
  const Tensor losses = sum(where(counts != 0.0, log_probabilities * counts, 0.0), 1);
  if (options.reduction == Reduction::none) return losses;
  if (options.reduction == Reduction::sum) return sum(losses);
  double total = 0.0;
  for (const std::int64_t label : labels) total += weight_of(options, label);
  return sum(losses) / total;
}

}  // namespace chainrule::nn
