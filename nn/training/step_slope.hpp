// The loss of one step of training and its gradients.
#pragma once

#include <functional>
#include <vector>

#include "nn/training/forward_state.hpp"
#include "nn/training/train.hpp"

namespace chainrule::nn::detail {

/// Evaluates the mean loss over the batches of a step, and its gradients, which equal those of one
/// large batch. An optimiser may call it several times in a step; then random streams start from
/// the same state in each, so that the loss is the same function of the parameters.
class StepSlope {
 public:
  /// Takes the results of each batch: the loss, and the metrics.
  using OnBatch =
      std::function<void(const Batch&, const BatchLoss&, const std::vector<double>& metrics)>;

  /// All arguments live longer. `on_batch` is called in the first evaluation of a step.
  StepSlope(Module& model, const Loss& loss, const Optimizer& optimizer,
            const TrainOptions& options, OnBatch on_batch)
      : model_(model),
        loss_(loss),
        optimizer_(optimizer),
        options_(options),
        on_batch_(std::move(on_batch)),
        forward_state_(model) {}

  /// Begins a step, counted from 1, with the batches from `first` to before `last`.
  void begin(const Batches& batches, std::int64_t first, std::int64_t last, std::int64_t step,
             std::int64_t epoch);
  /// Throws NonFiniteError, after restoring what the forward pass changed, unless `is_trial`.
  Optimizer::Slope operator()(bool is_trial);

 private:
  struct Part {
    BatchLoss loss;
    double value;
    Gradients gradients;
  };
  Part part(const Batch& batch, bool is_first, bool is_trial);
  Optimizer::Slope sum_of_parts(bool is_first, bool is_trial);
  void check_finite(double loss, const Gradients& gradients);

  Module& model_;
  const Loss& loss_;
  const Optimizer& optimizer_;
  const TrainOptions& options_;
  OnBatch on_batch_;
  ForwardState forward_state_;
  const Batches* batches_ = nullptr;
  std::int64_t first_ = 0, last_ = 0, step_ = 0, epoch_ = 0, evaluations_ = 0;
  std::vector<double> metrics_;  // of the last batch
};

}  // namespace chainrule::nn::detail
