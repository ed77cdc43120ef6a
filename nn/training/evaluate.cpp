#include "nn/training/evaluate.hpp"

#include <fmt/format.h>

#include "nn/model/pause.hpp"

namespace chainrule::nn {
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
