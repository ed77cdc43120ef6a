#include "nn/optimizers/gradients.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "autodiff/arrays.hpp"
#include "autodiff/rules/piecewise.hpp"

namespace chainrule::nn {
namespace {

template <class T>
double square_sum(const T* x, std::int64_t n) {
  // Four independent sums: additions to a single one would wait for each other.
  double sums[4] = {};
  std::int64_t i = 0;
  for (; i + 4 <= n; i += 4)
    for (int k = 0; k < 4; ++k)
      sums[k] += static_cast<double>(x[i + k]) * static_cast<double>(x[i + k]);
  for (; i < n; ++i) sums[0] += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

void check_limit(double limit, const char* name, const char* operation) {
  if (!(limit > 0.0))
    throw DomainError(fmt::format("{}: {} is {}; it must be positive", operation, name, limit));
}

}  // namespace

Gradients::Gradients(Parameters parameters, const Gradient& gradient)
    : parameters_(std::move(parameters)) {
  bool is_used = parameters_.empty();
  arrays_.reserve(parameters_.size());
  for (const NamedParameter& entry : parameters_) {
    KeyedAdjoint found;
    if (entry.parameter.is_trainable()) found = gradient.adjoint_of(entry.parameter);
    is_used = is_used || found.is_variable;
    arrays_.push_back(found.array.is_null() ? Array() : contiguous(found.array));
  }
  if (!is_used)
    throw GraphError(
        "Gradients: none of the parameters was used in the gradient's graph, or all are frozen. "
        "Compute the loss with the model whose parameters these are.");
}

Tensor Gradients::operator[](const Parameter& parameter) const {
  const auto found = std::find_if(parameters_.begin(), parameters_.end(), [&](const auto& entry) {
    return entry.parameter.is_same(parameter);
  });
  if (found == parameters_.end())
    throw DomainError("Gradients: asked for a parameter that is not in the list");
  const Array& array = arrays_[static_cast<std::size_t>(found - parameters_.begin())];
  if (array.is_null()) return Array::filled(parameter.dtype(), parameter.value().shape(), 0.0);
  return array + 0.0;  // turns -0.0 into 0.0
}

/// Calls f(n, old, next) on the elements of every array, in place if the array is not shared.
template <class F>
void Gradients::change(F f) {
  for (Array& array : arrays_) {
    if (array.is_null()) continue;
    Array next = array.is_unique() ? Array() : Array::like(array);
    with_type(array.dtype(), [&](auto zero) {
      using T = decltype(zero);
      T* const out = next.is_null() ? array.mutable_data_as<T>() : next.mutable_data_as<T>();
      f(array.size(), array.data_as<T>(), out);
    });
    if (!next.is_null()) array = std::move(next);
  }
}

double Gradients::norm() const {
  double sum = 0.0;
  for (const Array& array : arrays_)
    if (!array.is_null())
      sum += with_type(array.dtype(), [&](auto zero) {
        return square_sum(array.data_as<decltype(zero)>(), array.size());
      });
  if (sum >= 1e-280 && sum <= 1e307) return std::sqrt(sum);
  // A square may have overflowed or lost digits.
  double norm = 0.0;
  for (const Array& array : arrays_)
    if (!array.is_null()) norm = std::hypot(norm, chainrule::norm(array).element(0));
  return norm;
}

Gradients& Gradients::operator+=(const Gradients& other) {
  if (size() != other.size())
    throw ShapeError(fmt::format("Gradients: cannot add gradients of {} parameters and of {}",
                                 size(), other.size()));
  for (std::size_t i = 0; i < size(); ++i) {
    const Array &x = parameters_[i].parameter.value(), &y = other.parameters_[i].parameter.value();
    if (!x.has_shape(y.shape()))
      throw ShapeError(
          fmt::format("Gradients: cannot add: {} has shape {} on the left and {} on the right",
                      parameters_[i].name, text_of(Shape(x.shape())), text_of(Shape(y.shape()))));
    if (x.dtype() != y.dtype())
      throw DTypeError(
          fmt::format("Gradients: cannot add: {} is {} on the left and {} on the right",
                      parameters_[i].name, name_of(x.dtype()), name_of(y.dtype())));
  }
  for (std::size_t i = 0; i < size(); ++i) {
    const Array y = other.arrays_[i];  // a handle of its own: `other` may be *this
    if (y.is_null()) continue;
    arrays_[i] = arrays_[i].is_null() ? y : add_into(std::move(arrays_[i]), y);
  }
  return *this;
}

Gradients& Gradients::operator*=(double factor) {
  change([factor](std::int64_t n, const auto* old, auto* next) {
    using T = std::remove_pointer_t<decltype(next)>;
    for (std::int64_t i = 0; i < n; ++i) next[i] = old[i] * static_cast<T>(factor);
  });
  return *this;
}

Gradients& Gradients::clamp(double limit) {
  change([limit](std::int64_t n, const auto* old, auto* next) {
    using T = std::remove_pointer_t<decltype(next)>;
    const T bound = static_cast<T>(limit);
    for (std::int64_t i = 0; i < n; ++i) {
      const T upper = old[i] > bound ? bound : old[i];
      next[i] = upper < -bound ? -bound : upper;
    }
  });
  return *this;
}

Gradients clip_grad_norm(Gradients gradients, double max_norm, double* norm) {
  check_limit(max_norm, "max_norm", "clip_grad_norm");
  const double before = gradients.norm();
  if (norm != nullptr) *norm = before;
  if (std::isfinite(before)) {
    const double factor = max_norm / (before + 1e-6);
    if (factor < 1.0) gradients *= factor;
    return gradients;
  }
  for (std::size_t i = 0; i < gradients.size(); ++i)
    if (!gradients[i].is_null() && !all_finite(gradients[i]))
      throw DomainError(fmt::format(
          "clip_grad_norm: the gradient by {} has elements that are infinite or NaN, which "
          "clipping would spread to all parameters. check_gradient() or explain() shows where they "
          "come from; or leave out this step.",
          gradients.parameters()[i].name));
  if (std::isinf(max_norm)) return gradients;
  // All elements are finite, but the norm is too large for a double: reduce them first.
  gradients *= 0x1p-100;
  gradients *= max_norm / gradients.norm();
  return gradients;
}

Gradients clip_grad_value(Gradients gradients, double limit) {
  check_limit(limit, "limit", "clip_grad_value");
  gradients.clamp(limit);
  return gradients;
}

}  // namespace chainrule::nn
