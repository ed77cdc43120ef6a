// Iteration over several arrays of one shape at once, with any strides.
#pragma once

#include <array>

#include "autodiff/core/shape.hpp"
#include "autodiff/values/array.hpp"

namespace chainrule {

/// The strides that an array has when it is broadcast to a larger shape: 0 along stretched axes.
/// Precondition: it can be broadcast to the shape.
inline Extents broadcast_strides(const Array& x, std::span<const std::int64_t> shape) {
  Extents strides = Extents::filled(shape.size(), 0);
  const std::size_t ahead = shape.size() - x.rank();
  for (std::size_t i = 0; i < x.rank(); ++i) strides[ahead + i] = x.shape(i) == 1 ? 0 : x.stride(i);
  return strides;
}

/// An iteration over `count` arrays. Axes that are contiguous in all of them are merged, so that
/// the innermost rows are as long as possible.
template <std::size_t count>
class Walk {
 public:
  /// Strides are in elements, one list per array, each with the rank of `shape`.
  Walk(std::span<const std::int64_t> shape, const std::array<Extents, count>& strides) {
    for (std::size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] == 1) continue;
      if (shape[i] == 0) is_empty_ = true;
      if (!shape_.empty() && joins(strides, i, shape[i])) {
        shape_[shape_.size() - 1] *= shape[i];
        for (std::size_t k = 0; k < count; ++k) strides_[k][shape_.size() - 1] = strides[k][i];
        continue;
      }
      shape_.push_back(shape[i]);
      for (std::size_t k = 0; k < count; ++k) strides_[k].push_back(strides[k][i]);
    }
  }

  /// The number of elements in a row.
  std::size_t row() const { return shape_.empty() ? 1 : static_cast<std::size_t>(shape_.back()); }
  /// The distance between adjacent elements of a row in array k.
  [[gnu::always_inline]] std::int64_t stride(std::size_t k) const {
    return shape_.empty() ? 0 : strides_[k].back();
  }

  /// Calls f(offsets) for each row, with the offset of its first element in each array, in
  /// elements.
  template <class F>
  void for_each_row(F&& f) const {
    if (is_empty_) return;
    std::array<std::int64_t, count> offsets{};
    if (shape_.size() <= 1) return f(offsets);
    Extents index = Extents::filled(shape_.size() - 1, 0);
    for (;;) {
      f(offsets);
      std::size_t axis = index.size();
      for (;;) {
        if (axis-- == 0) return;
        for (std::size_t k = 0; k < count; ++k) offsets[k] += strides_[k][axis];
        if (++index[axis] < shape_[axis]) break;
        for (std::size_t k = 0; k < count; ++k) offsets[k] -= strides_[k][axis] * shape_[axis];
        index[axis] = 0;
      }
    }
  }

 private:
  bool joins(const std::array<Extents, count>& strides, std::size_t axis, std::int64_t size) const {
    for (std::size_t k = 0; k < count; ++k)
      if (strides_[k].back() != strides[k][axis] * size) return false;
    return true;
  }

  Extents shape_;
  std::array<Extents, count> strides_;
  bool is_empty_ = false;
};

/// Copies the elements of x to memory with other strides (in elements).
void copy_elements(const Array& x, void* to, const Extents& strides);
/// The address of the element at the given offset (in elements) from the first one, for an array
/// under construction.
inline void* element_address(Array& x, std::int64_t offset) {
  return static_cast<std::byte*>(x.mutable_data()) +
         offset * static_cast<std::int64_t>(size_of(x.dtype()));
}
/// A view of elements start, ..., start + count - 1 along an axis. Precondition: they exist.
Array part_of(const Array& x, std::size_t axis, std::int64_t start, std::int64_t count);
/// The same elements in row-major order; returns x itself if it is already in that order.
Array contiguous(const Array& x);
/// The elements in row-major order, as an array of another shape with as many elements. Copies only
/// if they are not in this order.
Array in_shape(const Array& x, const Shape& shape);
/// A view of x in the larger shape that it is broadcast to. Precondition: it can be broadcast.
Array broadcast_view(const Array& x, std::span<const std::int64_t> shape);

}  // namespace chainrule
