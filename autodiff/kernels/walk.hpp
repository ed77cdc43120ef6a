// Walking through several arrays of one shape at once, whatever their strides.
#pragma once

#include <array>

#include "autodiff/core/shape.hpp"
#include "autodiff/values/array.hpp"

namespace chainrule {

/// The strides of an array as if it had a larger shape that it is broadcast to: 0 along axes that
/// are stretched. Precondition: it fits.
inline Extents broadcast_strides(const Array& x, std::span<const std::int64_t> shape) {
  Extents strides = Extents::filled(shape.size(), 0);
  const std::size_t ahead = shape.size() - x.rank();
  for (std::size_t i = 0; i < x.rank(); ++i) strides[ahead + i] = x.shape(i) == 1 ? 0 : x.stride(i);
  return strides;
}

/// A walk through `count` arrays: axes that lie seamlessly in all of them are joined, so that as
/// much as possible is done in the innermost rows.
template <std::size_t count>
class Walk {
 public:
  /// Strides in elements, one list per array, all of the rank of `shape`.
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

  /// Elements of a row.
  std::size_t row() const { return shape_.empty() ? 1 : static_cast<std::size_t>(shape_.back()); }
  /// The distance of neighbours in a row of array k.
  [[gnu::always_inline]] std::int64_t stride(std::size_t k) const {
    return shape_.empty() ? 0 : strides_[k].back();
  }

  /// Calls f(offsets) for each row, with where it begins in each array, in elements.
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

/// Copies the elements of x to memory where they have other distances (in elements) from each
/// other.
void copy_elements(const Array& x, void* to, const Extents& strides);
/// The element that lies so far from the first one (in elements) of an array being made.
inline void* place_in(Array& x, std::int64_t offset) {
  return static_cast<std::byte*>(x.mutable_data()) +
         offset * static_cast<std::int64_t>(size_of(x.dtype()));
}
/// A view of elements start, ..., start + count - 1 along an axis. Precondition: there are so many.
Array part_of(const Array& x, std::size_t axis, std::int64_t start, std::int64_t count);
/// The same elements in row-major order: the array itself if it is so already.
Array contiguous(const Array& x);
/// A view of a larger shape that x is broadcast to. Precondition: it fits.
Array broadcast_view(const Array& x, std::span<const std::int64_t> shape);

}  // namespace chainrule
