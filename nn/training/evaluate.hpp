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
/// once). The loss is weighted by the weights of the dataset; metrics count each row once. Nothing
/// is recorded in the caller's graph, and the model's mode is restored. Throws ShapeError for a
/// dataset without rows, DomainError for metrics with a loss that calls the model and if all
/// weights are 0.
Evaluation evaluate(const Module& model, const Loss& loss, const Dataset& data,
                    const std::vector<Metric>& metrics = {}, std::int64_t batch_size = 256);

namespace detail {
/// sum / divisor. Throws DomainError, which begins with `who`, if the divisor is 0.
double mean_of(double sum, double divisor, const char* who);
}  // namespace detail

}  // namespace chainrule::nn
