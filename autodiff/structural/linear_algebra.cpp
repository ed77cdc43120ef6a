#include "autodiff/structural/linear_algebra.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "autodiff/core/error.hpp"
#include "autodiff/kernels/elements.hpp"
#include "autodiff/kernels/walk.hpp"
#include "autodiff/structural/batched_product.hpp"

namespace chainrule {
using namespace detail;

namespace {

Shape shape_of(const Array& x) { return Shape(x.shape()); }

void check_vectors(const char* operation, const Shape& x, const Shape& y) {
  if (x.size() != 1 || y.size() != 1)
    throw ShapeError(
        fmt::format("{}: {} and {} are not two vectors. reshape(x, {{-1}}) makes one; "
                    "matmul() multiplies matrices.",
                    operation, text_of(x), text_of(y)));
}

/// An operand of a product as matrices, with their layout.
struct Matrices {
  std::int64_t rows, columns;
  MatrixView first;
  std::size_t batch_rank;
};

Matrices matrices(const Array& x, bool is_transposed, bool vector_is_row) {
  if (x.rank() == 1) {
    if (vector_is_row) return {1, x.shape(0), {x.data(), 0, x.stride(0)}, 0};
    return {x.shape(0), 1, {x.data(), x.stride(0), 0}, 0};
  }
  const std::size_t column_axis = x.rank() - (is_transposed ? 2 : 1);
  const std::size_t row_axis = x.rank() - (is_transposed ? 1 : 2);
  return {x.shape(row_axis),
          x.shape(column_axis),
          {x.data(), x.stride(row_axis), x.stride(column_axis)},
          x.rank() - 2};
}

/// "[2, 3]", or "[3, 2] transposed".
std::string operand_text(const Array& x, bool is_transposed) {
  return text_of(shape_of(x)) + (is_transposed ? " transposed" : "");
}

[[noreturn]] void fail_sizes(const ProductParameters& p, const Array& x, const Array& y) {
  const std::string shapes =
      operand_text(x, p.transpose_x) + " x " + operand_text(y, p.transpose_y);
  if (x.rank() == 0 || y.rank() == 0)
    throw ShapeError(fmt::format(
        "matmul: {}: a tensor of rank 0 has no axis to sum over. Write x * y for a product with a "
        "number.",
        shapes));
  throw ShapeError(fmt::format(
      "matmul: inner sizes differ: {}. The last axis of the left operand is summed with the {} of "
      "the right; transpose() or reshape() one of them.",
      shapes,
      y.rank() == 1   ? "only one"
      : p.transpose_y ? "last"
                      : "last but one"));
}

/// The strides of an operand along the batch to which it is broadcast.
Extents batch_strides(const Array& x, std::size_t own_rank, const Shape& batch) {
  Extents strides = Extents::filled(batch.size(), 0);
  const std::size_t missing = batch.size() - own_rank;
  for (std::size_t i = 0; i < own_rank; ++i)
    strides[missing + i] = x.shape(i) == 1 ? 0 : x.stride(i);
  return strides;
}

Shape leading(const Array& x, std::size_t count) { return Shape(x.shape().first(count)); }

/// The shape to which the leading axes of both operands broadcast.
Shape batch_shape(const Array& x, std::size_t x_rank, const Array& y, std::size_t y_rank) {
  const Shape of_x = leading(x, x_rank), of_y = leading(y, y_rank);
  try {
    return broadcast(of_x, of_y, "matmul");
  } catch (const ShapeError&) {
    throw ShapeError(fmt::format(
        "matmul: the batches of {} x {} do not fit: {} and {}. Aligned at the last axis, their "
        "sizes must be equal or 1.",
        text_of(Shape(x.shape())), text_of(Shape(y.shape())), text_of(of_x), text_of(of_y)));
  }
}

}  // namespace

namespace detail {

void check_dot(const Shape& x, const Shape& y) {
  check_vectors("dot", x, y);
  if (x != y)
    throw ShapeError(
        fmt::format("dot: the sizes of {} and {} differ. Both need the same number of elements.",
                    text_of(x), text_of(y)));
}

KroneckerShapes kronecker_shapes(const Shape& x, const Shape& y) {
  const std::size_t rank = std::max(x.size(), y.size());
  const auto size = [&](const Shape& shape, std::size_t axis) {
    const std::size_t missing = rank - shape.size();
    return axis < missing ? std::int64_t{1} : shape[axis - missing];
  };
  KroneckerShapes shapes;
  Shape product;
  for (std::size_t axis = 0; axis < rank; ++axis) {
    const std::int64_t of_x = size(x, axis), of_y = size(y, axis);
    for (const std::int64_t each : {of_x, std::int64_t{1}}) shapes.x.push_back(each);
    for (const std::int64_t each : {std::int64_t{1}, of_y}) shapes.y.push_back(each);
    for (const std::int64_t each : {of_x, of_y}) product.push_back(each);
  }
  element_count(product, "kron");  // checked first, so that no product of two sizes overflows
  for (std::size_t i = 0; i < product.size(); i += 2)
    shapes.result.push_back(product[i] * product[i + 1]);
  return shapes;
}

Shape rows_of(const Shape& shape) {
  std::int64_t rows = 1;
  for (std::size_t i = 0; i + 1 < shape.size(); ++i) rows *= shape[i];
  return {rows, shape.back()};
}

Shape matrices_of(const Shape& adjoint, bool x_is_vector, bool y_is_vector) {
  Shape shape = adjoint;
  if (y_is_vector) shape.push_back(1);
  if (x_is_vector) shape.insert(shape.size() - 1, 1);
  return shape;
}

}  // namespace detail

std::string rules::Matmul::describe(const Parameters& p) {
  std::string text;
  const auto add = [&](const char* part) {
    text += (text.empty() ? "" : ", ") + std::string(part);
  };
  if (p.transpose_x) add("transpose_x");
  if (p.transpose_y) add("transpose_y");
  if (p.precision != Precision::full) add(name_of(p.precision));
  return text;
}

Array rules::Matmul::value(const Parameters& p, const Array& x, const Array& y) {
  check_same_type("matmul", x, y);
  if (x.rank() == 0 || y.rank() == 0) fail_sizes(p, x, y);
  const Matrices a = matrices(x, p.transpose_x, true), b = matrices(y, p.transpose_y, false);
  if (a.columns != b.rows) fail_sizes(p, x, y);

  Shape shape;
  if (a.batch_rank + b.batch_rank > 0) shape = batch_shape(x, a.batch_rank, y, b.batch_rank);
  const std::size_t batch_rank = shape.size();
  if (x.rank() > 1) shape.push_back(a.rows);
  if (y.rank() > 1) shape.push_back(b.columns);
  element_count(shape, "matmul");
  Array result = Array::uninitialised(x.dtype(), shape);
  const ProductSizes sizes{static_cast<std::size_t>(a.rows), static_cast<std::size_t>(b.columns),
                           static_cast<std::size_t>(a.columns)};
  if (batch_rank == 0) {
    matrix_product(x.dtype(), p.precision, sizes.m, sizes.n, sizes.k, a.first, b.first, nullptr,
                   false, result.mutable_data(), static_cast<std::ptrdiff_t>(sizes.n));
    return result;
  }
  const Shape batch = leading(result, batch_rank);
  batched_product(x.dtype(), p.precision, sizes, batch,
                  {a.first, batch_strides(x, a.batch_rank, batch)},
                  {b.first, batch_strides(y, b.batch_rank, batch)}, result.mutable_data());
  return result;
}

Array rules::Linear::value(const Parameters& p, const Array& x, const Array& weight,
                           const Array& bias) {
  check_same_type("linear", x, weight);
  check_same_type("linear", x, bias);
  if (x.rank() == 0 || weight.rank() != 2 || bias.rank() != 1 ||
      x.shape(x.rank() - 1) != weight.shape(1) || bias.shape(0) != weight.shape(0))
    throw ShapeError(fmt::format(
        "linear: x {}, weight {} and bias {} do not fit. They must be [..., in], [out, in] and "
        "[out].",
        text_of(shape_of(x)), text_of(shape_of(weight)), text_of(shape_of(bias))));
  Shape shape(x.shape());
  shape[shape.size() - 1] = weight.shape(0);
  Array result = Array::uninitialised(x.dtype(), shape);

  // A matrix is used as it is stored; a batch becomes one matrix with all the rows.
  const Array rows = x.rank() <= 2 ? x : contiguous(x);
  const Array flat_bias = contiguous(bias);
  const auto out = static_cast<std::size_t>(weight.shape(0));
  const auto in = static_cast<std::size_t>(weight.shape(1));
  const std::int64_t row_count = detail::rows_of(shape)[0];
  const std::int64_t row_stride = x.rank() == 1 ? 0 : x.rank() == 2 ? x.stride(0) : weight.shape(1);
  matrix_product(x.dtype(), p.precision, static_cast<std::size_t>(row_count), out, in,
                 {rows.data(), row_stride, rows.stride(rows.rank() - 1)},
                 {weight.data(), weight.stride(1), weight.stride(0)}, flat_bias.data(), false,
                 result.mutable_data(), static_cast<std::ptrdiff_t>(out));
  return result;
}

Array rules::Outer::value(const Parameters&, const Array& x, const Array& y) {
  check_same_type("outer", x, y);
  check_vectors("outer", shape_of(x), shape_of(y));
  return x.view(Shape{x.shape(0), 1}, Extents{x.stride(0), 0}, 0) * y;
}

}  // namespace chainrule
