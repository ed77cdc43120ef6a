// Metrics: measures of the quality of predictions. They are plain numbers; nothing is recorded.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "autodiff/graphs.hpp"

namespace chainrule::nn {

// Scores are logits or probabilities [n, classes], which have the same largest score; labels [n]
// are in [0, classes). Shapes that do not match, n = 0 and scores of one column, for which there is
// binary_accuracy(), are a ShapeError. A row with a NaN counts as a wrong prediction.

/// The class with the largest score in each row, the first of equal ones; -1 for a row with a NaN.
Indices predicted_classes(const Tensor& scores);
/// The fraction of rows whose largest score is that of the label, in [0, 1].
double accuracy(const Tensor& scores, const Indices& labels);
/// The fraction of rows in which the label is among the k classes with the largest scores; of equal
/// scores the class with the smaller index comes first. Throws DomainError for k < 1.
double top_k_accuracy(const Tensor& scores, const Indices& labels, std::int64_t k = 5);
/// The fraction of probabilities on the right side of the threshold: (p > threshold) == (target ==
/// 1). Throws DomainError for a probability outside [0, 1], a target other than 0 and 1, or a
/// threshold outside [0, 1]. A NaN among the probabilities is a wrong prediction.
double binary_accuracy(const Tensor& probabilities, const Tensor& targets, double threshold = 0.5);
/// The same for logits, the inputs of a sigmoid. Threshold 0 is the probability 0.5. Throws
/// DomainError for a target other than 0 and 1 or a threshold that is NaN.
double binary_accuracy_with_logits(const Tensor& logits, const Tensor& targets,
                                   double threshold = 0.0);
/// The mean of |prediction - target| over all elements.
double mean_absolute_error(const Tensor& prediction, const Tensor& target);
/// The coefficient of determination: 1 - sum (target - prediction)^2 / sum (target - mean target)^2
/// over all elements. 1 is perfect; predicting the mean of the targets gives 0. If all targets are
/// equal, it is 1 for exact predictions, else 0, as in scikit-learn. It is not a mean over rows:
/// compute it for all rows at once.
double r2_score(const Tensor& prediction, const Tensor& target);

/// Counts how often each actual class was predicted as each class.
class ConfusionMatrix {
 public:
  /// Throws ShapeError unless there is at least one class.
  explicit ConfusionMatrix(std::int64_t classes);
  ConfusionMatrix(const Tensor& scores, const Indices& labels);

  /// Counts further rows. A row of scores with a NaN is counted in size() only.
  void add(const Tensor& scores, const Indices& labels);
  void add(const Indices& predicted, const Indices& labels);

  std::int64_t classes() const { return classes_; }
  /// The number of rows of class `actual` that were predicted as class `predicted`. Throws
  /// ShapeError if there is no such class.
  std::int64_t count(std::int64_t actual, std::int64_t predicted) const;
  /// The number of rows.
  std::int64_t size() const { return size_; }
  /// The fraction of correct predictions. Here and below, a fraction whose denominator is 0 is 0.
  double accuracy() const;
  /// precision: the fraction of correct rows among those predicted as class c. recall: the fraction
  /// of rows of class c that were predicted as c. f1: their harmonic mean.
  double precision(std::int64_t c) const;
  double recall(std::int64_t c) const;
  double f1(std::int64_t c) const;

  /// A table: a row per actual class, a column per predicted class, the recall after each row and
  /// the precision below each column. Without names the classes are numbered. Throws ShapeError
  /// unless there is one name per class.
  std::string text(std::span<const std::string> names = {}) const;

 private:
  void check_class(std::int64_t c) const;

  std::int64_t classes_, size_ = 0;
  std::vector<std::int64_t> counts_;  // by actual class, then predicted
};

}  // namespace chainrule::nn
