#include "autodiff/structural/diagonals.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "autodiff/core/error.hpp"
#include "autodiff/kernels/walk.hpp"

namespace chainrule {
namespace {

void check_matrices(const Array& x, const char* operation) {
  if (x.rank() < 2)
    throw ShapeError(fmt::format(
        "{}: a tensor of shape {} is not a matrix. Matrices are in the last two axes; use "
        "reshape() to add axes.",
        operation, text_of(Shape(x.shape()))));
}

/// Where diagonal k of a matrix starts, and its length.
struct DiagonalLayout {
  std::int64_t row, column, size;
};
DiagonalLayout diagonal_layout(std::int64_t rows, std::int64_t columns, std::int64_t k) {
  if (k >= columns || k <= -rows) return {};
  const std::int64_t row = k < 0 ? -k : 0, column = k > 0 ? k : 0;
  return {row, column, std::min(rows - row, columns - column)};
}

/// The offset of the first element of a diagonal of the last two axes, and its strides.
struct DiagonalStrides {
  std::int64_t offset;
  Extents strides;

  DiagonalStrides(std::span<const std::int64_t> of_matrices, const DiagonalLayout& layout)
      : strides(of_matrices.first(of_matrices.size() - 1)) {
    const std::int64_t row = strides.back(), column = of_matrices.back();
    offset = layout.row * row + layout.column * column;
    strides[strides.size() - 1] = row + column;
  }
};

}  // namespace

namespace detail {

rules::DiagonalMatrix::Parameters diagonal_matrix(std::int64_t size, std::int64_t k) {
  constexpr std::int64_t limit = std::int64_t{1} << 48;
  const std::int64_t side = size + std::abs(std::clamp(k, -limit, limit));
  element_count({side, side}, "diag");
  return {side, side, k, 0.0};
}

void check_vector_or_matrix(const Shape& shape, const char* operation) {
  if (shape.size() != 1 && shape.size() != 2)
    throw ShapeError(fmt::format(
        "{}: a tensor of shape {} is neither a vector nor a matrix. Use diagonal() for the "
        "diagonals of a batch of matrices.",
        operation, text_of(shape)));
}

}  // namespace detail

Array rules::Diagonal::value(const Parameters& p, const Array& x) {
  check_matrices(x, "diagonal");
  const std::size_t rank = x.rank();
  const DiagonalLayout layout = diagonal_layout(x.shape(rank - 2), x.shape(rank - 1), p.k);
  const DiagonalStrides diagonal(x.strides(), layout);
  Shape shape(x.shape().first(rank - 1));
  shape[rank - 2] = layout.size;
  return x.view(shape, diagonal.strides, x.size() == 0 || layout.size == 0 ? 0 : diagonal.offset);
}

std::string rules::Diagonal::describe(const Parameters& p) { return fmt::format("k={}", p.k); }

Array rules::DiagonalMatrix::value(const Parameters& p, const Array& x) {
  const DiagonalLayout layout = diagonal_layout(p.rows, p.columns, p.k);
  if (x.rank() == 0 || x.shape(x.rank() - 1) != layout.size)
    throw ShapeError(
        fmt::format("diag: a tensor of shape {} cannot be diagonal {} of {} by {} matrices",
                    text_of(Shape(x.shape())), p.k, p.rows, p.columns));
  Shape shape(x.shape());
  shape[shape.size() - 1] = p.rows;
  shape.push_back(p.columns);
  element_count(shape, "diag");
  Array result = Array::filled(x.dtype(), shape, p.fill);
  const DiagonalStrides diagonal(result.strides(), layout);
  if (x.size() > 0) copy_elements(x, element_address(result, diagonal.offset), diagonal.strides);
  return result;
}

std::string rules::DiagonalMatrix::describe(const Parameters& p) {
  return fmt::format("{} by {}, k={}", p.rows, p.columns, p.k);
}

Array rules::Trace::value(const Parameters&, const Array& x) {
  if (x.rank() != 2)
    throw ShapeError(fmt::format(
        "trace: a tensor of shape {} is not a matrix. For a batch, sum diagonal() over its last "
        "axis.",
        text_of(Shape(x.shape()))));
  double sum = 0.0;
  with_type(x.dtype(), [&](auto zero) {
    const auto* const data = x.data_as<decltype(zero)>();
    const std::int64_t size = std::min(x.shape(0), x.shape(1)), step = x.stride(0) + x.stride(1);
    for (std::int64_t i = 0; i < size; ++i) sum += static_cast<double>(data[i * step]);
  });
  return Array::scalar(x.dtype(), sum);
}

Array rules::Triangle::value(const Parameters& p, const Array& x) {
  check_matrices(x, p.is_lower ? "tril" : "triu");
  Array result = Array::like(x);
  copy_elements(x, result.mutable_data(), Extents(result.strides()));
  if (x.size() == 0) return result;
  const std::int64_t rows = x.shape(x.rank() - 2), columns = x.shape(x.rank() - 1);
  const std::int64_t k = std::clamp(p.k, -rows, columns);
  with_type(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T* row = result.mutable_data_as<T>();
    for (std::int64_t i = 0; i < x.size() / columns; ++i, row += columns) {
      // The first element of the row that is above the diagonal, or the first that is not below it.
      const std::int64_t bound = i % rows + k + (p.is_lower ? 1 : 0);
      T* const cut = row + std::clamp<std::int64_t>(bound, 0, columns);
      std::fill(p.is_lower ? cut : row, p.is_lower ? row + columns : cut, static_cast<T>(p.fill));
    }
  });
  return result;
}

std::string rules::Triangle::describe(const Parameters& p) {
  return fmt::format("{}, k={}", p.is_lower ? "lower" : "upper", p.k);
}

}  // namespace chainrule
