#include "nn/training/evaluate.hpp"

#include <fmt/format.h>

#include "nn/model/pause.hpp"

namespace chainrule::nn {

double Evaluation::operator[](std::string_view name) const {
  for (const auto& [metric, value] : metrics)
    if (metric == name) return value;
  throw DomainError(fmt::format("Evaluation: there is no metric '{}'", name));
}

double detail::mean_of(double sum, double divisor, const char* who) {
  if (!(divisor > 0.0))
    throw DomainError(fmt::format(
        "{}: the weights of all rows, or those of their classes, are 0, so there is no mean loss",
        who));
  return sum / divisor;
}

Evaluation evaluate(const Module& model, const Loss& loss, const Dataset& data,
                    const std::vector<Metric>& metrics, std::int64_t batch_size) {
  if (data.empty()) throw ShapeError("evaluate: the dataset has no rows");
  if (loss.calls_the_model() && !metrics.empty())
    throw DomainError("evaluate: metrics need a loss that is a function of the model's output");
  for (std::size_t i = 0; i < metrics.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      if (metrics[i].name == metrics[k].name)
        throw DomainError(fmt::format("evaluate: two metrics are named '{}'", metrics[i].name));
  const detail::Pause pause(model);
  Evaluation result;
  for (const Metric& metric : metrics) result.metrics.emplace_back(metric.name, 0.0);
  double divisor = 0.0;
  for (const Batch& batch : data.batches(batch_size)) {
    const Graph scratch;  // so that the caller's graph does not grow
    const BatchLoss part = loss.of(model, batch);
    result.loss += part.factor * part.value.item();
    divisor += part.divisor;
    for (std::size_t i = 0; i < metrics.size(); ++i)
      result.metrics[i].second +=
          static_cast<double>(batch.size()) * metrics[i].of(Tensor(part.output.value()), batch);
  }
  result.loss = detail::mean_of(result.loss, divisor, "evaluate");
  for (auto& metric : result.metrics) metric.second /= static_cast<double>(data.size());
  return result;
}

}  // namespace chainrule::nn
