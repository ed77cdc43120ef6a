// Losses as arguments of train() and evaluate().
#pragma once

#include <functional>
#include <type_traits>
#include <utility>

#include "nn/data/dataset.hpp"
#include "nn/losses/losses.hpp"
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

}  // namespace chainrule::nn
