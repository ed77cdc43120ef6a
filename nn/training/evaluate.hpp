// Losses and metrics as arguments of train(), and their evaluation on a dataset.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "nn/data/dataset.hpp"
#include "nn/losses/losses.hpp"
#include "nn/losses/metrics.hpp"
#include "nn/model/module.hpp"

namespace chainrule::nn {

/// The objective to minimise: a function of the model's output and the labels or targets of a
/// batch, such as nn::cross_entropy, nn::mse or a lambda, whose result has one element. It can also
/// be a function of a Batch, which calls the model itself, for models that are not functions of one
/// tensor; metrics cannot be combined with it.
///
/// A loss is assumed to be a mean over the rows of its batch. So the means of an epoch and
/// accumulated gradients weight it with the number of rows. Mark a loss that is a sum over the rows
/// by Loss::sum(f). nn::half_squared_error is recognised as a sum.
class Loss {
 public:
  using OfLabels = std::function<Tensor(const Tensor& output, const Indices& labels)>;
  using OfTargets = std::function<Tensor(const Tensor& output, const Tensor& targets)>;
  using OfBatch = std::function<Tensor(const Batch& batch)>;

  Loss(Tensor (*f)(const Tensor&, const Indices&, const CrossEntropyOptions&));
  Loss(Tensor (*f)(const Tensor&, const Tensor&, Reduction));
  Loss(Tensor (*f)(const Tensor&, const Tensor&, Reduction, double));  ///< with pos_weight = 1
  Loss(Tensor (*f)(const Tensor&, const Tensor&, double,
                   Reduction));  ///< with delta, beta or margin = 1
  Loss(Tensor (*f)(const Tensor&, const Tensor&));
  template <class F>
    requires(std::is_invocable_r_v<Tensor, F&, const Tensor&, const Indices&> ||
             std::is_invocable_r_v<Tensor, F&, const Tensor&, const Tensor&> ||
             std::is_invocable_r_v<Tensor, F&, const Batch&>)
  Loss(F f) {  // NOLINT(google-explicit-constructor): a function of these is a loss
    if constexpr (std::is_invocable_r_v<Tensor, F&, const Batch&>)
      of_batch_ = std::move(f);
    else if constexpr (std::is_invocable_r_v<Tensor, F&, const Tensor&, const Indices&>)
      of_labels_ = std::move(f);
    else
      of_targets_ = std::move(f);
  }

  /// Marks a loss as a sum over the rows of its batch. It is reported divided by the number of
  /// rows.
  static Loss sum(Loss loss) {
    loss.is_sum_ = true;
    return loss;
  }

  bool is_sum() const { return is_sum_; }
  bool calls_the_model() const { return of_batch_ != nullptr; }
  /// The loss of a batch. Stores the output of the model in `output`, unless calls_the_model().
  /// Throws DomainError if the loss takes labels and the batch has targets, or vice versa.
  Tensor operator()(const Module& model, const Batch& batch, Tensor& output) const;

 private:
  OfLabels of_labels_;
  OfTargets of_targets_;
  OfBatch of_batch_;
  bool is_sum_ = false;
};

/// An additional metric to report: {"accuracy", nn::accuracy}. It is computed per batch and
/// averaged with the batch sizes as weights. Throws DomainError for nn::r2_score, which is not a
/// mean over rows.
struct Metric {
  std::string name;
  std::function<double(const Tensor& output, const Batch& batch)> of;

  Metric(std::string name, double (*f)(const Tensor&, const Indices&));
  Metric(std::string name,
         double (*f)(const Tensor&, const Indices&, std::int64_t));  ///< with k = 5
  Metric(std::string name, double (*f)(const Tensor&, const Tensor&));
  Metric(std::string name,
         double (*f)(const Tensor&, const Tensor&, double));  ///< with threshold = 0
  Metric(std::string name, std::function<double(const Tensor&, const Batch&)> f);
};

/// The mean loss over a dataset, and the metrics by name.
struct Evaluation {
  double loss = 0.0;
  std::vector<std::pair<std::string, double>> metrics;
  /// Throws DomainError if there is no metric of that name.
  double operator[](std::string_view name) const;
};

/// Evaluates loss and metrics on a dataset in evaluation mode, batch by batch (0: all rows at
/// once). Nothing is recorded in the caller's graph, and the model's mode is restored. Throws
/// ShapeError for a dataset without rows, DomainError for metrics with a loss that calls the model.
Evaluation evaluate(const Module& model, const Loss& loss, const Dataset& data,
                    const std::vector<Metric>& metrics = {}, std::int64_t batch_size = 256);

}  // namespace chainrule::nn
