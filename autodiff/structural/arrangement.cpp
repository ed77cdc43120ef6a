#include "autodiff/structural/arrangement.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "autodiff/core/error.hpp"
#include "autodiff/kernels/walk.hpp"

namespace chainrule {
namespace detail {

Axes inverse_order(const Axes& order) {
  Axes inverse = order;
  for (std::size_t i = 0; i < order.size(); ++i)
    inverse[axis_of(order[i], order.size(), "permute")] = static_cast<std::int64_t>(i);
  return inverse;
}

Axes reversed_order(std::size_t rank) {
  Axes order = every_axis(rank);
  std::reverse(order.begin(), order.end());
  return order;
}

Axes swapped_order(std::int64_t i, std::int64_t j, std::size_t rank) {
  Axes order = every_axis(rank);
  std::swap(order[axis_of(i, rank, "transpose")], order[axis_of(j, rank, "transpose")]);
  return order;
}

Shape squeezed(const Shape& shape) {
  Shape result;
  for (const std::int64_t size : shape)
    if (size != 1) result.push_back(size);
  return result;
}

Shape squeezed(const Shape& shape, const Axes& axes) {
  const Axes sorted = sorted_axes(axes, shape.size(), "squeeze");
  Shape result = shape;
  for (std::size_t i = sorted.size(); i-- > 0;) {
    const auto axis = static_cast<std::size_t>(sorted[i]);
    if (shape[axis] != 1)
      throw ShapeError(fmt::format(
          "squeeze: axis {} of the shape {} has size {}. Only axes of size 1 can be left out; take "
          "one element of it with slice() first.",
          axis, text_of(shape), shape[axis]));
    result.erase(axis);
  }
  return result;
}

Shape unsqueezed(const Shape& shape, std::int64_t axis) {
  Shape result = shape;
  result.insert(axis_of(axis, shape.size() + 1, "unsqueeze"), 1);
  return result;
}

}  // namespace detail

namespace {

/// The requested shape, with -1 replaced by the size it must have.
Shape filled_in(const Shape& asked, const Array& x) {
  const auto fail = [&](const char* why) {
    return ShapeError(
        fmt::format("reshape: a tensor of shape {} ({} elements) cannot have shape {}: {}",
                    text_of(Shape(x.shape())), x.size(), text_of(asked), why));
  };
  const auto open = std::find(asked.begin(), asked.end(), -1);
  if (open == asked.end()) {
    if (element_count(asked, "reshape") != x.size())
      throw fail("the number of elements must stay the same");
    return asked;
  }
  if (std::count(asked.begin(), asked.end(), -1) > 1) throw fail("only one size may be -1");
  Shape shape = asked;
  std::int64_t& found = shape[static_cast<std::size_t>(open - asked.begin())];
  found = 1;
  const std::int64_t others = element_count(shape, "reshape");
  if (others == 0) throw fail("next to a size of 0, -1 is ambiguous; write the size");
  if (x.size() % others != 0) throw fail("the other sizes do not divide the number of elements");
  found = x.size() / others;
  return shape;
}

/// Strides that present the elements of x in another shape; false if there are none. Precondition:
/// x has elements. Groups adjacent axes of both shapes until they hold the same number of elements;
/// within a group, the old axes must be contiguous.
bool reshaped_strides(const Array& x, const Shape& shape, Extents& strides) {
  Extents sizes, distances;  // without the axes of size 1, whose stride is arbitrary
  for (std::size_t i = 0; i < x.rank(); ++i) {
    if (x.shape(i) == 1) continue;
    sizes.push_back(x.shape(i));
    distances.push_back(x.stride(i));
  }
  strides = Extents::filled(shape.size(), 1);
  std::size_t old_end = 0, new_end = 0;
  while (old_end < sizes.size()) {
    const std::size_t old_begin = old_end, new_begin = new_end;
    std::int64_t old_count = sizes[old_end++], new_count = shape[new_end++];
    while (old_count != new_count) {
      if (new_count < old_count)
        new_count *= shape[new_end++];
      else
        old_count *= sizes[old_end++];
    }
    for (std::size_t i = old_begin; i + 1 < old_end; ++i)
      if (distances[i] != sizes[i + 1] * distances[i + 1]) return false;
    std::int64_t distance = distances[old_end - 1];
    for (std::size_t i = new_end; i-- > new_begin;) {
      strides[i] = distance;
      distance *= shape[i];
    }
  }
  return true;
}

}  // namespace

Array rules::Reshape::value(const Parameters& p, const Array& x) {
  if (x.has_shape(p.shape)) return x;
  const Shape shape = filled_in(p.shape, x);
  if (x.is_contiguous() || x.size() == 0) return in_shape(x, shape);
  Extents strides;
  if (reshaped_strides(x, shape, strides)) return x.view(shape, strides, 0);
  return in_shape(x, shape);
}

std::string rules::Reshape::describe(const Parameters& p) { return text_of(p.shape); }

Array rules::Permute::value(const Parameters& p, const Array& x) {
  if (p.order.size() != x.rank())
    throw ShapeError(fmt::format(
        "permute: the order {} has {} axes, the shape {} has {}. The order must contain "
        "every axis once.",
        text_of(p.order), p.order.size(), text_of(Shape(x.shape())), x.rank()));
  sorted_axes(p.order, x.rank(), "permute");  // throws unless each occurs once
  Shape shape(x.shape());
  Extents strides(x.strides());
  for (std::size_t i = 0; i < x.rank(); ++i) {
    const std::size_t from = axis_of(p.order[i], x.rank(), "permute");
    shape[i] = x.shape(from);
    strides[i] = x.stride(from);
  }
  return x.view(shape, strides, 0);
}

std::string rules::Permute::describe(const Parameters& p) { return text_of(p.order); }

Array rules::Flip::value(const Parameters& p, const Array& x) {
  Extents strides(x.strides());
  std::int64_t offset = 0;
  for (const std::int64_t axis : sorted_axes(p.axes, x.rank(), "flip")) {
    const auto i = static_cast<std::size_t>(axis);
    if (x.size() > 0) offset += (x.shape(i) - 1) * strides[i];
    strides[i] = -strides[i];
  }
  return x.view(x.shape(), strides, offset);
}

std::string rules::Flip::describe(const Parameters& p) { return "axes=" + text_of(p.axes); }

std::string rules::Expand::describe(const Parameters& p) { return text_of(p.shape); }
std::string rules::SumTo::describe(const Parameters& p) { return text_of(p.shape); }

Array rules::Expand::value(const Parameters& p, const Array& x) {
  const Shape from(x.shape());
  if (broadcast(from, p.shape, "expand") != p.shape)
    throw ShapeError(fmt::format("expand: the shape {} cannot be broadcast to {}", text_of(from),
                                 text_of(p.shape)));
  return broadcast_view(x, p.shape);
}

}  // namespace chainrule
