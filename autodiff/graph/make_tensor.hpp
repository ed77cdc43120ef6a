// Functions that create tensors from numbers. All of the results are constants: use
// variable(tensor({1, 2})) for a tensor to differentiate with respect to.
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
/// The element type of tensors created from such numbers.
template <Number N>
inline constexpr DType dtype_for = std::same_as<N, float> ? DType::float32 : DType::float64;
}  // namespace detail

/// Nested lists of numbers in braces, one level for each axis.
class NestedNumbers {
 public:
  template <Number N>
  NestedNumbers(N number)
      : number_(static_cast<double>(number)), is_float_(std::same_as<N, float>) {}
  NestedNumbers(std::initializer_list<NestedNumbers> items) : items_(items), is_list_(true) {}

  bool is_list() const { return is_list_; }
  double number() const { return number_; }
  /// Whether the number is a float.
  bool is_float() const { return is_float_; }
  std::span<const NestedNumbers> items() const { return {items_.begin(), items_.size()}; }

 private:
  // Valid because a braced list lives until the end of its full expression.
  std::initializer_list<NestedNumbers> items_;
  double number_ = 0.0;
  bool is_float_ = false;
  bool is_list_ = false;
};

// ---- From numbers in the program ----------------------------------------------------------------

/// tensor({{1, 2, 3}, {4, 5, 6}}) has shape [2, 3], tensor({}) shape [0]. The elements are float32
/// if every number is a float, as in tensor({1.0f, 2.0f}). If a number has another type, or there
/// are no numbers, they are float64. Throws ShapeError, with the position, if the lists are ragged.
Tensor tensor(std::initializer_list<NestedNumbers> numbers);
/// The same with elements of a given type.
Tensor tensor(std::initializer_list<NestedNumbers> numbers, DType dtype);
/// A tensor of rank 0: float32 for a float, float64 for every other number, or the given type.
template <Number N>
Tensor tensor(N number, DType dtype = detail::dtype_for<N>) {
  return Array::scalar(dtype, static_cast<double>(number));
}

Tensor full(const Shape& shape, double value, DType dtype = DType::float64);
Tensor zeros(const Shape& shape, DType dtype = DType::float64);
Tensor ones(const Shape& shape, DType dtype = DType::float64);
/// Has the shape and element type of x.
Tensor full_like(const Tensor& x, double value);
Tensor zeros_like(const Tensor& x);
Tensor ones_like(const Tensor& x);
/// 1 on diagonal k (k > 0 is above the main diagonal), else 0. Square unless `columns` is given.
Tensor eye(std::int64_t rows, DType dtype = DType::float64);
Tensor eye(std::int64_t rows, std::int64_t columns, std::int64_t k = 0,
           DType dtype = DType::float64);
/// 0, 1, 2, ... below `stop`.
Tensor arange(double stop, DType dtype = DType::float64);
/// start, start + step, ...: ceil((stop - start) / step) numbers, like np.arange. Because of
/// rounding the last one can be `stop` itself; with linspace() the count is explicit. Throws
/// DomainError for a step of 0 and for arguments that are not finite.
Tensor arange(double start, double stop, double step = 1.0, DType dtype = DType::float64);
/// `count` evenly spaced numbers, the last of which is exactly `stop`.
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

/// Elements in memory that the library does not own.
struct ForeignElements {
  DType dtype;
  const void* data;  ///< the first
};
Tensor view_of(const ForeignElements& elements, const Shape& shape, const Extents& strides,
               std::int64_t offset, std::shared_ptr<const void> owner);
Tensor copy_of(const ForeignElements& elements, std::size_t size, const Shape& shape);
Tensor copy_of_matrix(const ForeignElements& elements, const Shape& shape, const Extents& strides);

template <class T>
concept Floating = std::same_as<T, float> || std::same_as<T, double>;

/// A matrix like Eigen's whose elements are in memory: Matrix, Array, Map, Ref, Block. For Eigen's
/// expressions, such as a + b, call eval() first.
template <class M>
concept DenseMatrix = requires(const M& m) {
  requires Floating<typename M::Scalar>;
  { m.data() } -> std::convertible_to<const typename M::Scalar*>;
  static_cast<std::int64_t>(m.rows() + m.cols() + m.innerStride() + m.outerStride());
  static_cast<bool>(M::IsRowMajor);
};

/// A matrix that owns its elements, which end with it.
template <class M>
concept OwningMatrix = DenseMatrix<M> && std::same_as<M, typename M::PlainObject>;

/// std::vector, std::array, std::span, a C array.
template <class R>
concept Sequence = !DenseMatrix<R> && requires(const R& range) {
  requires Number<std::remove_cvref_t<decltype(*std::data(range))>>;
  std::size(range);
};

template <Floating T>
ForeignElements foreign_elements(std::span<const T> values) {
  return {dtype_of<T>, values.data()};
}

template <DenseMatrix M>
struct MatrixLayout {
  Shape shape;
  Extents strides;

  explicit MatrixLayout(const M& m) {
    const std::int64_t rows = m.rows(), columns = m.cols();
    const std::int64_t inner = m.innerStride(), outer = m.outerStride();
    const std::int64_t row = M::IsRowMajor ? outer : inner, column = M::IsRowMajor ? inner : outer;
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

/// Copies contiguous numbers in row-major order: a vector, array or span. float gives float32,
/// every other type float64. Throws ShapeError unless the number of elements is that of the shape.
template <detail::Sequence Values>
Tensor tensor(const Values& values, const Shape& shape) {
  using T = std::remove_cvref_t<decltype(*std::data(values))>;
  if constexpr (detail::Floating<T>) {
    return detail::copy_of({dtype_of<T>, std::data(values)}, std::size(values), shape);
  } else {
    const std::vector<double> numbers(std::data(values), std::data(values) + std::size(values));
    return detail::copy_of({DType::float64, numbers.data()}, numbers.size(), shape);
  }
}
/// The same, as a tensor of rank 1.
template <detail::Sequence Values>
Tensor tensor(const Values& values) {
  return tensor(values, Shape{static_cast<std::int64_t>(std::size(values))});
}
/// Copies a matrix like Eigen's, in row-major order. A type that is a vector at compile time gives
/// rank 1.
template <detail::DenseMatrix M>
Tensor tensor(const M& m) {
  const detail::MatrixLayout<M> layout(m);
  return detail::copy_of_matrix({dtype_of<typename M::Scalar>, m.data()}, layout.shape,
                                layout.strides);
}

/// Uses the numbers in place, without a copy, in row-major order. They must not change while a
/// tensor, or a graph in which it was recorded, refers to them. `owner` is kept that long and
/// should own their memory; without an owner, the caller must keep it. Throws ShapeError unless the
/// number of elements is that of the shape.
Tensor tensor_view(std::span<const double> values, const Shape& shape,
                   std::shared_ptr<const void> owner = nullptr);
Tensor tensor_view(std::span<const float> values, const Shape& shape,
                   std::shared_ptr<const void> owner = nullptr);
/// The same with strides, in elements, from values[offset] on. Throws ShapeError if an element
/// would be out of bounds.
Tensor tensor_view(std::span<const double> values, const Shape& shape, const Extents& strides,
                   std::int64_t offset = 0, std::shared_ptr<const void> owner = nullptr);
Tensor tensor_view(std::span<const float> values, const Shape& shape, const Extents& strides,
                   std::int64_t offset = 0, std::shared_ptr<const void> owner = nullptr);
/// Takes over the numbers of a vector without a copy.
template <detail::Floating T>
Tensor tensor_view(std::vector<T>&& values, const Shape& shape) {
  const auto kept = std::make_shared<const std::vector<T>>(std::move(values));
  return tensor_view(std::span<const T>(*kept), shape, kept);
}
/// Uses the elements of a matrix like Eigen's in place, without a copy, in any storage order.
template <detail::DenseMatrix M>
Tensor tensor_view(const M& m, std::shared_ptr<const void> owner = nullptr) {
  const detail::MatrixLayout<M> layout(m);
  return detail::view_of({dtype_of<typename M::Scalar>, m.data()}, layout.shape, layout.strides, 0,
                         std::move(owner));
}
/// Deleted because the matrix would end before the tensor: use tensor(), or pass an owner.
template <detail::OwningMatrix M>
Tensor tensor_view(M&& m) = delete;

// ---- Reading elements ---------------------------------------------------------------------------

/// The elements in row-major order, each converted to T.
template <detail::Floating T = double>
std::vector<T> to_vector(const Tensor& x);
/// Copies the elements in row-major order to `out`. Throws ShapeError unless the sizes are equal.
void copy_to(const Tensor& x, std::span<double> out);
void copy_to(const Tensor& x, std::span<float> out);

/// The elements in place, in row-major order; valid as long as the tensor. Throws DTypeError if
/// they have another type, ShapeError if they are not stored in that order.
template <detail::Floating T>
std::span<const T> span_of(const Tensor& x);
template <detail::Floating T>
std::span<const T> span_of(Tensor&& x) = delete;  // it would end before the span

/// A matrix in place: element (i, j) is data[i * row_stride + j * column_stride].
template <detail::Floating T>
struct MatrixSpan {
  const T* data;
  std::int64_t rows, columns, row_stride, column_stride;
};

/// The elements of a tensor of rank 2, or of rank 1 as one column, in place and with any strides;
/// valid as long as the tensor. Throws DTypeError if they have another type, ShapeError for other
/// ranks. With Eigen:
///   using Strides = Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>;
///   const auto m = matrix_span<double>(x);
///   Eigen::Map<const Eigen::MatrixXd, 0, Strides> map(m.data, m.rows, m.columns,
///                                                     Strides(m.column_stride, m.row_stride));
template <detail::Floating T>
MatrixSpan<T> matrix_span(const Tensor& x);
template <detail::Floating T>
MatrixSpan<T> matrix_span(Tensor&& x) = delete;

}  // namespace chainrule
