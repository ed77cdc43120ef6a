#include "autodiff/graph/tensor_adjoint.hpp"

#include "autodiff/kernels/walk.hpp"

namespace chainrule {

Adjoint<Tensor> Adjoint<Tensor>::product(const Tensor& values) const {
  if (!is_partial()) return Adjoint(values);
  const Array mask = broadcast_view(reached_, values.value().shape());
  // Choose, do not multiply: 0 times an infinite factor would be NaN.
  return {Interpreter<Tensor>::choose(mask, values, 0.0), mask};
}

Adjoint<Tensor> Adjoint<Tensor>::times(double factor) const {
  if (factor == 1.0) return *this;
  return product(factor == -1.0 ? -values_ : values_ * factor);
}

Adjoint<Tensor> Adjoint<Tensor>::plus(const Adjoint& other) const {
  Tensor values = values_ + other.values_;
  // A term that is reached everywhere reaches every element, also if it broadcasts.
  if (!is_partial() || !other.is_partial()) return Adjoint(std::move(values));
  return {std::move(values), reached_ + other.reached_};
}

Adjoint<Tensor> Adjoint<Tensor>::only_where(const Array& mask) const {
  const Tensor values = Interpreter<Tensor>::choose(mask, values_, 0.0);
  const Array own = detail::mask_or_ones(*this);
  return {values, Interpreter<Array>::choose(mask, own, 0.0)};
}

}  // namespace chainrule
