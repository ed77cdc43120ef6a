// Diagonals and triangles of matrices. Diagonal k is above the main diagonal, diagonal -k below it.
#pragma once

#include "autodiff/structural/arrangement.hpp"

namespace chainrule {

namespace rules {
/// A diagonal of the last two axes: a view, with the diagonal as its last axis.
struct Diagonal : Rearranging {
  static constexpr Notation notation = library_call("diagonal");
  struct Parameters {
    std::int64_t k;
  };
  static Array value(const Parameters& p, const Array& x);
  static std::string describe(const Parameters& p);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& x, const T&, const Adjoint<T>& adjoint);
};

/// The last axis as a diagonal of two new axes, with `fill` elsewhere.
struct DiagonalMatrix : Rearranging {
  static constexpr Notation notation = library_call("diag");
  struct Parameters {
    std::int64_t rows, columns, k;
    double fill = 0.0;
  };
  static Array value(const Parameters& p, const Array& x);
  static std::string describe(const Parameters& p);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T&, const T&, const Adjoint<T>& adjoint) {
    return apply<Diagonal>({p.k}, adjoint);
  }
};
}  // namespace rules

template <Tensorial T>
Adjoint<T> rules::Diagonal::dx(const Parameters& p, const T& x, const T&,
                               const Adjoint<T>& adjoint) {
  const Shape shape(x.shape());
  return apply<rules::DiagonalMatrix>({shape[shape.size() - 2], shape.back(), p.k}, adjoint);
}

namespace rules {
/// The sum of the main diagonal of a matrix.
struct Trace : Structural<1> {
  static constexpr Notation notation = library_call("trace");
  static Array value(const Parameters&, const Array& x);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters&, const T& x, const T&, const Adjoint<T>& adjoint) {
    const Shape shape(x.shape());
    const std::int64_t size = shape[0] < shape[1] ? shape[0] : shape[1];
    return apply<DiagonalMatrix>({shape[0], shape[1], 0}, expand(adjoint, Shape{size}));
  }
};

/// Replaces everything above (or below) diagonal k of the last two axes by `fill`.
struct Triangle : Rearranging {
  static constexpr Notation notation = library_call("triangle");
  struct Parameters {
    bool is_lower;
    std::int64_t k;
    double fill = 0.0;
  };
  static Array value(const Parameters& p, const Array& x);
  static std::string describe(const Parameters& p);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T&, const T&, const Adjoint<T>& adjoint) {
    return apply<Triangle>({p.is_lower, p.k}, adjoint);
  }
};
}  // namespace rules

namespace detail {
/// The square matrix with a vector of this size on diagonal k. Throws ShapeError if it is too
/// large.
rules::DiagonalMatrix::Parameters diagonal_matrix(std::int64_t size, std::int64_t k);
void check_vector_or_matrix(const Shape& shape, const char* operation);
}  // namespace detail

/// Diagonal k of the last two axes, as the last axis; empty if there is no such diagonal. A view.
/// Throws ShapeError for a rank below 2.
template <Tensorial T>
T diagonal(const T& x, std::int64_t k = 0) {
  return apply<rules::Diagonal>({k}, x);
}

/// For a matrix, its diagonal k, as a view; for a vector, the square matrix with the vector on
/// diagonal k and 0 elsewhere. Throws ShapeError for other ranks.
template <Tensorial T>
T diag(const T& x, std::int64_t k = 0) {
  const Shape shape = detail::shape_of(x, "diag");
  detail::check_vector_or_matrix(shape, "diag");
  if (shape.size() == 2) return diagonal(x, k);
  return apply<rules::DiagonalMatrix>(detail::diagonal_matrix(shape[0], k), x);
}

/// The sum of the main diagonal, as a tensor of rank 0. Throws ShapeError unless x is a matrix.
template <Tensorial T>
T trace(const T& x) {
  return apply<rules::Trace>({}, x);
}

/// The lower triangle: sets everything above diagonal k of the last two axes to 0. Throws
/// ShapeError for a rank below 2.
template <Tensorial T>
T tril(const T& x, std::int64_t k = 0) {
  return apply<rules::Triangle>({true, k, 0.0}, x);
}
/// The upper triangle: sets everything below diagonal k to 0.
template <Tensorial T>
T triu(const T& x, std::int64_t k = 0) {
  return apply<rules::Triangle>({false, k, 0.0}, x);
}

namespace rules {
using Diagonals = RuleList<Diagonal, DiagonalMatrix, Trace, Triangle>;
}  // namespace rules

}  // namespace chainrule
