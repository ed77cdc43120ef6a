// Making tensors of numbers. All of them are constants: variable(tensor({1, 2})) is something to
// differentiate by.
#pragma once

#include <initializer_list>
#include <memory>
#include <span>
#include <vector>

#include "autodiff/graph/tensor.hpp"
#include "autodiff/values/indices.hpp"

namespace chainrule {

class Random;

namespace detail {
/// The element type of tensors made of such numbers.
template <Number N>
inline constexpr DType dtype_for = std::same_as<N, float> ? DType::float32 : DType::float64;
}  // namespace detail

/// Numbers in braces in braces, as deep as a tensor has axes.
class NestedNumbers {
 public:
  template <Number N>
  NestedNumbers(N number)
      : number_(static_cast<double>(number)), is_float_(std::same_as<N, float>) {}
  NestedNumbers(std::initializer_list<NestedNumbers> items) : items_(items), is_list_(true) {}

  bool is_list() const { return is_list_; }
  double number() const { return number_; }
  /// Whether it was written as a float.
  bool is_float() const { return is_float_; }
  std::span<const NestedNumbers> items() const { return {items_.begin(), items_.size()}; }

 private:
  // The braces live to the end of the expression that they stand in.
  std::initializer_list<NestedNumbers> items_;
  double number_ = 0.0;
  bool is_float_ = false;
  bool is_list_ = false;
};

// ---- From numbers in the program ----------------------------------------------------------------

/// tensor({{1, 2, 3}, {4, 5, 6}}) has shape [2, 3], tensor({}) shape [0]. The elements are float32
/// if every number is a float, as in tensor({1.0f, 2.0f}); if any number is of another type, or if
/// there is none, they are float64. Throws ShapeError, which says where, if the braces are ragged.
Tensor tensor(std::initializer_list<NestedNumbers> numbers);
/// The same with elements of a given type.
Tensor tensor(std::initializer_list<NestedNumbers> numbers, DType dtype);
/// Of rank 0: float32 for a float, float64 for every other number, or as given.
template <Number N>
Tensor tensor(N number, DType dtype = detail::dtype_for<N>) {
  return Array::scalar(dtype, static_cast<double>(number));
}

Tensor full(const Shape& shape, double value, DType dtype = DType::float64);
Tensor zeros(const Shape& shape, DType dtype = DType::float64);
Tensor ones(const Shape& shape, DType dtype = DType::float64);
/// Of the shape and element type of another.
Tensor full_like(const Tensor& x, double value);
Tensor zeros_like(const Tensor& x);
Tensor ones_like(const Tensor& x);
/// 1 on a diagonal, k above the main one, else 0; square unless `columns` are given.
Tensor eye(std::int64_t rows, DType dtype = DType::float64);
Tensor eye(std::int64_t rows, std::int64_t columns, std::int64_t k = 0,
           DType dtype = DType::float64);
/// 0, 1, 2, ... below `stop`.
Tensor arange(double stop, DType dtype = DType::float64);
/// start, start + step, ...: ceil((stop - start) / step) of them, as np.arange, so that rounding
/// can make it end at `stop` itself; linspace() says how many. Throws DomainError for a step of 0
/// and for what is not finite.
Tensor arange(double start, double stop, double step = 1.0, DType dtype = DType::float64);
/// `count` numbers at equal distances, the last of which is `stop` itself.
Tensor linspace(double start, double stop, std::int64_t count, DType dtype = DType::float64);

/// Independent random numbers, uniform in [low, high). Throws DomainError as Random::uniform().
Tensor uniform(Random& random, const Shape& shape, double low = 0.0, double high = 1.0,
               DType dtype = DType::float64);
/// Independent normal random numbers. Throws DomainError as Random::normal().
Tensor normal(Random& random, const Shape& shape, double mean = 0.0, double deviation = 1.0,
              DType dtype = DType::float64);
/// 0 ... count - 1 in random order.
Indices permutation(Random& random, std::int64_t count);

// ---- From numbers in memory ---------------------------------------------------------------------

namespace detail {

/// Elements in memory of somebody else, by strides in elements, and where index 0, 0, ... is.
struct ForeignElements {
  DType dtype;
  const void* data;
  std::size_t size;
};
Tensor view_of(const ForeignElements& elements, const Shape& shape, const Extents& strides,
               std::int64_t offset, std::shared_ptr<const void> owner);
Tensor copy_of(const ForeignElements& elements, const Shape& shape);
Tensor copy_of_matrix(const ForeignElements& elements, const Shape& shape, const Extents& strides);

template <class T>
concept Floating = std::same_as<T, float> || std::same_as<T, double>;

/// A matrix of Eigen's kind whose elements lie in memory: Matrix, Array, Map, Ref, Block. Values of
/// Eigen's expressions, such as a + b, are made to lie there by eval().
template <class M>
concept DenseMatrix = requires(const M& m) {
  requires Floating<typename M::Scalar>;
  { m.data() } -> std::convertible_to<const typename M::Scalar*>;
  static_cast<std::int64_t>(m.rows() + m.cols() + m.innerStride() + m.outerStride());
  static_cast<bool>(M::IsRowMajor);
};

/// One that holds its elements, so that they end with it.
template <class M>
concept OwningMatrix = DenseMatrix<M> && std::same_as<M, typename M::PlainObject>;

/// std::vector, std::array, std::span, an array of C.
template <class R>
concept Sequence = !DenseMatrix<R> && requires(const R& range) {
  requires Number<std::remove_cvref_t<decltype(*std::data(range))>>;
  std::size(range);
};

template <Floating T>
ForeignElements elements_of(std::span<const T> values) {
  return {dtype_of<T>, values.data(), values.size()};
}

template <DenseMatrix M>
struct MatrixLayout {
  Shape shape;
  Extents strides;
  std::size_t span;  // elements from the first to the last, and one

  explicit MatrixLayout(const M& m) {
    const std::int64_t rows = m.rows(), columns = m.cols();
    const std::int64_t inner = m.innerStride(), outer = m.outerStride();
    const std::int64_t row = M::IsRowMajor ? outer : inner, column = M::IsRowMajor ? inner : outer;
    span = rows == 0 || columns == 0
               ? 0
               : static_cast<std::size_t>((rows - 1) * row + (columns - 1) * column + 1);
    if constexpr (is_vector) {
      const bool is_column = M::ColsAtCompileTime == 1;
      shape = {is_column ? rows : columns};
      strides = {is_column ? row : column};
    } else {
      shape = {rows, columns};
      strides = {row, column};
    }
  }

  static constexpr bool is_vector = [] {
    if constexpr (requires { M::ColsAtCompileTime + M::RowsAtCompileTime; })
      return M::ColsAtCompileTime == 1 || M::RowsAtCompileTime == 1;
    else
      return false;
  }();
};

}  // namespace detail

/// A copy of numbers that lie side by side, in row-major order: a vector, array or span. float
/// makes float32, every other type float64. Throws ShapeError unless they fill the shape.
template <detail::Sequence Values>
Tensor tensor(const Values& values, const Shape& shape) {
  using T = std::remove_cvref_t<decltype(*std::data(values))>;
  if constexpr (detail::Floating<T>) {
    return detail::copy_of({dtype_of<T>, std::data(values), std::size(values)}, shape);
  } else {
    const std::vector<double> numbers(std::data(values), std::data(values) + std::size(values));
    return detail::copy_of({DType::float64, numbers.data(), numbers.size()}, shape);
  }
}
/// The same of rank 1.
template <detail::Sequence Values>
Tensor tensor(const Values& values) {
  return tensor(values, Shape{static_cast<std::int64_t>(std::size(values))});
}
/// A copy of a matrix of Eigen's kind, in row-major order. What is a vector when it is compiled has
/// rank 1.
template <detail::DenseMatrix M>
Tensor tensor(const M& m) {
  const detail::MatrixLayout<M> layout(m);
  return detail::copy_of_matrix({dtype_of<typename M::Scalar>, m.data(), layout.span}, layout.shape,
                                layout.strides);
}

/// The numbers themselves, not copied, in row-major order. Nobody may change them while a tensor
/// sees them, or a graph that it was recorded in; `owner`, kept as long, holds their memory.
/// Without one, the caller promises to. Throws ShapeError unless they fill the shape.
Tensor tensor_view(std::span<const double> values, const Shape& shape,
                   std::shared_ptr<const void> owner = nullptr);
Tensor tensor_view(std::span<const float> values, const Shape& shape,
                   std::shared_ptr<const void> owner = nullptr);
/// The same by strides, in elements, from values[offset] on. Throws ShapeError if an element would
/// lie outside.
Tensor tensor_view(std::span<const double> values, const Shape& shape, const Extents& strides,
                   std::int64_t offset = 0, std::shared_ptr<const void> owner = nullptr);
Tensor tensor_view(std::span<const float> values, const Shape& shape, const Extents& strides,
                   std::int64_t offset = 0, std::shared_ptr<const void> owner = nullptr);
/// The numbers of a vector that is given away, not copied.
template <detail::Floating T>
Tensor tensor_view(std::vector<T>&& values, const Shape& shape) {
  const auto kept = std::make_shared<const std::vector<T>>(std::move(values));
  return tensor_view(std::span<const T>(*kept), shape, kept);
}
/// The elements of a matrix of Eigen's kind, not copied, whatever its storage order.
template <detail::DenseMatrix M>
Tensor tensor_view(const M& m, std::shared_ptr<const void> owner = nullptr) {
  const detail::MatrixLayout<M> layout(m);
  return detail::view_of({dtype_of<typename M::Scalar>, m.data(), layout.span}, layout.shape,
                         layout.strides, 0, std::move(owner));
}
/// The matrix would end before the tensor: use tensor(), or give an owner.
template <detail::OwningMatrix M>
Tensor tensor_view(M&& m) = delete;

// ---- Back ---------------------------------------------------------------------------------------

/// The elements in row-major order, each converted to T.
template <detail::Floating T = double>
std::vector<T> to_vector(const Tensor& x);
/// The same into memory of the caller's. Throws ShapeError unless it has as many places.
void copy_to(const Tensor& x, std::span<double> out);
void copy_to(const Tensor& x, std::span<float> out);

/// The elements in row-major order where they are, valid as long as the tensor. Throws DTypeError
/// if they are of another type, ShapeError if they do not lie in that order.
template <detail::Floating T>
std::span<const T> span_of(const Tensor& x);
template <detail::Floating T>
std::span<const T> span_of(Tensor&& x) = delete;  // it would end before the span

/// A matrix where it lies: element (i, j) is data[i * row_stride + j * column_stride].
template <detail::Floating T>
struct MatrixSpan {
  const T* data;
  std::int64_t rows, columns, row_stride, column_stride;
};

/// The elements of a tensor of rank 2, or of rank 1 as one column, not copied, whatever the
/// strides; valid as long as the tensor. Throws DTypeError, ShapeError. With Eigen:
///   using Strides = Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>;
///   const auto m = matrix_span<double>(x);
///   Eigen::Map<const Eigen::MatrixXd, 0, Strides> map(m.data, m.rows, m.columns,
///                                                     Strides(m.column_stride, m.row_stride));
template <detail::Floating T>
MatrixSpan<T> matrix_span(const Tensor& x);
template <detail::Floating T>
MatrixSpan<T> matrix_span(Tensor&& x) = delete;

}  // namespace chainrule
