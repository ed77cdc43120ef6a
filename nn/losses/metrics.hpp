// Metrics: how good predictions are, in numbers for people. Nothing of it is recorded.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "autodiff/autodiff.hpp"

namespace chainrule::nn {

// Scores are logits or probabilities of shape [n, classes], labels [n] within 0 ... classes - 1.
// Sizes that do not fit, and no rows at all, are a ShapeError. A row that holds a NaN is wrong.

/// The class of the largest score in each row (the first of equal ones); -1 for a row with a NaN.
Indices predicted_classes(const Tensor& scores);
/// The part of the rows whose largest score is the label's; in [0, 1].
double accuracy(const Tensor& scores, const Indices& labels);
/// The part of the rows in which fewer than k classes score higher than the label does, or as high
/// and stand before it. Throws DomainError for k < 1.
double top_k_accuracy(const Tensor& scores, const Indices& labels, std::int64_t k = 5);
/// The part of the elements that are on the same side of the threshold as their targets of 0 and 1
/// are of 1/2. For logits the threshold is 0, for probabilities 1/2, for targets of -1 and 1 use
/// threshold 0 as well.
double binary_accuracy(const Tensor& scores, const Tensor& targets, double threshold = 0.0);
/// The mean of |prediction - target| over all elements.
double mean_absolute_error(const Tensor& prediction, const Tensor& target);
/// The coefficient of determination: 1 - sum (target - prediction)^2 / sum (target - mean target)^2
/// over all elements. 1 is perfect, 0 as good as always saying the mean. For targets that are all
/// equal: 1 if the predictions are, too, else 0, as in scikit-learn. Not a mean over rows: compute
/// it of all rows at once.
double r2_score(const Tensor& prediction, const Tensor& target);

/// How often each class was taken for each.
class ConfusionMatrix {
 public:
  /// Throws ShapeError unless there is at least one class.
  explicit ConfusionMatrix(std::int64_t classes);
  ConfusionMatrix(const Tensor& scores, const Indices& labels);

  /// Counts further rows. A row of scores with a NaN counts for no class, but in size().
  void add(const Tensor& scores, const Indices& labels);
  void add(const Indices& predicted, const Indices& labels);

  std::int64_t classes() const { return classes_; }
  /// Rows of class `actual` that were taken for class `predicted`. Throws ShapeError.
  std::int64_t count(std::int64_t actual, std::int64_t predicted) const;
  /// All rows.
  std::int64_t size() const { return size_; }
  /// The part that was right; 0 if there is none, here and below.
  double accuracy() const;
  /// Of the rows taken for the class, the part that is of it; of the rows of it, the part that was
  /// found; their harmonic mean.
  double precision(std::int64_t c) const;
  double recall(std::int64_t c) const;
  double f1(std::int64_t c) const;

  /// A table for people: a row per actual class with its recall, a column per predicted one, and
  /// below the columns their precision. Without names the classes are called by their numbers.
  /// Throws ShapeError unless there is a name for each class.
  std::string text(std::span<const std::string> names = {}) const;

 private:
  void check_class(std::int64_t c) const;

  std::int64_t classes_, size_ = 0;
  std::vector<std::int64_t> counts_;  // by actual class, then predicted
};

}  // namespace chainrule::nn
