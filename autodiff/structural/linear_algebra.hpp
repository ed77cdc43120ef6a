// Products of matrices, of vectors, and of batches of them.
#pragma once

#include "autodiff/core/product_precision.hpp"
#include "autodiff/rules/arithmetic.hpp"
#include "autodiff/structural/arrangement.hpp"
#include "autodiff/structural/reduction.hpp"

namespace chainrule {

namespace detail {
/// The parameters of a matrix product.
struct ProductParameters {
  bool transpose_x = false, transpose_y = false;  ///< swaps the last two axes of the operand
  Precision precision = Precision::full;          ///< of this product and those of its derivatives
};

/// Throws ShapeError unless both are vectors of the same size.
void check_dot(const Shape& x, const Shape& y);
/// Shapes for x and y such that their product, by broadcasting, has the elements of kron().
struct KroneckerShapes {
  Shape x, y, result;
};
KroneckerShapes kronecker_shapes(const Shape& x, const Shape& y);
/// Merges all axes but the last: [a, b, c] becomes [a * b, c].
Shape rows_of(const Shape& shape);
/// The shape of a product's adjoint, with the axes restored that operands of rank 1 removed.
Shape matrices_of(const Shape& adjoint, bool x_is_vector, bool y_is_vector);

template <Tensorial T>
T as_rows(const T& x) {
  return x.rank() == 2 ? x : reshape(x, rows_of(Shape(x.shape())));
}
template <Tensorial T>
T as_row(const T& x) {
  return x.rank() == 1 ? reshape(x, {1, x.shape(0)}) : x;
}
template <Tensorial T>
T as_column(const T& x) {
  return x.rank() == 1 ? reshape(x, {x.shape(0), 1}) : x;
}
template <Tensorial A, Tensorial T>
A as_matrices(const A& adjoint, const T& x, const T& y) {
  const bool x_is_vector = x.rank() == 1, y_is_vector = y.rank() == 1;
  if (!x_is_vector && !y_is_vector) return adjoint;
  return reshape(adjoint, matrices_of(Shape(adjoint.shape()), x_is_vector, y_is_vector));
}

/// The product as [..., n, 1, k] times [..., 1, m, k], summed over the last axis. Cost: memory for
/// every product of two elements.
template <Tensorial X, Tensorial Y>
auto sum_of_products(const ProductParameters& p, const X& x, const Y& y) {
  const X rows = p.transpose_x ? transpose(as_row(x), -1, -2) : as_row(x);
  const Y columns = p.transpose_y ? as_column(y) : transpose(as_column(y), -1, -2);
  auto product = sum(unsqueeze(rows, -2) * unsqueeze(columns, -3), -1);
  if (y.rank() == 1) product = squeeze(product, -1);
  if (x.rank() == 1) product = squeeze(product, y.rank() == 1 ? -1 : -2);
  return product;
}

}  // namespace detail

namespace rules {
/// NumPy's matmul, with an option to transpose each operand. The adjoints of such a product are
/// such products, so derivatives of any order need no further operation.
struct Matmul : Structural<2> {
  static constexpr Notation notation = library_call("matmul");
  using Parameters = detail::ProductParameters;
  static Array value(const Parameters& p, const Array& x, const Array& y);
  static std::string describe(const Parameters& p);
  static Array reached(const Parameters& p, const Array& x, const Array& y) {
    return value(p, x, y);
  }
  template <Tensorial X, Tensorial Y>
  static auto separately(const Parameters& p, const X& x, const Y& y) {
    return detail::sum_of_products(p, x, y);
  }
  template <Tensorial X, Tensorial Y>
  static std::optional<detail::ReachedLines> reached_lines(const Parameters& p, const X& x,
                                                           const Y& y) {
    using detail::AdjointAccess, detail::LineMapping;
    if constexpr (std::is_same_v<X, Adjoint<Array>>)
      return detail::reached_lines(
          AdjointAccess::elements(x),
          p.transpose_x ? LineMapping::columns_to_rows : LineMapping::rows_to_rows, y.rank());
    else
      return detail::reached_lines(
          AdjointAccess::elements(y),
          p.transpose_y ? LineMapping::rows_to_columns : LineMapping::columns_to_columns, x.rank());
  }

  static bool rounds_factors(const Parameters& p) { return p.precision != Precision::full; }

  // For r = x y, the adjoints are a yᵀ and xᵀ a; for r = xᵀ y they are y aᵀ and x a, and so on. A
  // vector is a row on the left and a column on the right. The adjoint of a vector is always
  // computed as a row; its axis of size 1 is removed when the sweep sums over broadcast axes.
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& x, const T& y, const T&,
                       const Adjoint<T>& adjoint) {
    if (x.rank() == 1 && y.rank() == 1) return expand(adjoint, Shape(y.shape())) * y;
    const Adjoint<T> a = detail::as_matrices(adjoint, x, y);
    const T column = detail::as_column(y);
    return p.transpose_x ? apply<Matmul>({p.transpose_y, true, p.precision}, column, a)
                         : apply<Matmul>({false, !p.transpose_y, p.precision}, a, column);
  }
  template <Tensorial T>
  static Adjoint<T> dy(const Parameters& p, const T& x, const T& y, const T&,
                       const Adjoint<T>& adjoint) {
    if (x.rank() == 1 && y.rank() == 1) return expand(adjoint, Shape(x.shape())) * x;
    // One matrix for a whole batch: the sum over the batch becomes part of one long product.
    const bool folds = x.rank() > 2 && y.rank() <= 2 && !p.transpose_x;
    const T rows = folds ? detail::as_rows(x) : detail::as_row(x);
    const Adjoint<T> a = folds && y.rank() == 2 ? detail::as_rows(adjoint)
                         : folds                ? reshape(adjoint, {adjoint.size(), 1})
                                                : detail::as_matrices(adjoint, x, y);
    return p.transpose_y || y.rank() == 1
               ? apply<Matmul>({true, p.transpose_x, p.precision}, a, rows)
               : apply<Matmul>({!p.transpose_x, false, p.precision}, rows, a);
  }
};

/// x Wᵀ + b, a layer of a network, in one pass.
struct Linear : Structural<3> {
  static constexpr Notation notation = library_call("linear");
  struct Parameters {
    Precision precision = Precision::full;
  };
  static Array value(const Parameters& p, const Array& x, const Array& weight, const Array& bias);

  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T&, const T& weight, const T&, const T&,
                       const Adjoint<T>& adjoint) {
    return apply<Matmul>({false, false, p.precision}, adjoint, weight);
  }
  template <Tensorial T>
  static Adjoint<T> dy(const Parameters& p, const T& x, const T&, const T&, const T&,
                       const Adjoint<T>& adjoint) {
    const detail::ProductParameters product{true, false, p.precision};
    if (x.rank() == 2) return apply<Matmul>(product, adjoint, x);  // as_rows() costs a little
    return apply<Matmul>(product, detail::as_rows(adjoint), detail::as_rows(x));
  }
  template <Tensorial T>
  static Adjoint<T> dz(const Parameters&, const T&, const T&, const T&, const T&,
                       const Adjoint<T>& adjoint) {
    return adjoint;
  }
};

/// Every element of one vector times every element of another. The adjoints multiply element by
/// element and then sum: in a matrix product, an infinite factor would turn elements of the second
/// derivative that nothing reaches into NaN.
struct Outer : Structural<2> {
  static constexpr Notation notation = library_call("outer");
  static Array value(const Parameters& p, const Array& x, const Array& y);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters&, const T&, const T& y, const T&,
                       const Adjoint<T>& adjoint) {
    return sum(adjoint * y, 1);
  }
  template <Tensorial T>
  static Adjoint<T> dy(const Parameters&, const T& x, const T&, const T&,
                       const Adjoint<T>& adjoint) {
    return sum(adjoint * reshape(x, Shape{x.size(), 1}), 0);
  }
};
}  // namespace rules

/// NumPy's matrix product: [..., n, k] x [..., k, m] -> [..., n, m], where leading axes are batches
/// and broadcast. A vector [k] is a row on the left and a column on the right, and that axis is
/// removed from the result (two vectors give rank 0). Transposed operands and other views cost
/// nothing extra. An adjoint that is infinite or NaN in one element affects all elements of the
/// rows and columns it is multiplied with, including zeros. Cost: 2 n m k operations per matrix;
/// the sweep twice that. Throws ShapeError for operands of rank 0, or if the inner sizes or the
/// batches do not fit.
template <Tensorial T>
T matmul(const T& x, const T& y) {
  return apply<rules::Matmul>({false, false, product_precision()}, x, y);
}
/// The same product for use in rules, where one operand is an adjoint.
template <Tensorial T>
Adjoint<T> matmul(const Adjoint<T>& x, const T& y) {
  return apply<rules::Matmul>({false, false, product_precision()}, x, y);
}
template <Tensorial T>
Adjoint<T> matmul(const T& x, const Adjoint<T>& y) {
  return apply<rules::Matmul>({false, false, product_precision()}, x, y);
}

/// The sum of x[i] * y[i] for two vectors: a tensor of rank 0. Throws ShapeError for anything else.
template <Tensorial T>
T dot(const T& x, const T& y) {
  detail::check_dot(detail::shape_of(x, "dot"), detail::shape_of(y, "dot"));
  return matmul(x, y);
}

/// x[i] * y[j] for vectors [n] and [m]: a matrix [n, m]. Throws ShapeError for anything else. An
/// adjoint is multiplied by the other vector element by element and summed along an axis, so an
/// infinite or NaN element affects only one element of each operand's adjoint.
template <Tensorial T>
T outer(const T& x, const T& y) {
  return apply<rules::Outer>({}, x, y);
}

/// The Kronecker product, like np.kron: along each axis, every element of x times all of y, so the
/// sizes multiply. [a, b] and [c, d] give [a c, b d], whose element [i c + k, j d + l] is x[i, j]
/// y[k, l]. The operand of lower rank gets axes of size 1 in front. Throws ShapeError for more than
/// 2^48 elements, DTypeError if the element types differ. Recorded as reshapes and a
/// multiplication. Cost: one multiplication per element of the result.
template <Tensorial T>
T kron(const T& x, const T& y) {
  const auto [of_x, of_y, result] =
      detail::kronecker_shapes(detail::shape_of(x, "kron"), detail::shape_of(y, "kron"));
  check_same_type("kron", detail::elements_of(x), detail::elements_of(y));
  return reshape(reshape(x, of_x) * reshape(y, of_y), result);
}

/// x Wᵀ + b in one node: x [..., in], weight [out, in] and bias [out] give [..., out]. Throws
/// ShapeError, with the three shapes.
template <Tensorial T>
T linear(const T& x, const T& weight, const T& bias) {
  return apply<rules::Linear>({product_precision()}, x, weight, bias);
}
/// x Wᵀ in one node.
template <Tensorial T>
T linear(const T& x, const T& weight) {
  return apply<rules::Matmul>({false, true, product_precision()}, x, weight);
}

namespace rules {
using LinearAlgebra = RuleList<Matmul, Linear, Outer>;
}  // namespace rules

}  // namespace chainrule
