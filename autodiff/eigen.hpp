// Public: Eigen's matrices with Vars as elements, such as Eigen::Matrix<Var, 3, 3>. Not part of
// autodiff.hpp, since it includes Eigen, which must be installed. For matrices of plain numbers see
// tensor() and tensor_view() in graph/make_tensor.hpp, which need no Eigen.
#pragma once

#if __has_include(<Eigen/Core>)
#include <Eigen/Core>
#elif __has_include(<eigen3/Eigen/Core>)
#include <eigen3/Eigen/Core>
#else
#error "autodiff/eigen.hpp needs Eigen 3.4 (Debian: libeigen3-dev) in an include folder"
#endif

#include <concepts>

#include "autodiff/rules/operations.hpp"
#include "autodiff/transform/gradient.hpp"

namespace Eigen {

/// The properties of a Var for Eigen. Its operations cost more than reading it, so Eigen stores
/// intermediate results that it needs more than once, instead of recording them again.
template <>
struct NumTraits<chainrule::Var> : GenericNumTraits<chainrule::Var> {
  using Real = chainrule::Var;
  using NonInteger = chainrule::Var;
  using Nested = chainrule::Var;
  using Literal = chainrule::Var;
  enum {
    IsComplex = 0,
    IsInteger = 0,
    IsSigned = 1,
    RequireInitialization = 1,
    ReadCost = 1,
    AddCost = 8,
    MulCost = 8
  };
};

/// A matrix of plain numbers may be added to a matrix of Vars, multiplied with it or assigned to
/// it.
template <chainrule::Number N, class Operation>
struct ScalarBinaryOpTraits<chainrule::Var, N, Operation> {
  using ReturnType = chainrule::Var;
};
template <chainrule::Number N, class Operation>
struct ScalarBinaryOpTraits<N, chainrule::Var, Operation> {
  using ReturnType = chainrule::Var;
};

}  // namespace Eigen

namespace Eigen::numext {

// Eigen's triangular solvers skip an element of the right-hand side that is 0. A Var that happens
// to be 0 may still have a derivative; only a constant 0 may be skipped.
template <>
inline bool not_equal_strict(const chainrule::Var& x, const chainrule::Var& y) {
  return !x.is_constant() || !y.is_constant() || x.value() != y.value();
}

}  // namespace Eigen::numext

namespace chainrule {

namespace detail {
/// The matrix type with the shape and storage order of M, a matrix or array, and other elements.
template <class M, class Scalar>
using MatrixWith =
    Eigen::Matrix<Scalar, M::RowsAtCompileTime, M::ColsAtCompileTime, M::PlainObject::Options,
                  M::MaxRowsAtCompileTime, M::MaxColsAtCompileTime>;

template <class M>
concept EigenMatrix = std::derived_from<M, Eigen::MatrixBase<M>>;
template <class M>
concept MatrixOfVars = EigenMatrix<M> && std::same_as<typename M::Scalar, Var>;
template <class M>
concept MatrixOfNumbers = EigenMatrix<M> && Number<typename M::Scalar>;
}  // namespace detail

// Eigen's products of large matrices need factors of one type. As exact matches, these functions
// are preferred to Eigen's own, which take base classes.

/// The product of a matrix of Vars and a matrix of numbers, which are constants.
template <detail::MatrixOfVars X, detail::MatrixOfNumbers Y>
auto operator*(const X& x, const Y& y) {
  return x * y.template cast<Var>();
}
template <detail::MatrixOfNumbers X, detail::MatrixOfVars Y>
auto operator*(const X& x, const Y& y) {
  return x.template cast<Var>() * y;
}

/// A matrix with a new variable of the current graph for each number of a matrix or array. Throws
/// GraphError without a graph, DomainError if a number is NaN or infinite.
template <class M>
  requires(Number<typename M::Scalar>)
detail::MatrixWith<M, Var> variables(const Eigen::DenseBase<M>& numbers) {
  return numbers.derived().matrix().unaryExpr(
      [](const auto& number) { return variable(static_cast<double>(number)); });
}

/// The numbers of a matrix or array of Vars, as a matrix.
template <class M>
  requires(std::same_as<typename M::Scalar, Var>)
detail::MatrixWith<M, double> values(const Eigen::DenseBase<M>& x) {
  return x.derived().matrix().unaryExpr([](const Var& element) { return element.value(); });
}

/// The derivative with respect to each element of a matrix or array of Vars, as a matrix: 0 for a
/// constant, else as Gradient::operator[], with its errors.
template <class M>
  requires(std::same_as<typename M::Scalar, Var>)
detail::MatrixWith<M, double> derivatives(const Gradient& gradient, const Eigen::DenseBase<M>& x) {
  return x.derived().matrix().unaryExpr(
      [&gradient](const Var& element) { return element.is_constant() ? 0.0 : gradient[element]; });
}

}  // namespace chainrule
