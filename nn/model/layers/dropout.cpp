#include "nn/model/layers/dropout.hpp"

#include <fmt/format.h>

namespace chainrule::nn {

Dropout::Dropout(double p, const Random& random) : p_(p), random_(random) {
  if (!(p >= 0.0 && p <= 1.0))
    throw DomainError(fmt::format("Dropout: p is {}; it must be in [0, 1]", p));
}

Tensor Dropout::forward(const Tensor& x) const {
  if (!is_training_ || p_ == 0.0) return x;
  Array kept = Array::uninitialised(x.dtype(), x.shape());
  with_type(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T* const out = kept.mutable_data_as<T>();
    for (std::int64_t i = 0; i < kept.size(); ++i) out[i] = random_.uniform() < p_ ? T(0) : T(1);
  });
  // A choice, not a product: what is dropped has no influence, even if it is not finite.
  const double scale = p_ < 1.0 ? 1.0 / (1.0 - p_) : 0.0;
  return where(Tensor(std::move(kept)), x * scale, 0.0);
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
