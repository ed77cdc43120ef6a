// Indices: integers in an array of any shape, to select elements.
#pragma once

#include <initializer_list>
#include <span>
#include <vector>

#include "autodiff/values/array.hpp"

namespace chainrule {

/// Integers in an array of any shape: labels, rows to take, positions to write. Cheap to copy (the
/// numbers are shared and never change). They have no derivatives.
class Indices {
 public:
  /// No indices: shape [0].
  Indices();
  /// Indices of rank 1.
  Indices(std::initializer_list<std::int64_t> values);
  explicit Indices(std::span<const std::int64_t> values);
  /// Values in row-major order. Throws ShapeError unless the number of values matches the shape.
  Indices(std::span<const std::int64_t> values, const Shape& shape);
  /// Uninitialised; the caller fills them before another handle to them exists.
  static Indices uninitialised(const Shape& shape);

  Shape shape() const { return Shape(words_.shape()); }
  std::size_t rank() const { return words_.rank(); }
  std::int64_t size() const { return words_.size(); }
  const std::int64_t* data() const { return reinterpret_cast<const std::int64_t*>(words_.data()); }
  std::int64_t* mutable_data() { return reinterpret_cast<std::int64_t*>(words_.mutable_data()); }
  const std::int64_t* begin() const { return data(); }
  const std::int64_t* end() const { return data() + size(); }
  std::int64_t operator[](std::int64_t i) const { return data()[i]; }
  std::vector<std::int64_t> to_vector() const { return {begin(), end()}; }

  /// Throws ShapeError, which names the operation, the index and its position, unless every index
  /// is at least 0 and below `size`. Negative indices do not count from the end.
  void check_range(std::int64_t size, const char* operation) const;

 private:
  explicit Indices(Array words) : words_(std::move(words)) {}
  Array words_;  // memory from the pool; elements of 8 bytes, always in row-major order
};

}  // namespace chainrule
