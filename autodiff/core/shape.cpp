#include "autodiff/core/shape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "autodiff/core/error.hpp"

namespace chainrule {

void Extents::insert(std::size_t position, std::int64_t value) {
  if (size_ < inline_size) {
    for (std::size_t i = size_; i > position; --i) inline_[i] = inline_[i - 1];
    inline_[position] = value;
    ++size_;
    return;
  }
  Extents longer(size_ + 1);
  std::copy(begin(), begin() + position, longer.begin());
  longer[position] = value;
  std::copy(begin() + position, end(), longer.begin() + position + 1);
  *this = std::move(longer);
}

void Extents::erase(std::size_t position) {
  if (size_ <= inline_size) {
    --size_;
    for (std::size_t i = position; i < size_; ++i) inline_[i] = inline_[i + 1];
    return;
  }
  Extents shorter(size_ - 1);
  std::copy(begin(), begin() + position, shorter.begin());
  std::copy(begin() + position + 1, end(), shorter.begin() + position);
  *this = std::move(shorter);
}

std::string text_of(const Extents& extents) {
  return fmt::format("[{}]", fmt::join(extents.begin(), extents.end(), ", "));
}

std::int64_t detail::large_element_count(std::span<const std::int64_t> shape,
                                         const char* operation) {
  constexpr std::int64_t max_count = std::int64_t{1} << 48;
  std::int64_t count = 1;
  bool is_empty = false;
  for (const std::int64_t size : shape) {
    if (size < 0)
      throw ShapeError(
          fmt::format("{}: the shape {} has a negative size", operation, text_of(Shape(shape))));
    if (size == 0)
      is_empty = true;
    else if (__builtin_mul_overflow(count, size, &count) || count > max_count)
      throw ShapeError(fmt::format("{}: the shape {} has more than 2^48 elements", operation,
                                   text_of(Shape(shape))));
  }
  return is_empty ? 0 : count;
}

Extents row_major_strides(const Shape& shape) {
  Extents strides = Extents::filled(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;)
    strides[i - 1] = strides[i] * std::max<std::int64_t>(shape[i], 1);
  return strides;
}

Shape broadcast(const Shape& x, const Shape& y, const char* operation) {
  const Shape& longer = x.size() >= y.size() ? x : y;
  const Shape& shorter = x.size() >= y.size() ? y : x;
  Shape result = longer;
  const std::size_t ahead = longer.size() - shorter.size();
  for (std::size_t i = 0; i < shorter.size(); ++i) {
    std::int64_t& size = result[ahead + i];
    if (size == shorter[i] || shorter[i] == 1) continue;
    if (size != 1)
      throw ShapeError(fmt::format(
          "{}: the shapes {} and {} cannot be broadcast: sizes {} and {} differ. Aligned at the "
          "last axis, sizes must be equal or 1.",
          operation, text_of(x), text_of(y), x.size() >= y.size() ? size : shorter[i],
          x.size() >= y.size() ? shorter[i] : size));
    size = shorter[i];
  }
  element_count(result, operation);
  return result;
}

std::size_t axis_of(std::int64_t axis, std::size_t rank, const char* operation) {
  const auto count = static_cast<std::int64_t>(rank);
  if (axis < -count || axis >= count)
    throw ShapeError(
        fmt::format("{}: there is no axis {} in a tensor of rank {}", operation, axis, rank));
  return static_cast<std::size_t>(axis < 0 ? axis + count : axis);
}

std::int64_t index_along(std::int64_t index, std::size_t axis, const Shape& shape,
                         const char* operation) {
  const std::int64_t size = shape[axis];
  if (index < -size || index >= size)
    throw ShapeError(fmt::format("{}: index {} is out of range for axis {} of shape {}", operation,
                                 index, axis, text_of(shape)));
  return index < 0 ? index + size : index;
}

Axes sorted_axes(const Axes& axes, std::size_t rank, const char* operation) {
  Axes sorted = axes;
  for (std::int64_t& axis : sorted)
    axis = static_cast<std::int64_t>(axis_of(axis, rank, operation));
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
    throw ShapeError(fmt::format("{}: the axes {} contain a duplicate", operation, text_of(axes)));
  return sorted;
}

Axes every_axis(std::size_t rank) {
  Axes axes = Axes::filled(rank, 0);
  for (std::size_t i = 0; i < rank; ++i) axes[i] = static_cast<std::int64_t>(i);
  return axes;
}

}  // namespace chainrule
