#include "autodiff/kernels/walk.hpp"

#include <algorithm>
#include <cstring>

namespace chainrule {

namespace {

/// The axis along which the elements of x are adjacent, if it is not the last axis and copying row
/// by row would be slower; otherwise the rank.
std::size_t transposed_axis(const Array& x, const Extents& strides) {
  constexpr std::int64_t min_copy_size = 8;
  const std::size_t rank = x.rank();
  if (rank < 2 || strides[rank - 1] != 1 || x.stride(rank - 1) == 1) return rank;
  for (std::size_t i = 0; i + 1 < rank; ++i)
    if (x.stride(i) == 1 && x.shape(i) >= min_copy_size && x.shape(rank - 1) >= min_copy_size)
      return i;
  return rank;
}

/// out[i * down + j] = in[i + j * across]. Works in squares that touch few memory pages, and within
/// these in blocks of whole cache lines. Reading a large matrix down its columns would miss the
/// cache and the TLB at every element.
template <class T>
void transpose_matrix(const T* in, T* out, std::int64_t rows, std::int64_t columns,
                      std::int64_t down, std::int64_t across) {
  constexpr std::int64_t side = 64, line = 64 / sizeof(T), lines = 8;
  const auto piece = [&](std::int64_t i, std::int64_t j, std::int64_t height, std::int64_t width) {
    for (std::int64_t row = i; row < i + height; ++row)
      for (std::int64_t column = j; column < j + width; ++column)
        out[row * down + column] = in[row + column * across];
  };
  for (std::int64_t top = 0; top < rows; top += side)
    for (std::int64_t left = 0; left < columns; left += side)
      for (std::int64_t j = left; j < std::min(left + side, columns); j += lines)
        for (std::int64_t i = top; i < std::min(top + side, rows); i += line)
          if (i + line <= rows && j + lines <= columns)
            piece(i, j, line, lines);  // constants, so that the compiler unrolls
          else
            piece(i, j, std::min(line, rows - i), std::min(lines, columns - j));
}

/// Transposes the matrices formed by `axis` and the last axis, one by one.
template <class T>
void copy_transposed(const Array& x, T* to, const Extents& strides, std::size_t axis) {
  const std::size_t last = x.rank() - 1;
  Shape others(x.shape());
  Extents to_strides = strides, from_strides(x.strides());
  for (Extents* list : {&others, &to_strides, &from_strides}) {
    list->erase(last);
    list->erase(axis);
  }
  const Walk<2> walk(others, {to_strides, from_strides});
  walk.for_each_row([&](const auto& offsets) {
    for (std::int64_t k = 0; k < static_cast<std::int64_t>(walk.row()); ++k)
      transpose_matrix(x.data_as<T>() + offsets[1] + k * walk.stride(1),
                       to + offsets[0] + k * walk.stride(0), x.shape(axis), x.shape(last),
                       strides[axis], x.stride(last));
  });
}

}  // namespace

void copy_elements(const Array& x, void* to, const Extents& strides) {
  if (const std::size_t axis = transposed_axis(x, strides); axis < x.rank())
    return with_type(x.dtype(), [&](auto zero) {
      copy_transposed(x, static_cast<decltype(zero)*>(to), strides, axis);
    });
  const Walk<2> walk(x.shape(), {strides, Extents(x.strides())});
  with_type(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T* const out = static_cast<T*>(to);
    const T* const in = x.data_as<T>();
    const auto row = static_cast<std::int64_t>(walk.row());
    const std::int64_t step = walk.stride(0), stride = walk.stride(1);
    constexpr std::int64_t min_copy_size =
        16;  // for fewer elements a call costs more than the copy
    walk.for_each_row([&](const auto& offsets) {
      T* const begin = out + offsets[0];
      const T* const from = in + offsets[1];
      if (step == 1 && stride == 1 && row >= min_copy_size)
        std::memcpy(begin, from, static_cast<std::size_t>(row) * sizeof(T));
      else
        for (std::int64_t i = 0; i < row; ++i) begin[i * step] = from[i * stride];
    });
  });
}

Array part_of(const Array& x, std::size_t axis, std::int64_t start, std::int64_t count) {
  Shape shape(x.shape());
  shape[axis] = count;
  return x.view(shape, x.strides(), count == 0 ? 0 : start * x.stride(axis));
}

Array contiguous(const Array& x) {
  if (x.is_contiguous()) return x;
  Array result = Array::like(x);
  copy_elements(x, result.mutable_data(), Extents(result.strides()));
  return result;
}

Array in_shape(const Array& x, const Shape& shape) {
  return contiguous(x).view(shape, row_major_strides(shape), 0);
}

Array broadcast_view(const Array& x, std::span<const std::int64_t> shape) {
  if (x.has_shape(shape)) return x;
  return x.view(shape, broadcast_strides(x, shape), 0);
}

}  // namespace chainrule
