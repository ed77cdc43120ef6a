// Indices: whole numbers in any shape, to choose elements with.
#pragma once

#include <initializer_list>
#include <span>
#include <vector>

#include "autodiff/values/array.hpp"

namespace chainrule {

/// Whole numbers in an array of any shape: labels, rows to take, places to put. Free to copy (the
/// numbers are shared and never change). No derivative has to do with them.
class Indices {
 public:
  /// No index at all: shape [0].
  Indices();
  /// Of rank 1.
  Indices(std::initializer_list<std::int64_t> values);
  explicit Indices(std::span<const std::int64_t> values);
  /// In row-major order. Throws ShapeError unless there are as many values as the shape says.
  Indices(std::span<const std::int64_t> values, const Shape& shape);
  /// Not set, for who fills them before anybody else sees them.
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

  /// Throws ShapeError, naming the operation, the index and its place, unless every index is at
  /// least 0 and below `size`; negative ones do not count from the end.
  void check_range(std::int64_t size, const char* operation) const;

 private:
  explicit Indices(Array words) : words_(std::move(words)) {}
  Array words_;  // memory from the pool; 8-byte elements, always in row-major order
};

}  // namespace chainrule
