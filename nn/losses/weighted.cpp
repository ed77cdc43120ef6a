#include "nn/losses/weighted.hpp"

#include <fmt/format.h>

#include <cmath>

#include "autodiff/arrays.hpp"
#include "autodiff/rules/piecewise.hpp"

namespace chainrule::nn {

Tensor detail::reduced_rows(const Tensor& losses, Reduction reduction) {
  if (losses.rank() <= 1) return losses;
  const Tensor flat = reshape(losses, {losses.shape(0), -1});
  return reduction == Reduction::sum ? sum(flat, 1) : mean(flat, 1);
}

Tensor detail::weighted_sum(const Tensor& rows, const Tensor& weights) {
  const Tensor factors = astype(weights, rows.dtype());
  return sum(where(factors != 0.0, rows * factors, 0.0));
}

double detail::sum_of_weights(const Tensor& weights, DType dtype) {
  const Array numbers = contiguous(astype(weights, dtype).value());
  double sum = 0.0;
  with_type(dtype, [&](auto zero) {
    const auto* const number = numbers.data_as<decltype(zero)>();
    for (std::int64_t i = 0; i < numbers.size(); ++i) sum += static_cast<double>(number[i]);
  });
  return sum;
}

Tensor weighted_mean(const Tensor& losses, const Tensor& weights) {
  if (losses.value().is_null() || weights.value().is_null())
    throw ShapeError("weighted_mean: a Tensor was never assigned");
  if (losses.rank() < 1 || weights.rank() != 1 || losses.shape(0) != weights.shape(0))
    throw ShapeError(
        fmt::format("weighted_mean: losses of shape {} and weights of shape {}, not [n, ...] and "
                    "[n]; compute the losses with Reduction::none",
                    text_of(losses.shape()), text_of(weights.shape())));
  for (const double weight : to_vector(weights))
    if (!(weight >= 0.0) || !std::isfinite(weight))
      throw DomainError(fmt::format(
          "weighted_mean: a weight is {}; weights must be finite and not negative", weight));
  const double divisor = detail::sum_of_weights(weights, losses.dtype());
  if (!(divisor > 0.0)) throw DomainError("weighted_mean: all weights are 0");
  return detail::weighted_sum(detail::reduced_rows(losses, Reduction::mean), weights) / divisor;
}

}  // namespace chainrule::nn
