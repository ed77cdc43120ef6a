// Losses and metrics as train() takes them, and both of a whole dataset.
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

/// What is made small, as train() takes it: a function of the model's output and the labels or
/// targets of a batch, such as nn::cross_entropy, nn::mse or one's own lambda, whose result has one
/// element. Or a function of a Batch alone, for models that are no function of one tensor; it calls
/// the model itself, and metrics cannot go with it.
///
/// A loss is taken to be a mean over the rows of its batch, so that means of an epoch and gradients
/// that are accumulated weight it with them. One that is a sum over the rows says so:
/// Loss::sum(f); nn::half_squared_error is known to be one.
class Loss {
 public:
  using OfLabels = std::function<Tensor(const Tensor& output, const Indices& labels)>;
  using OfTargets = std::function<Tensor(const Tensor& output, const Tensor& targets)>;
  using OfBatch = std::function<Tensor(const Batch& batch)>;

  Loss(Tensor (*f)(const Tensor&, const Indices&, const CrossEntropyOptions&));
  Loss(Tensor (*f)(const Tensor&, const Tensor&, Reduction));
  Loss(Tensor (*f)(const Tensor&, const Tensor&, Reduction, double));  ///< with pos_weight 1
  Loss(Tensor (*f)(const Tensor&, const Tensor&, double, Reduction));  ///< its option being 1
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

  /// A loss that is a sum over the rows of its batch. Reported as the sum by the number of rows.
  static Loss sum(Loss loss) {
    loss.is_sum_ = true;
    return loss;
  }

  bool is_sum() const { return is_sum_; }
  bool calls_the_model() const { return of_batch_ != nullptr; }
  /// The loss of a batch; the output of the model goes to `output`, if it is called here. Throws
  /// DomainError if the batch has labels where targets are needed, or the other way round.
  Tensor operator()(const Module& model, const Batch& batch, Tensor& output) const;

 private:
  OfLabels of_labels_;
  OfTargets of_targets_;
  OfBatch of_batch_;
  bool is_sum_ = false;
};

/// A number to look at beside the loss: {"accuracy", nn::accuracy}. Computed of each batch and
/// averaged by their sizes. Throws DomainError for nn::r2_score, which is no mean over rows.
struct Metric {
  std::string name;
  std::function<double(const Tensor& output, const Batch& batch)> of;

  Metric(std::string name, double (*f)(const Tensor&, const Indices&));
  Metric(std::string name, double (*f)(const Tensor&, const Indices&, std::int64_t));  ///< k = 5
  Metric(std::string name, double (*f)(const Tensor&, const Tensor&));
  Metric(std::string name, double (*f)(const Tensor&, const Tensor&, double));  ///< at threshold 0
  Metric(std::string name, std::function<double(const Tensor&, const Batch&)> f);
};

/// The mean loss over a dataset, and the metrics by name.
struct Evaluation {
  double loss = 0.0;
  std::vector<std::pair<std::string, double>> metrics;
  /// Throws DomainError if there is no metric of that name.
  double operator[](std::string_view name) const;
};

/// Computes them outside of training: dropout and the like are off, no graph of the caller grows,
/// and the model's mode is what it was afterwards. Throws ShapeError for a dataset without rows.
Evaluation evaluate(const Module& model, const Loss& loss, const Dataset& data,
                    const std::vector<Metric>& metrics = {}, std::int64_t batch_size = 256);

}  // namespace chainrule::nn
