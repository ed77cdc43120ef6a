#include "nn/training/evaluate.hpp"

#include <fmt/format.h>

#include "nn/model/pause.hpp"

namespace chainrule::nn {
namespace {

const Indices& labels_of(const Batch& batch) {
  if (!batch.y.value().is_null())
    throw DomainError("Metric: the metric takes labels, but the data has targets");
  return batch.labels;
}
const Tensor& targets_of(const Batch& batch) {
  if (batch.y.value().is_null())
    throw DomainError("Metric: the metric takes targets, but the data has labels");
  return batch.y;
}

}  // namespace

// ---- Loss ---------------------------------------------------------------------------------------

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

// ---- Metric -------------------------------------------------------------------------------------

Metric::Metric(std::string metric, double (*f)(const Tensor&, const Indices&))
    : name(std::move(metric)),
      of([f](const Tensor& output, const Batch& batch) { return f(output, labels_of(batch)); }) {}
Metric::Metric(std::string metric, double (*f)(const Tensor&, const Indices&, std::int64_t))
    : name(std::move(metric)),
      of([f](const Tensor& output, const Batch& batch) { return f(output, labels_of(batch), 5); }) {
}
Metric::Metric(std::string metric, double (*f)(const Tensor&, const Tensor&))
    : name(std::move(metric)),
      of([f](const Tensor& output, const Batch& batch) { return f(output, targets_of(batch)); }) {
  if (f == &r2_score)
    throw DomainError(
        "Metric: r2_score of batches cannot be averaged. Compute it of predict() for all rows.");
}
Metric::Metric(std::string metric, double (*f)(const Tensor&, const Tensor&, double))
    : name(std::move(metric)), of([f](const Tensor& output, const Batch& batch) {
        return f(output, targets_of(batch), 0.0);
      }) {}
Metric::Metric(std::string metric, std::function<double(const Tensor&, const Batch&)> f)
    : name(std::move(metric)), of(std::move(f)) {}

// ---- Evaluation ---------------------------------------------------------------------------------

double Evaluation::operator[](std::string_view name) const {
  for (const auto& [metric, value] : metrics)
    if (metric == name) return value;
  throw DomainError(fmt::format("Evaluation: there is no metric '{}'", name));
}

Evaluation evaluate(const Module& model, const Loss& loss, const Dataset& data,
                    const std::vector<Metric>& metrics, std::int64_t batch_size) {
  if (data.empty()) throw ShapeError("evaluate: the dataset has no rows");
  if (loss.calls_the_model() && !metrics.empty())
    throw DomainError("evaluate: metrics need a loss that is a function of the model's output");
  const detail::Pause pause(model);
  Evaluation result;
  for (const Metric& metric : metrics) result.metrics.emplace_back(metric.name, 0.0);
  for (const Batch& batch : data.batches(batch_size)) {
    const Graph scratch;  // so that the caller's graph does not grow
    Tensor output;
    const auto rows = static_cast<double>(batch.size());
    result.loss += (loss.is_sum() ? 1.0 : rows) * loss(model, batch, output).item();
    for (std::size_t i = 0; i < metrics.size(); ++i)
      result.metrics[i].second += rows * metrics[i].of(Tensor(output.value()), batch);
  }
  const auto rows = static_cast<double>(data.size());
  result.loss /= rows;
  for (auto& metric : result.metrics) metric.second /= rows;
  return result;
}

}  // namespace chainrule::nn
