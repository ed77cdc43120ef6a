#include "nn/model/layers/dropout.hpp"

#include <fmt/format.h>

#include "autodiff/arrays.hpp"
#include "autodiff/rules/piecewise.hpp"

namespace chainrule::nn {

Dropout::Dropout(double p, const Random& random) : p_(p), random_(random) {
  if (!(p >= 0.0 && p <= 1.0))
    throw DomainError(fmt::format("Dropout: p is {}; it must be in [0, 1]", p));
}

Tensor Dropout::forward(const Tensor& x) const {
  if (!is_training_ || p_ == 0.0) return x;
  Array mask = Array::uninitialised(x.dtype(), x.shape());
  with_type(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T kept = p_ < 1.0 ? static_cast<T>(1.0 / (1.0 - p_)) : T(0);
    T* const out = mask.mutable_data_as<T>();
    for (std::int64_t i = 0; i < mask.size(); ++i) out[i] = random_.uniform() < p_ ? T(0) : kept;
  });
  const Tensor factors(std::move(mask));
  if (all_finite(x.value())) return x * factors;
  // What is dropped has no influence. A choice takes more time than the product.
  return where(factors, x * factors, 0.0);
}

std::string Dropout::describe() const { return fmt::format("Dropout({})", p_); }

Tensor Flatten::forward(const Tensor& x) const {
  const Shape shape = x.shape();
  Shape flat;
  const auto first = axis_of(first_, shape.size(), "Flatten");
  std::int64_t rest = 1;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i < first)
      flat.push_back(shape[i]);
    else
      rest *= shape[i];
  }
  flat.push_back(rest);
  return reshape(x, flat);
}

}  // namespace chainrule::nn
