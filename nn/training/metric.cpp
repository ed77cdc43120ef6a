#include "nn/training/metric.hpp"

#include <fmt/format.h>

#include <utility>

namespace chainrule::nn {
namespace {

const Indices& labels_of(const Batch& batch) {
  if (!batch.has_labels())
    throw DomainError(fmt::format("Metric: the metric takes labels, but the data has {}",
                                  batch.has_targets() ? "targets" : "features only"));
  return batch.labels;
}
const Tensor& targets_of(const Batch& batch) {
  if (!batch.has_targets())
    throw DomainError(fmt::format("Metric: the metric takes targets, but the data has {}",
                                  batch.has_labels() ? "labels" : "features only"));
  return batch.y;
}

/// The mode of a metric of nn, unless another one is given.
Mode known(const std::string& metric, Mode mode, std::optional<Mode> given) {
  if (given && *given != mode)
    throw DomainError(
        fmt::format("Metric: the mode of '{}' is given as {}, but its best values "
                    "are the {}. Leave the mode out.",
                    metric, name_of(*given), mode == Mode::max ? "largest" : "smallest"));
  return mode;
}

[[noreturn]] void throw_unknown_option(const std::string& metric) {
  throw DomainError(
      fmt::format("Metric: '{}' is a function with an option whose value is not known. Write "
                  "[](const Tensor& output, const nn::Batch& batch) {{ return ...; }}.",
                  metric));
}

}  // namespace

Metric::Metric(std::string metric, OfLabels f, std::optional<Mode> given)
    : name(std::move(metric)),
      of([f](const Tensor& output, const Batch& batch) { return f(output, labels_of(batch)); }),
      mode(f == &accuracy ? known(name, Mode::max, given) : given) {}

Metric::Metric(std::string metric, OfTargets f, std::optional<Mode> given)
    : name(std::move(metric)),
      of([f](const Tensor& output, const Batch& batch) { return f(output, targets_of(batch)); }),
      mode(f == &mean_absolute_error ? known(name, Mode::min, given) : given) {
  if (f == &r2_score)
    throw DomainError(
        "Metric: r2_score of batches cannot be averaged. Compute it of predict() for all rows.");
}

Metric::Metric(std::string metric, double (*f)(const Tensor&, const Indices&, std::int64_t),
               std::optional<Mode> given)
    : name(std::move(metric)),
      of([f](const Tensor& output, const Batch& batch) { return f(output, labels_of(batch), 5); }) {
  if (f != &top_k_accuracy) throw_unknown_option(name);
  mode = known(name, Mode::max, given);
}

Metric::Metric(std::string metric, double (*f)(const Tensor&, const Tensor&, double),
               std::optional<Mode> given)
    : name(std::move(metric)) {
  double threshold = 0.5;
  if (f == &binary_accuracy_with_logits)
    threshold = 0.0;
  else if (f != &binary_accuracy)
    throw_unknown_option(name);
  mode = known(name, Mode::max, given);
  of = [f, threshold](const Tensor& output, const Batch& batch) {
    return f(output, targets_of(batch), threshold);
  };
}

Metric::Metric(std::string metric, OfBatch f, std::optional<Mode> given)
    : name(std::move(metric)), of(std::move(f)), mode(given) {
  if (!of) throw DomainError(fmt::format("Metric: the function of '{}' is empty", name));
}

}  // namespace chainrule::nn
