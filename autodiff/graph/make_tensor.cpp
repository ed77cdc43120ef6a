#include "autodiff/graph/make_tensor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "autodiff/core/error.hpp"
#include "autodiff/core/random.hpp"
#include "autodiff/kernels/walk.hpp"
#include "autodiff/structural/arrangement.hpp"

namespace chainrule {
namespace {

Array new_array(const char* name, const Shape& shape, DType dtype) {
  element_count(shape, name);
  return Array::uninitialised(dtype, shape);
}

Array filled(const char* name, const Shape& shape, DType dtype, double value) {
  element_count(shape, name);
  return Array::filled(dtype, shape, value);
}

/// An array whose elements are made by f(i), in row-major order.
template <class F>
Array generated(const char* name, const Shape& shape, DType dtype, F f) {
  Array array = new_array(name, shape, dtype);
  with_type(dtype, [&](auto zero) {
    using T = decltype(zero);
    T* const out = array.mutable_data_as<T>();
    const std::int64_t size = array.size();
    for (std::int64_t i = 0; i < size; ++i) out[i] = static_cast<T>(f(i));
  });
  return array;
}

// ---- Braces -------------------------------------------------------------------------------------

Shape shape_of_first(std::span<const NestedNumbers> items) {
  Shape shape{static_cast<std::int64_t>(items.size())};
  while (!items.empty() && items.front().is_list()) {
    items = items.front().items();
    shape.push_back(static_cast<std::int64_t>(items.size()));
  }
  return shape;
}

ShapeError ragged(const Extents& position, const std::string& found, const std::string& expected) {
  return ShapeError(fmt::format("tensor: the lists are ragged: at {} there is {} instead of {}",
                                text_of(position), found, expected));
}

std::string items(std::int64_t count) {
  return fmt::format("a list of {} item{}", count, count == 1 ? "" : "s");
}

template <class T>
void fill(std::span<const NestedNumbers> list, const Shape& shape, Extents& position, T*& out) {
  const std::size_t axis = position.size();
  if (static_cast<std::int64_t>(list.size()) != shape[axis])
    throw ragged(position, items(static_cast<std::int64_t>(list.size())), items(shape[axis]));
  position.push_back(0);
  for (const NestedNumbers& item : list) {
    const bool is_last = axis + 1 == shape.size();
    if (is_last == item.is_list())
      throw ragged(position,
                   item.is_list() ? items(static_cast<std::int64_t>(item.items().size()))
                                  : fmt::format("the number {}", item.number()),
                   is_last ? "a number" : items(shape[axis + 1]));
    if (is_last)
      *out++ = static_cast<T>(item.number());
    else
      fill(item.items(), shape, position, out);
    ++position[axis];
  }
  position.erase(axis);
}

/// Counts the numbers in a list that are floats, and those that are not.
struct NumberTypes {
  std::size_t floats = 0, others = 0;

  void count(std::span<const NestedNumbers> list) {
    for (const NestedNumbers& item : list)
      if (item.is_list())
        count(item.items());
      else
        ++(item.is_float() ? floats : others);
  }
};

// ---- Copies -------------------------------------------------------------------------------------

template <class T>
void copy_elements(const Tensor& x, T* out) {
  const Array flat = contiguous(x.value());
  with_type(flat.dtype(), [&](auto zero) {
    const auto* const in = flat.data_as<decltype(zero)>();
    std::transform(in, in + flat.size(), out, [](auto e) { return static_cast<T>(e); });
  });
}

template <class T>
void checked_copy(const Tensor& x, std::span<T> out) {
  if (x.value().is_null()) detail::throw_unassigned("copy_to");
  if (static_cast<std::int64_t>(out.size()) != x.size())
    throw ShapeError(
        fmt::format("copy_to: room for {} elements, but {} elements in a tensor of shape {}",
                    out.size(), x.size(), text_of(x.shape())));
  copy_elements(x, out.data());
}

template <class T>
void check_type(const Tensor& x, const char* name) {
  if (x.value().is_null()) detail::throw_unassigned(name);
  if (x.dtype() != dtype_of<T>)
    throw DTypeError(
        fmt::format("{}<{}>: the tensor is {}. Convert it with astype(), or copy its "
                    "elements with to_vector() or copy_to().",
                    name, dtype_of<T> == DType::float32 ? "float" : "double", name_of(x.dtype())));
}

void check_fills(std::size_t size, const Shape& shape, const char* name) {
  if (element_count(shape, name) != static_cast<std::int64_t>(size))
    throw ShapeError(
        fmt::format("{}: {} values do not fill the shape {}", name, size, text_of(shape)));
}

/// Throws unless every element is within the first `size` elements.
void check_inside(std::size_t size, const Shape& shape, const Extents& strides,
                  std::int64_t offset) {
  if (strides.size() != shape.size())
    throw ShapeError(
        fmt::format("tensor_view: {} strides for the shape {}", strides.size(), text_of(shape)));
  if (element_count(shape, "tensor_view") == 0) return;
  std::int64_t lowest = offset, highest = offset;
  bool is_inside = true;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    std::int64_t& end = strides[i] < 0 ? lowest : highest;
    std::int64_t reach;
    if (__builtin_mul_overflow(shape[i] - 1, strides[i], &reach) ||
        __builtin_add_overflow(end, reach, &end))
      is_inside = false;
  }
  if (!is_inside || lowest < 0 || static_cast<std::uint64_t>(highest) >= size)
    throw ShapeError(fmt::format(
        "tensor_view: shape {} with strides {} from element {} on reaches beyond the {} values",
        text_of(shape), text_of(strides), offset, size));
}

template <class T>
Tensor view_of_values(std::span<const T> values, const Shape& shape, const Extents& strides,
                      std::int64_t offset, std::shared_ptr<const void> owner) {
  check_inside(values.size(), shape, strides, offset);
  return detail::view_of(detail::foreign_elements(values), shape, strides, offset,
                         std::move(owner));
}

template <class T>
Tensor view_of_values(std::span<const T> values, const Shape& shape,
                      std::shared_ptr<const void> owner) {
  check_fills(values.size(), shape, "tensor_view");
  return detail::view_of(detail::foreign_elements(values), shape, row_major_strides(shape), 0,
                         std::move(owner));
}

}  // namespace

Tensor tensor(std::initializer_list<NestedNumbers> numbers) {
  NumberTypes types;
  types.count({numbers.begin(), numbers.size()});
  return tensor(numbers, types.floats > 0 && types.others == 0 ? DType::float32 : DType::float64);
}

Tensor tensor(std::initializer_list<NestedNumbers> numbers, DType dtype) {
  const std::span<const NestedNumbers> list(numbers.begin(), numbers.size());
  const Shape shape = shape_of_first(list);
  Array array = new_array("tensor", shape, dtype);
  with_type(dtype, [&](auto zero) {
    auto* out = array.mutable_data_as<decltype(zero)>();
    Extents position;
    fill(list, shape, position, out);
  });
  return array;
}

// ---- Patterns -----------------------------------------------------------------------------------

Tensor full(const Shape& shape, double value, DType dtype) {
  return filled("full", shape, dtype, value);
}
Tensor zeros(const Shape& shape, DType dtype) { return filled("zeros", shape, dtype, 0.0); }
Tensor ones(const Shape& shape, DType dtype) { return filled("ones", shape, dtype, 1.0); }
Tensor full_like(const Tensor& x, double value) {
  if (x.value().is_null()) detail::throw_unassigned("full_like");
  return Array::filled(x.dtype(), x.value().shape(), value);
}
Tensor zeros_like(const Tensor& x) { return full_like(x, 0.0); }
Tensor ones_like(const Tensor& x) { return full_like(x, 1.0); }

Tensor eye(std::int64_t rows, DType dtype) { return eye(rows, rows, 0, dtype); }

Tensor eye(std::int64_t rows, std::int64_t columns, std::int64_t k, DType dtype) {
  Array array = filled("eye", {rows, columns}, dtype, 0.0);
  k = std::clamp(k, -rows, columns);  // beyond, there is no diagonal
  with_type(dtype, [&](auto zero) {
    auto* const out = array.mutable_data_as<decltype(zero)>();
    const std::int64_t end = std::min(rows, columns - k);
    for (std::int64_t i = std::max<std::int64_t>(0, -k); i < end; ++i) out[i * columns + i + k] = 1;
  });
  return array;
}

Tensor arange(double stop, DType dtype) { return arange(0.0, stop, 1.0, dtype); }

Tensor arange(double start, double stop, double step, DType dtype) {
  if (!std::isfinite(start) || !std::isfinite(stop) || !std::isfinite(step) || step == 0.0)
    throw DomainError(fmt::format(
        "arange: from {} to {} by {}: all must be finite, and the step not 0", start, stop, step));
  const double count = std::max(0.0, std::ceil((stop - start) / step));
  if (count > 0x1p48)
    throw ShapeError(
        fmt::format("arange: from {} to {} by {} are more than 2^48 elements", start, stop, step));
  return generated("arange", {static_cast<std::int64_t>(count)}, dtype,
                   [&](std::int64_t i) { return start + static_cast<double>(i) * step; });
}

Tensor linspace(double start, double stop, std::int64_t count, DType dtype) {
  if (!std::isfinite(start) || !std::isfinite(stop))
    throw DomainError(fmt::format("linspace: from {} to {}: both must be finite", start, stop));
  const double intervals = static_cast<double>(count - 1);
  return generated("linspace", {count}, dtype, [&](std::int64_t i) {
    if (i == 0) return start;
    const double k = static_cast<double>(i);
    return k == intervals ? stop : start + k * ((stop - start) / intervals);
  });
}

Tensor uniform(Random& random, const Shape& shape, double low, double high, DType dtype) {
  return generated("uniform", shape, dtype,
                   [&](std::int64_t) { return random.uniform(low, high); });
}

Tensor normal(Random& random, const Shape& shape, double mean, double deviation, DType dtype) {
  return generated("normal", shape, dtype,
                   [&](std::int64_t) { return random.normal(mean, deviation); });
}

Indices permutation(Random& random, std::int64_t count) {
  Indices indices = Indices::uninitialised({count});
  const std::span<std::int64_t> out(indices.mutable_data(), static_cast<std::size_t>(count));
  std::iota(out.begin(), out.end(), 0);
  random.shuffle(out);
  return indices;
}

// ---- Foreign memory -----------------------------------------------------------------------------

namespace detail {

Tensor view_of(const ForeignElements& elements, const Shape& shape, const Extents& strides,
               std::int64_t offset, std::shared_ptr<const void> owner) {
  const auto* const first = static_cast<const std::byte*>(elements.data) +
                            offset * static_cast<std::int64_t>(size_of(elements.dtype));
  // The owner must not be null: an array treats its elements as read-only because they have an
  // owner.
  using Owner = std::shared_ptr<const void>;
  auto kept = std::make_unique<Owner>(std::move(owner));
  Array array = Array::foreign(
      elements.dtype, shape, strides, first,
      [](void* context) { delete static_cast<Owner*>(context); }, kept.get());
  static_cast<void>(kept.release());
  return array;
}

Tensor copy_of(const ForeignElements& elements, std::size_t size, const Shape& shape) {
  check_fills(size, shape, "tensor");
  Array array = Array::uninitialised(elements.dtype, shape);
  if (size != 0) std::memcpy(array.mutable_data(), elements.data, size * size_of(elements.dtype));
  return array;
}

Tensor copy_of_matrix(const ForeignElements& elements, const Shape& shape, const Extents& strides) {
  const Tensor view = view_of(elements, shape, strides, 0, nullptr);
  if (!view.value().is_contiguous()) return contiguous(view.value());
  return copy_of(elements, static_cast<std::size_t>(view.size()), shape);
}

}  // namespace detail

Tensor tensor_view(std::span<const double> values, const Shape& shape,
                   std::shared_ptr<const void> owner) {
  return view_of_values(values, shape, std::move(owner));
}
Tensor tensor_view(std::span<const float> values, const Shape& shape,
                   std::shared_ptr<const void> owner) {
  return view_of_values(values, shape, std::move(owner));
}
Tensor tensor_view(std::span<const double> values, const Shape& shape, const Extents& strides,
                   std::int64_t offset, std::shared_ptr<const void> owner) {
  return view_of_values(values, shape, strides, offset, std::move(owner));
}
Tensor tensor_view(std::span<const float> values, const Shape& shape, const Extents& strides,
                   std::int64_t offset, std::shared_ptr<const void> owner) {
  return view_of_values(values, shape, strides, offset, std::move(owner));
}

// ---- Reading elements ---------------------------------------------------------------------------

template <detail::Floating T>
std::vector<T> to_vector(const Tensor& x) {
  if (x.value().is_null()) detail::throw_unassigned("to_vector");
  std::vector<T> result(static_cast<std::size_t>(x.size()));
  copy_elements(x, result.data());
  return result;
}
template std::vector<double> to_vector<double>(const Tensor&);
template std::vector<float> to_vector<float>(const Tensor&);

void copy_to(const Tensor& x, std::span<double> out) { checked_copy(x, out); }
void copy_to(const Tensor& x, std::span<float> out) { checked_copy(x, out); }

template <detail::Floating T>
std::span<const T> span_of(const Tensor& x) {
  check_type<T>(x, "span_of");
  if (!x.value().is_contiguous())
    throw ShapeError(fmt::format(
        "span_of: the elements of this tensor of shape {} lie in memory with strides {}, not in "
        "row-major order. Take contiguous(x.value()), to_vector() or copy_to().",
        text_of(x.shape()), text_of(Extents(x.value().strides()))));
  return {x.value().data_as<T>(), static_cast<std::size_t>(x.size())};
}
template std::span<const double> span_of<double>(const Tensor&);
template std::span<const float> span_of<float>(const Tensor&);

template <detail::Floating T>
MatrixSpan<T> matrix_span(const Tensor& x) {
  check_type<T>(x, "matrix_span");
  const Array& a = x.value();
  const T* const data = a.data_as<T>();
  if (a.rank() == 1) return {data, a.shape(0), 1, a.stride(0), a.shape(0)};
  if (a.rank() != 2)
    throw ShapeError(fmt::format(
        "matrix_span: a tensor of shape {} is neither a matrix nor a vector", text_of(x.shape())));
  return {data, a.shape(0), a.shape(1), a.stride(0), a.stride(1)};
}
template MatrixSpan<double> matrix_span<double>(const Tensor&);
template MatrixSpan<float> matrix_span<float>(const Tensor&);

}  // namespace chainrule
