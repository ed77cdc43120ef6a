// Rows of arrays: the loops below datasets and batches. All memory comes from the pool of arrays.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "autodiff/arrays.hpp"
#include "autodiff/graphs.hpp"

namespace chainrule::nn::detail {

inline Shape with_rows(const Array& x, std::int64_t rows) {
  Shape shape(x.shape());
  shape[0] = rows;
  return shape;
}

/// The rows [n, ...] of a row-major tensor at these positions, copied.
inline Tensor gathered(const Tensor& x, const Indices& rows) {
  const Array& from = x.value();
  Array to = Array::uninitialised(from.dtype(), with_rows(from, rows.size()));
  std::size_t bytes = size_of(from.dtype());
  for (std::size_t axis = 1; axis < from.rank(); ++axis)
    bytes *= static_cast<std::size_t>(from.shape(axis));
  const auto* const in = static_cast<const std::byte*>(from.data());
  auto* out = static_cast<std::byte*>(to.mutable_data());
  if (bytes == 0) return to;
  for (const std::int64_t row : rows) {
    std::memcpy(out, in + static_cast<std::size_t>(row) * bytes, bytes);
    out += bytes;
  }
  return to;
}

inline Indices gathered(const Indices& x, const Indices& rows) {
  Indices to = Indices::uninitialised({rows.size()});
  std::transform(rows.begin(), rows.end(), to.mutable_data(),
                 [&](std::int64_t row) { return x[row]; });
  return to;
}

/// Rows that follow each other, which share memory with x.
inline Tensor viewed(const Tensor& x, std::int64_t first, std::int64_t count) {
  const Array& from = x.value();
  return from.view(with_rows(from, count), from.strides(), count > 0 ? first * from.stride(0) : 0);
}

inline Indices part_of(const Indices& x, std::int64_t first, std::int64_t count) {
  Indices part = Indices::uninitialised({count});
  std::copy_n(x.begin() + first, count, part.mutable_data());
  return part;
}

inline Indices counting_from(std::int64_t first, std::int64_t count) {
  Indices rows = Indices::uninitialised({count});
  for (std::int64_t i = 0; i < count; ++i) rows.mutable_data()[i] = first + i;
  return rows;
}

inline Indices joined(const Indices& x, const Indices& y) {
  Indices all = Indices::uninitialised({x.size() + y.size()});
  std::copy(y.begin(), y.end(), std::copy(x.begin(), x.end(), all.mutable_data()));
  return all;
}

}  // namespace chainrule::nn::detail
