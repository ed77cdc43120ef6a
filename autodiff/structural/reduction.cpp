#include "autodiff/structural/reduction.hpp"

#include <fmt/format.h>

#include "autodiff/core/error.hpp"
#include "autodiff/kernels/elements.hpp"
#include "autodiff/kernels/reduce.hpp"
#include "autodiff/kernels/walk.hpp"
#include "autodiff/structural/arrangement.hpp"
#include "autodiff/values/indices.hpp"

namespace chainrule {
using namespace detail;

std::string detail::describe_reduction(const Reduced& p) {
  if (p.axes.is_all()) return p.keepdims ? "keepdims" : "";
  const Axes& axes = p.axes.written();
  const std::string text =
      axes.size() == 1 ? fmt::format("axis={}", axes[0]) : fmt::format("axes={}", text_of(axes));
  return p.keepdims ? text + ", keepdims" : text;
}

std::int64_t detail::reduced_count(const Shape& shape, const AxisList& axes,
                                   const char* operation) {
  std::int64_t count = 1;
  for (const std::int64_t axis : axes.of(shape.size(), operation))
    count *= shape[static_cast<std::size_t>(axis)];
  return count;
}

Array rules::Spread::value(const Parameters& p, const Array& x) {
  const Axes axes = p.axes.of(p.shape.size(), "spread");
  const Shape kept = reduced_shape(p.shape, axes, true);
  if (!x.has_shape(kept) && !x.has_shape(reduced_shape(p.shape, axes, false)))
    throw ShapeError(fmt::format("spread: {} is not the shape {} reduced along the axes {}",
                                 text_of(Shape(x.shape())), text_of(p.shape), text_of(axes)));
  if (x.has_shape(p.shape)) return x;
  Extents strides(x.strides());
  for (const std::int64_t entry : axes) {
    const auto axis = static_cast<std::size_t>(entry);
    if (x.rank() == p.shape.size())
      strides[axis] = 0;
    else
      strides.insert(axis, 0);
  }
  return x.view(p.shape, strides, 0);
}

Array rules::Sum::value(const Parameters& p, const Array& x) {
  const Axes axes = p.axes.of(x.rank(), "sum");
  Array result = fold(Fold::sum, x, axes, {p.keepdims});
  if (x.size() == 0) return Array::filled(x.dtype(), result.shape(), p.fill);
  return result;
}

Array rules::SumTo::value(const Parameters& p, const Array& x) {
  if (x.has_shape(p.shape)) return x;
  const Shape shape(x.shape());
  if (broadcast(p.shape, shape, "sum_to") != shape)
    throw ShapeError(fmt::format("sum_to: the shape {} does not broadcast to {}", text_of(p.shape),
                                 text_of(shape)));
  // First the axes that p.shape does not have, then those that broadcasting stretched.
  const std::size_t leading = shape.size() - p.shape.size();
  Axes axes = every_axis(leading);
  for (std::size_t i = 0; i < p.shape.size(); ++i)
    if (p.shape[i] != shape[leading + i]) axes.push_back(static_cast<std::int64_t>(leading + i));
  const bool only_leading = axes.size() == leading;
  const Array result = fold(Fold::sum, x, axes, {!only_leading});
  if (leading == 0 || only_leading) return result;
  return in_shape(result, p.shape);
}

Array rules::Mean::value(const Reduced& p, const Array& x) {
  const auto count = reduced_count(Shape(x.shape()), p.axes, "mean");
  return fold(Fold::sum, x, p.axes.of(x.rank(), "mean"), {p.keepdims, static_cast<double>(count)});
}

namespace {

/// Throws if there are no elements along the axes but the result has elements.
void check_not_empty(const Shape& shape, const Axes& axes, const char* operation) {
  if (reduced_count(shape, axes, operation) == 0 &&
      element_count(reduced_shape(shape, axes, true), operation) != 0)
    throw ShapeError(fmt::format(
        "{}: a tensor of shape {} has no elements along the axes {}, so the result has no value",
        operation, text_of(shape), text_of(axes)));
}

Array extreme(Fold kind, const AxisList& list, bool keepdims, const Array& x,
              const char* operation) {
  const Axes axes = list.of(x.rank(), operation);
  check_not_empty(Shape(x.shape()), axes, operation);
  return fold(kind, x, axes, {keepdims});
}

}  // namespace

Array rules::Amax::value(const Reduced& p, const Array& x) {
  return extreme(Fold::maximum, p.axes, p.keepdims, x, "amax");
}
Array rules::Amin::value(const Reduced& p, const Array& x) {
  return extreme(Fold::minimum, p.axes, p.keepdims, x, "amin");
}
Array rules::MaxAlong::value(const Parameters& p, const Array& x) {
  return extreme(Fold::maximum, p.axis, p.keepdims, x, "max_along");
}
Array rules::MinAlong::value(const Parameters& p, const Array& x) {
  return extreme(Fold::minimum, p.axis, p.keepdims, x, "min_along");
}

namespace {

/// Whether a replaces the best element so far; NaN replaces any number.
template <class T>
bool is_better(T a, T best, bool least) {
  return (least ? a < best : a > best) || (a != a && best == best);
}

/// Calls f(row, index) with the number of each row along the axis and the index of its extreme
/// element.
template <class F>
void for_each_extreme(const RowsAlong& x, bool least, F f) {
  with_type(x.matrix.dtype(), [&](auto zero) {
    const auto* row = x.matrix.template data_as<decltype(zero)>();
    for (std::size_t r = 0; r < x.rows; ++r, row += x.columns) {
      std::size_t best = 0;
      for (std::size_t i = 1; i < x.columns; ++i)
        if (is_better(row[i], row[best], least)) best = i;
      f(r, best);
    }
  });
}

}  // namespace

Indices detail::extreme_index(const Array& x, std::int64_t axis, bool least) {
  const char* const operation = least ? "argmin" : "argmax";
  if (x.is_null()) detail::throw_unassigned(operation);
  const Axes axes = AxisList(axis).of(x.rank(), operation);
  const Shape shape(x.shape());
  check_not_empty(shape, axes, operation);
  Indices result = Indices::uninitialised(reduced_shape(shape, axes, false));
  std::int64_t* const out = result.mutable_data();
  for_each_extreme(RowsAlong(x, axes), least, [&](std::size_t row, std::size_t best) {
    out[row] = static_cast<std::int64_t>(best);
  });
  return result;
}

Array detail::extreme_mask(const Array& x, std::int64_t axis, bool least) {
  const RowsAlong along(x, AxisList(axis).of(x.rank(), least ? "min_along" : "max_along"));
  Array mask = Array::filled(x.dtype(), along.matrix.shape(), 0.0);
  if (along.columns > 0)
    with_type(x.dtype(), [&](auto zero) {
      using T = decltype(zero);
      T* const out = mask.mutable_data_as<T>();
      for_each_extreme(along, least, [&](std::size_t row, std::size_t best) {
        out[row * along.columns + best] = T(1);
      });
    });
  return along.restored(mask);
}

}  // namespace chainrule
