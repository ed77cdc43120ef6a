#include "nn/training/loss.hpp"

namespace chainrule::nn {

Loss::Loss(Tensor (*f)(const Tensor&, const Indices&, const CrossEntropyOptions&))
    : of_labels_(
          [f](const Tensor& output, const Indices& labels) { return f(output, labels, {}); }) {}
Loss::Loss(Tensor (*f)(const Tensor&, const Tensor&, Reduction))
    : of_targets_([f](const Tensor& output, const Tensor& targets) {
        return f(output, targets, Reduction::mean);
      }) {}
Loss::Loss(Tensor (*f)(const Tensor&, const Tensor&, Reduction, double))
    : of_targets_([f](const Tensor& output, const Tensor& targets) {
        return f(output, targets, Reduction::mean, 1.0);
      }) {}
Loss::Loss(Tensor (*f)(const Tensor&, const Tensor&, double, Reduction))
    : of_targets_([f](const Tensor& output, const Tensor& targets) {
        return f(output, targets, 1.0, Reduction::mean);
      }) {}
Loss::Loss(Tensor (*f)(const Tensor&, const Tensor&))
    : of_targets_(f), is_sum_(f == &half_squared_error) {}

Tensor Loss::operator()(const Module& model, const Batch& batch, Tensor& output) const {
  if (of_batch_) return of_batch_(batch);
  if (!batch.has_labels() && !batch.has_targets())
    throw DomainError("Loss: the data has features only; give the Dataset targets or labels");
  const bool has_labels = batch.has_labels();
  if (of_labels_ && !has_labels)
    throw DomainError(
        "Loss: the loss takes labels, as cross_entropy does, but the data has targets");
  if (of_targets_ && has_labels)
    throw DomainError("Loss: the loss takes targets, as mse does, but the data has labels");
  output = model(batch.x);
  return of_labels_ ? of_labels_(output, batch.labels) : of_targets_(output, batch.y);
}

}  // namespace chainrule::nn
