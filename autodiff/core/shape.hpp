// Shapes (the sizes of a tensor along its axes) and NumPy's rules for them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <span>
#include <string>

#include "autodiff/core/language.hpp"

namespace chainrule {

/// A short list of integers: a shape, strides or axes. Up to six are stored in the object itself;
/// longer lists, which are rare, on the heap.
class Extents {
 public:
  using value_type = std::int64_t;

  Extents() = default;
  Extents(std::initializer_list<std::int64_t> values) : Extents(values.begin(), values.size()) {}
  explicit Extents(std::span<const std::int64_t> values) : Extents(values.data(), values.size()) {}
  Extents(const std::int64_t* values, std::size_t count) : Extents(count) {
    std::int64_t* const to = data();
    for (std::size_t i = 0; i < count; ++i) to[i] = values[i];
  }
  /// `count` copies of one value.
  static Extents filled(std::size_t count, std::int64_t value) {
    Extents extents(count);
    for (std::int64_t& element : extents) element = value;
    return extents;
  }

  Extents(const Extents& other) : Extents(other.data(), other.size()) {}
  Extents(Extents&& other) noexcept { take(other); }
  Extents& operator=(const Extents& other) { return *this = Extents(other); }
  Extents& operator=(Extents&& other) noexcept {
    if (this == &other) return *this;
    if (size_ > inline_size) delete[] heap_;
    take(other);
    return *this;
  }
  ~Extents() {
    if (size_ > inline_size) delete[] heap_;
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::int64_t* data() { return size_ > inline_size ? heap_ : inline_; }
  const std::int64_t* data() const { return size_ > inline_size ? heap_ : inline_; }
  std::int64_t* begin() { return data(); }
  std::int64_t* end() { return data() + size_; }
  const std::int64_t* begin() const { return data(); }
  const std::int64_t* end() const { return data() + size_; }
  std::int64_t& operator[](std::size_t i) { return data()[i]; }
  std::int64_t operator[](std::size_t i) const { return data()[i]; }
  std::int64_t front() const { return data()[0]; }
  std::int64_t back() const { return data()[size_ - 1]; }

  void push_back(std::int64_t value) {
    if (size_ < inline_size) [[likely]]
      inline_[size_++] = value;
    else
      insert(size_, value);
  }
  void insert(std::size_t position, std::int64_t value);
  void erase(std::size_t position);

  friend bool operator==(const Extents& a, const Extents& b) {
    if (a.size_ != b.size_) return false;
    const std::int64_t *const x = a.data(), *const y = b.data();
    for (std::size_t i = 0; i < a.size_; ++i)
      if (x[i] != y[i]) return false;
    return true;
  }

 private:
  // Every recorded operation creates such lists, so everything here is inline.
  static constexpr std::size_t inline_size = 6;
  explicit Extents(std::size_t count) : size_(count) {
    if (count > inline_size) heap_ = new std::int64_t[count];
  }
  void take(Extents& other) noexcept {
    size_ = other.size_;
    if (size_ > inline_size)
      heap_ = other.heap_;
    else
      for (std::size_t i = 0; i < size_; ++i) inline_[i] = other.inline_[i];
    other.size_ = 0;
  }

  std::size_t size_ = 0;
  union {
    std::int64_t inline_[inline_size];
    std::int64_t* heap_ = nullptr;
  };
};

using Shape = Extents;
using Axes = Extents;

/// "[2, 3]".
std::string text_of(const Extents& extents);

namespace detail {

std::int64_t large_element_count(std::span<const std::int64_t> shape, const char* operation);

/// element_count() for sizes in any contiguous storage.
inline std::int64_t element_count_of(std::span<const std::int64_t> shape, const char* operation) {
  // If all sizes are below the bound for the rank, the product is below 2^48. A negative size is
  // large when read as unsigned.
  constexpr std::uint64_t small[] = {1, std::uint64_t{1} << 48, std::uint64_t{1} << 24,
                                     std::uint64_t{1} << 16, std::uint64_t{1} << 12};
  std::uint64_t any = 0, count = 1;
  for (const std::int64_t size : shape) {
    any |= static_cast<std::uint64_t>(size);
    count *= static_cast<std::uint64_t>(size);
  }
  if (shape.size() < std::size(small) && any < small[shape.size()]) [[likely]]
    return static_cast<std::int64_t>(count);
  return large_element_count(shape, operation);
}

}  // namespace detail

/// The number of elements: the product of all sizes, 1 for rank 0. Throws ShapeError, which names
/// `operation`, for a negative size or more than 2^48 elements.
inline std::int64_t element_count(const Shape& shape, const char* operation) {
  return detail::element_count_of({shape.data(), shape.size()}, operation);
}

/// Row-major strides, in elements.
Extents row_major_strides(const Shape& shape);

/// The shape that x and y broadcast to by NumPy's rule: sizes are aligned at the last axis, and a
/// size of 1 is stretched. Throws ShapeError, which names the operation and both shapes, if they do
/// not match.
Shape broadcast(const Shape& x, const Shape& y, const char* operation);

/// The axis counted from the front; -1 is the last axis. Throws ShapeError if the axis does not
/// exist.
std::size_t axis_of(std::int64_t axis, std::size_t rank, const char* operation);

/// An index along an axis, counted from the front; -1 is the last element. Throws ShapeError, which
/// names the operation, if the index is out of range.
std::int64_t index_along(std::int64_t index, std::size_t axis, const Shape& shape,
                         const char* operation);

/// The axes counted from the front, in ascending order. Throws ShapeError if an axis does not exist
/// or is listed twice.
Axes sorted_axes(const Axes& axes, std::size_t rank, const char* operation);

/// 0, 1, ..., rank - 1.
Axes every_axis(std::size_t rank);

}  // namespace chainrule
