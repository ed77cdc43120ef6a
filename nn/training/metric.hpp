// Metrics as arguments of train() and evaluate().
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "nn/data/dataset.hpp"
#include "nn/losses/metrics.hpp"
#include "nn/training/monitor.hpp"

namespace chainrule::nn {

/// An additional metric to report: {"accuracy", nn::accuracy}. It is computed per batch and
/// averaged with the numbers of rows as weights. The weights of a dataset do not count: they weight
/// the loss, and a metric counts each row once.
///
/// `mode` says whether larger values are better, as those of an accuracy, or smaller ones, as those
/// of an error; early stopping and plateau need it. The metrics of nn have theirs. Name it for your
/// own: {"F1", f, Mode::max}.
struct Metric {
  using OfLabels = double (*)(const Tensor& scores, const Indices& labels);
  using OfTargets = double (*)(const Tensor& output, const Tensor& targets);
  using OfBatch = std::function<double(const Tensor& output, const Batch& batch)>;

  std::string name;
  OfBatch of;
  std::optional<Mode> mode;

  // Functions with an option, such as k or a threshold, must be nn's and are used with its default;
  // write a lambda for another value. All throw DomainError for a mode that contradicts a metric of
  // nn, and for nn::r2_score, which is not a mean over rows.
  Metric(std::string name, OfLabels f, std::optional<Mode> mode = std::nullopt);
  Metric(std::string name, OfTargets f, std::optional<Mode> mode = std::nullopt);
  Metric(std::string name, double (*f)(const Tensor&, const Indices&, std::int64_t),
         std::optional<Mode> mode = std::nullopt);
  Metric(std::string name, double (*f)(const Tensor&, const Tensor&, double),
         std::optional<Mode> mode = std::nullopt);
  Metric(std::string name, OfBatch f, std::optional<Mode> mode = std::nullopt);
};

}  // namespace chainrule::nn
