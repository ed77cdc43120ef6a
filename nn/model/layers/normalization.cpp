#include "nn/model/layers/normalization.hpp"

#include <fmt/format.h>

#include <cmath>

#include "autodiff/rules/exponential.hpp"

namespace chainrule::nn {
namespace {

Tensor filled(std::int64_t size, DType dtype, double value, const char* layer) {
  if (size < 1) throw ShapeError(fmt::format("{}({}): the size must be at least 1", layer, size));
  return Array::filled(dtype, {&size, 1}, value);
}

void check_eps(double eps, const char* layer) {
  if (!(eps >= 0.0) || !std::isfinite(eps))
    throw DomainError(fmt::format("{}: eps is {}; it must be finite and not negative", layer, eps));
}

}  // namespace

LayerNorm::LayerNorm(std::int64_t size, double eps, DType dtype)
    : weight(filled(size, dtype, 1.0, "LayerNorm")),
      bias(filled(size, dtype, 0.0, "LayerNorm")),
      eps_(eps) {
  check_eps(eps, "LayerNorm");
}

Tensor LayerNorm::forward(const Tensor& x) const { return layernorm(x, weight(), bias(), eps_); }

std::string LayerNorm::describe() const { return fmt::format("LayerNorm({})", weight.size()); }

BatchNorm::BatchNorm(std::int64_t channels, const BatchNormOptions& options)
    : weight(filled(channels, options.dtype, 1.0, "BatchNorm")),
      bias(filled(channels, options.dtype, 0.0, "BatchNorm")),
      running_mean(filled(channels, options.dtype, 0.0, "BatchNorm")),
      running_var(filled(channels, options.dtype, 1.0, "BatchNorm")),
      eps_(options.eps),
      momentum_(options.momentum) {
  check_eps(eps_, "BatchNorm");
  if (!(momentum_ >= 0.0 && momentum_ <= 1.0))
    throw DomainError(
        fmt::format("BatchNorm: momentum is {}; it must be in [0, 1]", options.momentum));
}

Tensor BatchNorm::forward(const Tensor& x) const {
  const Shape shape = x.shape();
  if (shape.size() != 2 || shape[1] != weight.size())
    throw ShapeError(fmt::format("{}: the input has shape {}, not [n, {}]", describe(),
                                 text_of(shape), weight.size()));
  if (!is_training_) {
    const Array scale = 1.0 / sqrt(running_var.value() + eps_);
    return (x - Tensor(running_mean.value())) * (weight() * Tensor(scale)) + bias();
  }
  if (shape[0] < 2)
    throw ShapeError(fmt::format(
        "{}: the variance of a batch of {} is not known; give it 2 rows or more (in a loop over "
        "batches, set drop_last or another size), or call eval()",
        describe(), shape[0]));
  const Tensor batch_mean = mean(x, 0);
  const Tensor centred = x - batch_mean;
  const Tensor variance = mean(square(centred), 0);
  const double n = static_cast<double>(shape[0]);
  Buffer moved_mean = running_mean, moved_var = running_var;  // handles to the same values
  moved_mean.set_value(running_mean.value() * (1.0 - momentum_) + batch_mean.value() * momentum_);
  moved_var.set_value(running_var.value() * (1.0 - momentum_) +
                      variance.value() * (momentum_ * n / (n - 1.0)));
  return centred * (weight() / sqrt(variance + eps_)) + bias();
}

std::string BatchNorm::describe() const { return fmt::format("BatchNorm({})", weight.size()); }

}  // namespace chainrule::nn
