// The members of Tensor that call functions of the same name.
#include <fmt/format.h>

#include "autodiff/core/error.hpp"
#include "autodiff/graph/tensor.hpp"
#include "autodiff/rules/piecewise.hpp"
#include "autodiff/structural/operations.hpp"
#include "autodiff/values/indices.hpp"

namespace chainrule {

Tensor Tensor::operator[](std::int64_t index) const {
  Shape shape = detail::shape_of(*this, "operator[]");
  if (shape.empty())
    throw ShapeError("operator[]: a tensor of rank 0 has no axis to index; item() is its number");
  const std::int64_t start = index_along(index, 0, shape, "operator[]");
  shape.erase(0);
  return chainrule::reshape(slice(*this, 0, Slice{start, start + 1}), shape);
}

Tensor Tensor::T() const { return chainrule::transpose(*this); }
Tensor Tensor::transpose() const { return chainrule::transpose(*this); }
Tensor Tensor::transpose(std::int64_t i, std::int64_t j) const {
  return chainrule::transpose(*this, i, j);
}
Tensor Tensor::permute(const Axes& order) const { return chainrule::permute(*this, order); }
Tensor Tensor::reshape(const Shape& shape) const { return chainrule::reshape(*this, shape); }
Tensor Tensor::flatten() const { return chainrule::flatten(*this); }
Tensor Tensor::squeeze() const { return chainrule::squeeze(*this); }
Tensor Tensor::squeeze(std::int64_t axis) const { return chainrule::squeeze(*this, axis); }
Tensor Tensor::unsqueeze(std::int64_t axis) const { return chainrule::unsqueeze(*this, axis); }
Tensor Tensor::astype(DType dtype) const { return chainrule::astype(*this, dtype); }
Tensor Tensor::detach() const { return chainrule::detach(*this); }

Tensor Tensor::sum(const AxisList& axes, bool keepdims) const {
  return chainrule::sum(*this, axes, keepdims);
}
Tensor Tensor::mean(const AxisList& axes, bool keepdims) const {
  return chainrule::mean(*this, axes, keepdims);
}
Tensor Tensor::prod(const AxisList& axes, bool keepdims) const {
  return chainrule::prod(*this, axes, keepdims);
}
Tensor Tensor::max(const AxisList& axes, bool keepdims) const {
  return amax(*this, axes, keepdims);
}
Tensor Tensor::min(const AxisList& axes, bool keepdims) const {
  return amin(*this, axes, keepdims);
}
Tensor Tensor::var(const AxisList& axes, double correction, bool keepdims) const {
  return chainrule::var(*this, axes, correction, keepdims);
}
Tensor Tensor::std(const AxisList& axes, double correction, bool keepdims) const {
  return stddev(*this, axes, correction, keepdims);
}
Tensor Tensor::norm(double p, const AxisList& axes, bool keepdims) const {
  return chainrule::norm(*this, p, axes, keepdims);
}
Indices Tensor::argmax(std::int64_t axis) const { return chainrule::argmax(*this, axis); }
Indices Tensor::argmin(std::int64_t axis) const { return chainrule::argmin(*this, axis); }

Tensor Tensor::cumsum(std::int64_t axis) const { return chainrule::cumsum(*this, axis); }
Tensor Tensor::cumprod(std::int64_t axis) const { return chainrule::cumprod(*this, axis); }
Tensor Tensor::sort(std::int64_t axis, bool descending) const {
  return chainrule::sort(*this, axis, descending);
}
Indices Tensor::argsort(std::int64_t axis, bool descending) const {
  return chainrule::argsort(*this, axis, descending);
}
Tensor Tensor::matmul(const Tensor& y) const { return chainrule::matmul(*this, y); }
Tensor Tensor::dot(const Tensor& y) const { return chainrule::dot(*this, y); }

}  // namespace chainrule
