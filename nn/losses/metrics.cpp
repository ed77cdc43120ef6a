#include "nn/losses/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "autodiff/arrays.hpp"
#include "autodiff/core/error.hpp"
#include "nn/losses/checks.hpp"
#include "nn/losses/unit.hpp"

namespace chainrule::nn {
namespace {

void check_several(std::int64_t classes, const char* metric) {
  if (classes == 1)
    throw ShapeError(
        fmt::format("{}: the scores have one column, so the largest is always that of class 0; for "
                    "one output per row use binary_accuracy or binary_accuracy_with_logits",
                    metric));
}

/// The number of classes. Throws ShapeError unless there are rows of scores with one label each.
std::int64_t checked_classes(const Tensor& scores, const Indices& labels, const char* metric) {
  const Shape shape = scores.shape();
  if (shape.size() != 2 || shape[0] < 1 || shape[1] < 1)
    throw ShapeError(
        fmt::format("{}: the scores have shape {}, not [n, classes]", metric, text_of(shape)));
  if (labels.rank() != 1 || labels.size() != shape[0])
    throw ShapeError(fmt::format("{}: labels of shape {} for scores of shape {}", metric,
                                 text_of(labels.shape()), text_of(shape)));
  check_several(shape[1], metric);
  labels.check_range(shape[1], metric);
  return shape[1];
}

void check_pairs(const Tensor& x, const Tensor& target, const char* metric) {
  detail::check_same_shape(x, target, metric);
  if (x.size() == 0) throw ShapeError(fmt::format("{}: there are no predictions", metric));
}

/// Calls f(row, scores of the row) for each row.
template <class F>
void for_each_row(const Tensor& scores, F f) {
  const Array flat = contiguous(scores.value());
  const std::int64_t rows = flat.shape(0), classes = flat.shape(1);
  with_type(flat.dtype(), [&](auto zero) {
    const auto* const x = flat.data_as<decltype(zero)>();
    for (std::int64_t row = 0; row < rows; ++row)
      f(row, std::span(x + row * classes, static_cast<std::size_t>(classes)));
  });
}

/// Calls f(prediction, target) for each element.
template <class F>
void for_each_pair(const Tensor& prediction, const Tensor& target, F f) {
  const Array x = contiguous(prediction.value()), y = contiguous(target.value());
  with_type(x.dtype(), [&](auto zero_x) {
    with_type(y.dtype(), [&](auto zero_y) {
      const auto* const p = x.data_as<decltype(zero_x)>();
      const auto* const t = y.data_as<decltype(zero_y)>();
      for (std::int64_t i = 0; i < x.size(); ++i)
        f(static_cast<double>(p[i]), static_cast<double>(t[i]));
    });
  });
}

template <class T>
bool has_nan(std::span<const T> row) {
  return std::any_of(row.begin(), row.end(), [](T x) { return std::isnan(x); });
}

double ratio(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0.0;
}

}  // namespace

Indices predicted_classes(const Tensor& scores) {
  if (scores.rank() != 2 || scores.shape(1) < 1)
    throw ShapeError(fmt::format("predicted_classes: the scores have shape {}, not [n, classes]",
                                 text_of(scores.shape())));
  check_several(scores.shape(1), "predicted_classes");
  Indices result = Indices::uninitialised({scores.shape(0)});
  std::int64_t* const out = result.mutable_data();
  for_each_row(scores, [&](std::int64_t row, auto x) {
    out[row] = has_nan(x) ? -1 : std::max_element(x.begin(), x.end()) - x.begin();
  });
  return result;
}

double accuracy(const Tensor& scores, const Indices& labels) {
  checked_classes(scores, labels, "accuracy");
  const Indices predicted = predicted_classes(scores);
  std::int64_t right = 0;
  for (std::int64_t i = 0; i < labels.size(); ++i) right += predicted[i] == labels[i] ? 1 : 0;
  return ratio(right, labels.size());
}

double top_k_accuracy(const Tensor& scores, const Indices& labels, std::int64_t k) {
  checked_classes(scores, labels, "top_k_accuracy");
  if (k < 1) throw DomainError(fmt::format("top_k_accuracy: k is {}; it must be at least 1", k));
  std::int64_t right = 0;
  for_each_row(scores, [&](std::int64_t row, auto x) {
    if (has_nan(x)) return;
    const auto label = static_cast<std::size_t>(labels[row]);
    std::int64_t before = 0;
    for (std::size_t c = 0; c < x.size(); ++c)
      before += x[c] > x[label] || (x[c] == x[label] && c < label) ? 1 : 0;
    right += before < k ? 1 : 0;
  });
  return ratio(right, labels.size());
}

namespace {

double share_above(const Tensor& scores, const Tensor& targets, double threshold) {
  std::int64_t right = 0;
  for_each_pair(scores, targets, [&](double x, double t) {
    right += !std::isnan(x) && (x > threshold) == (t == 1.0) ? 1 : 0;
  });
  return ratio(right, scores.size());
}

void check_binary(const Tensor& scores, const Tensor& targets, const char* metric) {
  check_pairs(scores, targets, metric);
  for_each_pair(scores, targets, [&](double, double t) {
    if (t != 0.0 && t != 1.0)
      throw DomainError(
          fmt::format("{}: a target is {}, not 0 or 1; for targets -1 and 1 write "
                      "(target + 1) / 2",
                      metric, t));
  });
}

}  // namespace

double binary_accuracy(const Tensor& probabilities, const Tensor& targets, double threshold) {
  check_binary(probabilities, targets, "binary_accuracy");
  detail::check_probabilities(probabilities, "binary_accuracy", "binary_accuracy_with_logits");
  if (!(threshold >= 0.0 && threshold <= 1.0))
    throw DomainError(
        fmt::format("binary_accuracy: the threshold is {}; it must be in [0, 1]", threshold));
  return share_above(probabilities, targets, threshold);
}

double binary_accuracy_with_logits(const Tensor& logits, const Tensor& targets, double threshold) {
  check_binary(logits, targets, "binary_accuracy_with_logits");
  if (std::isnan(threshold)) throw DomainError("binary_accuracy_with_logits: the threshold is NaN");
  return share_above(logits, targets, threshold);
}

double mean_absolute_error(const Tensor& prediction, const Tensor& target) {
  check_pairs(prediction, target, "mean_absolute_error");
  double sum = 0.0;
  for_each_pair(prediction, target, [&](double x, double t) { sum += std::fabs(x - t); });
  return sum / static_cast<double>(target.size());
}

double r2_score(const Tensor& prediction, const Tensor& target) {
  check_pairs(prediction, target, "r2_score");
  double largest = 0.0, lowest = INFINITY, highest = -INFINITY;
  for_each_pair(prediction, target, [&](double x, double t) {
    largest = std::fmax(largest, std::fmax(std::fabs(x), std::fabs(t)));
    lowest = std::fmin(lowest, t);
    highest = std::fmax(highest, t);
  });
  const double unit = detail::unit_of(largest);
  double total = 0.0, residual = 0.0, spread = 0.0;
  for_each_pair(prediction, target, [&](double, double t) { total += t / unit; });
  const double mean = total / static_cast<double>(target.size());
  for_each_pair(prediction, target, [&](double x, double t) {
    const double error = t / unit - x / unit, deviation = t / unit - mean;
    residual += error * error;
    spread += deviation * deviation;
  });
  if (lowest == highest) return residual == 0.0 ? 1.0 : 0.0;
  return 1.0 - residual / spread;
}

// ---- ConfusionMatrix ----------------------------------------------------------------------------

ConfusionMatrix::ConfusionMatrix(std::int64_t classes) : classes_(classes) {
  if (classes < 1)
    throw ShapeError(fmt::format("ConfusionMatrix({}): there must be at least one class", classes));
  counts_.resize(static_cast<std::size_t>(element_count({classes, classes}, "ConfusionMatrix")));
}

ConfusionMatrix::ConfusionMatrix(const Tensor& scores, const Indices& labels)
    : ConfusionMatrix(checked_classes(scores, labels, "ConfusionMatrix")) {
  add(scores, labels);
}

void ConfusionMatrix::add(const Tensor& scores, const Indices& labels) {
  if (checked_classes(scores, labels, "ConfusionMatrix::add") != classes_)
    throw ShapeError(fmt::format("ConfusionMatrix::add: scores of {} classes, not {}",
                                 scores.shape(1), classes_));
  const Indices predicted = predicted_classes(scores);
  for (std::int64_t i = 0; i < labels.size(); ++i)
    if (predicted[i] >= 0) ++counts_[static_cast<std::size_t>(labels[i] * classes_ + predicted[i])];
  size_ += labels.size();
}

void ConfusionMatrix::add(const Indices& predicted, const Indices& labels) {
  if (predicted.size() != labels.size())
    throw ShapeError(fmt::format("ConfusionMatrix::add: {} predictions for {} labels",
                                 predicted.size(), labels.size()));
  predicted.check_range(classes_, "ConfusionMatrix::add");
  labels.check_range(classes_, "ConfusionMatrix::add");
  for (std::int64_t i = 0; i < labels.size(); ++i)
    ++counts_[static_cast<std::size_t>(labels[i] * classes_ + predicted[i])];
  size_ += labels.size();
}

void ConfusionMatrix::check_class(std::int64_t c) const {
  if (c < 0 || c >= classes_)
    throw ShapeError(
        fmt::format("ConfusionMatrix: there is no class {}; there are {} classes", c, classes_));
}

std::int64_t ConfusionMatrix::count(std::int64_t actual, std::int64_t predicted) const {
  check_class(actual);
  check_class(predicted);
  return counts_[static_cast<std::size_t>(actual * classes_ + predicted)];
}

double ConfusionMatrix::accuracy() const {
  std::int64_t right = 0;
  for (std::int64_t c = 0; c < classes_; ++c) right += count(c, c);
  return ratio(right, size_);
}

double ConfusionMatrix::precision(std::int64_t c) const {
  std::int64_t taken = 0;
  for (std::int64_t actual = 0; actual < classes_; ++actual) taken += count(actual, c);
  return ratio(count(c, c), taken);
}

double ConfusionMatrix::recall(std::int64_t c) const {
  std::int64_t all = 0;
  for (std::int64_t predicted = 0; predicted < classes_; ++predicted) all += count(c, predicted);
  return ratio(count(c, c), all);
}

double ConfusionMatrix::f1(std::int64_t c) const {
  const double p = precision(c), r = recall(c);
  return p + r > 0.0 ? 2.0 * p * r / (p + r) : 0.0;
}

std::string ConfusionMatrix::text(std::span<const std::string> names) const {
  if (!names.empty() && static_cast<std::int64_t>(names.size()) != classes_)
    throw ShapeError(
        fmt::format("ConfusionMatrix: {} names for {} classes", names.size(), classes_));
  const auto name = [&](std::int64_t c) {
    return names.empty() ? std::to_string(c) : names[static_cast<std::size_t>(c)];
  };
  const std::string corner = "actual \\ predicted", bottom = "precision", side = "recall";
  std::size_t first = corner.size(), width = 6;
  for (std::int64_t c = 0; c < classes_; ++c) {
    first = std::max(first, name(c).size());
    width = std::max(width, name(c).size());
  }
  for (const std::int64_t n : counts_) width = std::max(width, std::to_string(n).size());

  std::string text = fmt::format("{:<{}}", corner, first);
  for (std::int64_t c = 0; c < classes_; ++c) text += fmt::format("  {:>{}}", name(c), width);
  text += fmt::format("  {}\n", side);
  for (std::int64_t actual = 0; actual < classes_; ++actual) {
    text += fmt::format("{:<{}}", name(actual), first);
    for (std::int64_t predicted = 0; predicted < classes_; ++predicted)
      text += fmt::format("  {:>{}}", count(actual, predicted), width);
    text += fmt::format("  {:>{}.3f}\n", recall(actual), side.size());
  }
  text += fmt::format("{:<{}}", bottom, first);
  for (std::int64_t c = 0; c < classes_; ++c)
    text += fmt::format("  {:>{}.3f}", precision(c), width);
  return text + fmt::format("  {:>{}.3f}\n", accuracy(), side.size());
}

}  // namespace chainrule::nn
