// Standardizer: features brought to mean 0 and variance 1.
#pragma once

#include "nn/data/dataset.hpp"
#include "nn/model/module.hpp"

namespace chainrule::nn {

/// (x - mean) / deviation for each feature, with mean and deviation of the data it was fitted to:
/// the training set alone, or the test set would not be unseen.
///
///   const nn::Standardizer standardizer(training);
///   training = standardizer(training), test = standardizer(test);
class Standardizer {
 public:
  /// Changes nothing until it is given a state.
  Standardizer() = default;
  /// Of features [n, ...]: over the rows. The deviation is that of the population (divided by n); a
  /// feature that is the same in all rows (to within rounding) has deviation 1. Throws ShapeError
  /// if there are no rows, DomainError, naming row and feature, for one that is not finite.
  explicit Standardizer(const Tensor& features);
  explicit Standardizer(const Dataset& data) : Standardizer(data.features()) {}

  /// Rows [..., features...]. Throws ShapeError if they have other features.
  Tensor operator()(const Tensor& x) const;
  Dataset operator()(const Dataset& data) const;
  /// What was before: x deviation + mean.
  Tensor inverse(const Tensor& x) const;

  /// Of the shape of one row.
  const Tensor& mean() const { return mean_; }
  const Tensor& deviation() const { return deviation_; }

  /// For a checkpoint, beside the model that needs it.
  State state() const;
  /// Throws FormatError, and changes nothing, unless it is such a state.
  void set_state(const State& state);

 private:
  Tensor mean_, deviation_;  // none before fitting
};

}  // namespace chainrule::nn
