#include "nn/training/loss.hpp"

#include <fmt/format.h>

#include <cmath>
#include <variant>

#include "nn/losses/weighted.hpp"

namespace chainrule::nn {
namespace {

/// Throws DomainError unless the data has what the loss takes.
void check_takes(bool labels, const Batch& batch) {
  if (!batch.has_labels() && !batch.has_targets())
    throw DomainError("Loss: the data has features only; give the Dataset targets or labels");
  if (labels && !batch.has_labels())
    throw DomainError(
        "Loss: the loss takes labels, as cross_entropy does, but the data has targets");
  if (!labels && !batch.has_targets())
    throw DomainError("Loss: the loss takes targets, as mse does, but the data has labels");
}

/// The sum of the weights of all rows: those of the dataset times those of their classes, in the
/// element type in which the losses are weighted. Labels out of range are left to the loss.
double divisor_of(const Batch& batch, const std::vector<double>& class_weights, DType dtype) {
  if (class_weights.empty())
    return batch.has_weights() ? detail::sum_of_weights(batch.weights, dtype)
                               : static_cast<double>(batch.size());
  const auto rounded = [&](double x) {
    return dtype == DType::float32 ? static_cast<double>(static_cast<float>(x)) : x;
  };
  const Array rows = batch.has_weights() ? astype(batch.weights, dtype).value() : Array();
  double divisor = 0.0;
  for (std::int64_t i = 0; i < batch.size(); ++i) {
    const auto label = static_cast<std::size_t>(batch.labels[i]);
    if (label < class_weights.size())
      divisor += rounded(class_weights[label]) * (rows.is_null() ? 1.0 : rows.element(i));
  }
  return divisor;
}

}  // namespace

// ---- Losses of nn -------------------------------------------------------------------------------

Loss::Loss(Tensor (*f)(const Tensor&, const Indices&, const CrossEntropyOptions&),
           const CrossEntropyOptions& options)
    : is_sum_(options.reduction == Reduction::sum) {
  // Made once, because a copy per batch would take memory from the heap.
  CrossEntropyOptions for_none = options, for_mean = options, for_sum = options;
  for_none.reduction = Reduction::none;
  for_mean.reduction = Reduction::mean;
  for_sum.reduction = Reduction::sum;
  const auto reduced = [=](const Tensor& output, const Batch& batch, Reduction reduction) {
    return f(output, batch.labels,
             reduction == Reduction::none  ? for_none
             : reduction == Reduction::sum ? for_sum
                                           : for_mean);
  };
  function_ = OfRows{true, reduced, options.class_weights};
}

Loss::Loss(Tensor (*f)(const Tensor&, const Tensor&, Reduction))
    : function_(OfRows{false,
                       [f](const Tensor& output, const Batch& batch, Reduction reduction) {
                         return f(output, batch.y, reduction);
                       },
                       {}}) {}

Loss::Loss(Tensor (*f)(const Tensor&, const Tensor&, Reduction, double), PosWeight weight)
    : function_(OfRows{false,
                       [f, weight](const Tensor& output, const Batch& batch, Reduction reduction) {
                         return f(output, batch.y, reduction, weight.pos_weight);
                       },
                       {}}) {}

Loss::Loss(Tensor (*f)(const Tensor&, const Tensor&, double, Reduction), double option)
    : function_(OfRows{false,
                       [f, option](const Tensor& output, const Batch& batch, Reduction reduction) {
                         return f(output, batch.y, option, reduction);
                       },
                       {}}) {}

Loss::Loss(Tensor (*f)(const Tensor&, const Tensor&)) : function_(OfTargets(f)) {
  if (f != &half_squared_error) return;
  function_ = OfRows{false,
                     [](const Tensor& output, const Batch& batch, Reduction reduction) {
                       return reduction == Reduction::none
                                  ? mse(output, batch.y, Reduction::none) * 0.5
                                  : half_squared_error(output, batch.y);
                     },
                     {}};
  is_sum_ = true;
}

BatchLoss Loss::of_rows(const OfRows& loss, const Tensor& output, const Batch& batch) const {
  const double divisor = divisor_of(batch, loss.class_weights, output.dtype());
  if (batch.has_weights()) {
    const Tensor rows = detail::reduced_rows(loss.reduced(output, batch, Reduction::none),
                                             is_sum_ ? Reduction::sum : Reduction::mean);
    return made({detail::weighted_sum(rows, batch.weights), divisor});
  }
  if (is_sum_ || divisor == 0.0)
    return made({loss.reduced(output, batch, Reduction::sum), divisor});
  return {loss.reduced(output, batch, Reduction::mean), divisor, divisor, {}};
}

// ---- Other functions ----------------------------------------------------------------------------

BatchLoss Loss::made(const LossSum& loss) const {
  if (loss.sum.size() != 1)
    throw ShapeError(fmt::format("Loss: the sum of a LossSum has shape {}, not one element",
                                 text_of(loss.sum.shape())));
  if (!(loss.divisor >= 0.0) || !std::isfinite(loss.divisor))
    throw DomainError(fmt::format(
        "Loss: the sum of the weights of a batch, or the divisor of a LossSum, is {}; it must be "
        "finite and not negative",
        loss.divisor));
  // Without weights the sum is 0, or small terms of label smoothing that count in a larger mean.
  if (is_sum_ || loss.divisor == 0.0) return {loss.sum, loss.divisor, 1.0, {}};
  return {loss.sum / loss.divisor, loss.divisor, loss.divisor, {}};
}

BatchLoss Loss::of_result(const Result& result, const Batch& batch, bool takes_batch) const {
  const auto rows = static_cast<double>(batch.size());
  if (const auto* const loss = std::get_if<LossSum>(&result)) {
    if (batch.has_weights() && !takes_batch)
      throw DomainError(
          "Loss: the data has weights, which a loss that returns a LossSum must apply itself. Let "
          "it take (const Tensor& output, const nn::Batch& batch) and use batch.weights.");
    return made(*loss);
  }
  const Tensor& loss = std::get<Tensor>(result);
  if (loss.rank() == 1 && loss.shape(0) == batch.size()) {  // one per row
    if (batch.has_weights())
      return made({detail::weighted_sum(loss, batch.weights),
                   detail::sum_of_weights(batch.weights, loss.dtype())});
    return is_sum_ ? made({chainrule::sum(loss), rows}) : BatchLoss{mean(loss), rows, rows, {}};
  }
  if (loss.size() != 1)
    throw ShapeError(fmt::format(
        "Loss: the result for {} rows has shape {}; return one loss per row, of shape [{}], or "
        "their mean as one element",
        batch.size(), text_of(loss.shape()), batch.size()));
  if (batch.has_weights())
    throw DomainError(
        "Loss: the data has weights, but the loss is one number per batch, in which the rows can "
        "no longer be weighted. Return one loss per row, of shape [n], which is weighted here; or "
        "a nn::LossSum of the weighted sum and its divisor, from a function that takes the Batch.");
  return {loss, rows, is_sum_ ? 1.0 : rows, {}};
}

BatchLoss Loss::of(const Module& model, const Batch& batch) const {
  const bool is_empty = std::visit(
      [](const auto& f) {
        if constexpr (requires { !f; })
          return !f;
        else
          return false;
      },
      function_);
  if (is_empty) throw DomainError("Loss: the function is empty");
  if (const auto* const f = std::get_if<OfBatch>(&function_))
    return of_result((*f)(batch), batch, true);
  const auto* const of_nn = std::get_if<OfRows>(&function_);
  const auto* const of_labels = std::get_if<OfLabels>(&function_);
  const auto* const of_output = std::get_if<OfOutput>(&function_);
  if (of_output == nullptr)
    check_takes(of_labels != nullptr || (of_nn != nullptr && of_nn->takes_labels), batch);
  const Tensor output = model(batch.x);
  BatchLoss loss = of_nn != nullptr       ? of_rows(*of_nn, output, batch)
                   : of_output != nullptr ? of_result((*of_output)(output, batch), batch, true)
                   : of_labels != nullptr
                       ? of_result((*of_labels)(output, batch.labels), batch, false)
                       : of_result(std::get<OfTargets>(function_)(output, batch.y), batch, false);
  loss.output = output;
  return loss;
}

}  // namespace chainrule::nn
