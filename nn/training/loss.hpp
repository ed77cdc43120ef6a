// Losses as arguments of train() and evaluate().
#pragma once

#include <functional>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "nn/data/dataset.hpp"
#include "nn/losses/losses.hpp"
#include "nn/model/module.hpp"

namespace chainrule::nn {

/// A loss as a sum over rows and the number that it is to be divided by: that of rows, or the sum
/// of their weights. So a mean is the same in batches of any size: all sums divided by all
/// divisors.
struct LossSum {
  Tensor sum;      ///< one element
  double divisor;  ///< finite, not negative
};

/// The loss of a batch.
struct BatchLoss {
  Tensor value;    ///< what a step minimises: the mean over the rows or, of Loss::sum, the sum
  double divisor;  ///< of the mean: the number of rows or the sum of their weights; may be 0
  double factor;   ///< value times factor is the part of this batch in a sum over batches
  Tensor output;   ///< of the model, unless the loss calls it
};

struct PosWeight {
  double pos_weight = 1.0;  ///< of bce_with_logits
};

/// The objective to minimise: a function of the model's output and the labels or targets of a
/// batch, such as
///
///   nn::mse    nn::Loss(nn::huber, 0.5)    nn::Loss(nn::bce_with_logits, {.pos_weight = 3.0})
///   nn::Loss(nn::cross_entropy, {.class_weights = {1.0, 5.0}})
///   [](const Tensor& output, const Tensor& y) { return nn::mse(output, sqrt(y)); }
///
/// The loss is the mean over rows, weighted by the weights of the dataset, if it has some, and by
/// class weights. It is the same in batches of any size: epochs, evaluate() and accumulated
/// gradients add the weighted losses of all batches, and divide by the sum of all weights. A batch
/// whose weights are all 0 has gradients of 0.
///
/// Your own function takes (output, labels), (output, targets), (output, batch) or, if it calls the
/// model itself, (batch); metrics cannot be combined with the last. It returns
/// - one loss per row, of shape [n], which is averaged here, with the weights of the rows;
/// - the mean over the rows as one element, which cannot be used if the dataset has weights;
/// - a LossSum; if the dataset has weights, the function must take the batch, to use batch.weights.
class Loss {
  template <class F, class... Arguments>
  static constexpr bool is_loss = std::is_invocable_r_v<Tensor, F&, Arguments...> ||
                                  std::is_invocable_r_v<LossSum, F&, Arguments...>;

 public:
  using Result = std::variant<Tensor, LossSum>;
  using OfLabels = std::function<Result(const Tensor& output, const Indices& labels)>;
  using OfTargets = std::function<Result(const Tensor& output, const Tensor& targets)>;
  using OfOutput = std::function<Result(const Tensor& output, const Batch& batch)>;
  using OfBatch = std::function<Result(const Batch& batch)>;

  Loss(Tensor (*f)(const Tensor&, const Indices&, const CrossEntropyOptions&),
       const CrossEntropyOptions& options = {});
  Loss(Tensor (*f)(const Tensor&, const Tensor&, Reduction));
  Loss(Tensor (*f)(const Tensor&, const Tensor&, Reduction, double), PosWeight weight = {});
  Loss(Tensor (*f)(const Tensor&, const Tensor&, double, Reduction),
       double option = 1.0);  ///< delta, beta or margin
  /// nn::half_squared_error is a sum; other functions are as your own above.
  Loss(Tensor (*f)(const Tensor&, const Tensor&));
  template <class F>
    requires(is_loss<F, const Batch&> || is_loss<F, const Tensor&, const Indices&> ||
             is_loss<F, const Tensor&, const Tensor&> || is_loss<F, const Tensor&, const Batch&>)
  Loss(F f) {  // NOLINT(google-explicit-constructor): a function of these is a loss
    if constexpr (is_loss<F, const Batch&>)
      function_ = OfBatch(std::move(f));
    else if constexpr (is_loss<F, const Tensor&, const Indices&>)
      function_ = OfLabels(std::move(f));
    else if constexpr (is_loss<F, const Tensor&, const Tensor&>)
      function_ = OfTargets(std::move(f));
    else
      function_ = OfOutput(std::move(f));
  }

  /// Marks a loss as a sum over the rows, which is minimised without a division. A function that
  /// returns one element returns this sum. It is reported divided by the number of rows or the sum
  /// of their weights.
  static Loss sum(Loss loss) {
    loss.is_sum_ = true;
    return loss;
  }

  bool is_sum() const { return is_sum_; }
  bool calls_the_model() const { return std::holds_alternative<OfBatch>(function_); }
  /// The loss of a batch. Throws DomainError if the loss takes labels and the batch has targets, or
  /// vice versa, and if the batch has weights that the function cannot use; ShapeError for a result
  /// that is neither one element nor one per row.
  BatchLoss of(const Module& model, const Batch& batch) const;

 private:
  /// A loss of nn, which can be reduced in every way.
  struct OfRows {
    bool takes_labels;
    std::function<Tensor(const Tensor& output, const Batch& batch, Reduction reduction)> reduced;
    std::vector<double> class_weights;  // empty if all are 1
  };

  BatchLoss of_rows(const OfRows& loss, const Tensor& output, const Batch& batch) const;
  BatchLoss of_result(const Result& result, const Batch& batch, bool takes_batch) const;
  BatchLoss made(const LossSum& loss) const;

  std::variant<OfRows, OfLabels, OfTargets, OfOutput, OfBatch> function_;
  bool is_sum_ = false;
};

}  // namespace chainrule::nn
