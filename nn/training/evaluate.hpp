// The loss and the metrics of a model on a dataset.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nn/data/dataset.hpp"
#include "nn/model/module.hpp"
#include "nn/training/loss.hpp"
#include "nn/training/metric.hpp"

namespace chainrule::nn {

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
