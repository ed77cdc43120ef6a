// Standardizer: scales features to mean 0 and variance 1.
#pragma once

#include "nn/data/dataset.hpp"
#include "nn/model/module.hpp"

namespace chainrule::nn {

/// (x - mean) / deviation per feature, with the mean and the standard deviation of the data it was
/// fitted to. Fit it to the training set only; otherwise test data influences the training.
///
///   const nn::Standardizer standardizer(training);
///   training = standardizer(training), test = standardizer(test);
class Standardizer {
 public:
  /// Not fitted: set_state() must be called before it is used.
  Standardizer() = default;
  /// Fits to features [n, ...], over the rows. The variance is divided by n. A feature that is
  /// constant up to rounding gets deviation 1. Throws ShapeError if there are no rows, and
  /// DomainError, which names row and feature, for a value that is not finite.
  explicit Standardizer(const Tensor& features);
  explicit Standardizer(const Dataset& data) : Standardizer(data.features()) {}

  /// Standardises rows [..., features...]. Throws ShapeError if their features have another shape,
  /// DomainError if it was not fitted.
  Tensor operator()(const Tensor& x) const;
  Dataset operator()(const Dataset& data) const;
  /// The inverse: x * deviation + mean.
  Tensor inverse(const Tensor& x) const;

  /// Both have the shape of one row.
  const Tensor& mean() const { return mean_; }
  const Tensor& deviation() const { return deviation_; }

  /// The state for a checkpoint, saved next to that of the model.
  State state() const;
  /// Restores a state. Throws FormatError, and changes nothing, unless state() made it.
  void set_state(const State& state);

 private:
  Tensor mean_, deviation_;  // null if not fitted
};

}  // namespace chainrule::nn
