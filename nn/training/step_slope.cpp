#include "nn/training/step_slope.hpp"

#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "autodiff/arrays.hpp"

namespace chainrule::nn::detail {

void StepSlope::begin(const Batches& batches, std::int64_t first, std::int64_t last,
                      std::int64_t step, std::int64_t epoch) {
  batches_ = &batches;
  first_ = first;
  last_ = last;
  step_ = step;
  epoch_ = epoch;
  evaluations_ = 0;
  forward_state_.save();
}

Optimizer::Slope StepSlope::operator()(bool is_trial) {
  const bool is_first = evaluations_++ == 0;
  if (!is_first) forward_state_.restore();
  if (last_ - first_ > 1) return sum_of_parts(is_first, is_trial);
  Part only = part((*batches_)[first_], is_first, is_trial);
  if (std::isfinite(options_.clip_norm))
    only.gradients = clip_grad_norm(std::move(only.gradients), options_.clip_norm);
  return {only.value, std::move(only.gradients)};
}

Optimizer::Slope StepSlope::sum_of_parts(bool is_first, bool is_trial) {
  std::optional<Gradients> sum;
  double loss = 0.0, divisor = 0.0;
  for (std::int64_t i = first_; i < last_; ++i) {
    Part next = part((*batches_)[i], is_first, is_trial);
    next.gradients *= next.loss.factor;
    if (sum)
      *sum += next.gradients;
    else
      sum = std::move(next.gradients);
    loss += next.loss.factor * next.value;
    divisor += next.loss.divisor;
  }
  if (!loss_.is_sum() && divisor > 0.0) {
    *sum *= 1.0 / divisor;
    loss /= divisor;
  }
  if (!is_trial) check_finite(loss, *sum);
  if (std::isfinite(options_.clip_norm)) *sum = clip_grad_norm(std::move(*sum), options_.clip_norm);
  return {loss, std::move(*sum)};
}

StepSlope::Part StepSlope::part(const Batch& batch, bool is_first, bool is_trial) {
  const Graph graph;
  BatchLoss loss = loss_.of(model_, batch);
  Part part{{}, loss.value.item(), optimizer_.gradients(gradient(loss.value))};
  if (!is_trial) check_finite(part.value, part.gradients);
  if (is_first) {
    metrics_.clear();
    for (const Metric& metric : options_.metrics)
      metrics_.push_back(metric.of(Tensor(loss.output.value()), batch));
    on_batch_(batch, loss, metrics_);
  }
  // Nothing of the graph leaves it.
  part.loss = {Tensor(), loss.divisor, loss.factor, Tensor()};
  return part;
}

void StepSlope::check_finite(double loss, const Gradients& gradients) {
  const auto is_finite = [](const Array& x) { return x.is_null() || all_finite(x); };
  std::string bad_parameter;
  for (std::size_t i = 0; i < gradients.size() && bad_parameter.empty(); ++i) {
    const NamedParameter& entry = gradients.parameters()[i];
    // Values that are not finite make the loss or the gradients not finite.
    if (!is_finite(gradients[i]) || (!std::isfinite(loss) && !is_finite(entry.parameter.value())))
      bad_parameter = entry.name;
  }
  if (std::isfinite(loss) && bad_parameter.empty()) return;
  forward_state_.restore();
  throw NonFiniteError(
      fmt::format("train: step {}, in epoch {}: the loss is {}{}. The model is as it was before "
                  "this step; try a lower learning rate, clip_norm, or look at the data.",
                  step_, epoch_, std::isnan(loss) ? std::fabs(loss) : loss,  // not "-nan"
                  bad_parameter.empty()
                      ? std::string(", while all parameters and gradients are finite")
                      : fmt::format("; the first parameter that is not finite, or "
                                    "whose gradient is not, is {}",
                                    bad_parameter)),
      step_, bad_parameter);
}

}  // namespace chainrule::nn::detail
