// Eigen's matrices of Vars, if Eigen is installed. The derivatives are compared with formulas of
// matrix calculus, which Eigen evaluates for plain numbers.
#include <doctest/doctest.h>

#if __has_include(<Eigen/Dense>)

#include <Eigen/Dense>
#include <sstream>

#include "autodiff/core/error.hpp"
#include "autodiff/eigen.hpp"
#include "autodiff/ostream.hpp"
#include "autodiff/transform/check.hpp"

using namespace chainrule;
using Eigen::MatrixXd, Eigen::VectorXd;

namespace {

using VarMatrix = Eigen::Matrix<Var, Eigen::Dynamic, Eigen::Dynamic>;
using VarVector = Eigen::Matrix<Var, Eigen::Dynamic, 1>;

bool close(const MatrixXd& x, const MatrixXd& y) {
  return x.rows() == y.rows() && x.cols() == y.cols() && (x - y).norm() <= 1e-10 * (1 + y.norm());
}

/// Numbers of different sizes without a symmetry, far from a singular matrix.
MatrixXd numbers(Eigen::Index rows, Eigen::Index columns) {
  MatrixXd m(rows, columns);
  for (Eigen::Index i = 0; i < rows; ++i)
    for (Eigen::Index j = 0; j < columns; ++j)
      m(i, j) = std::sin(1.7 * double(i) + 0.6 * double(j * j)) + (i == j ? 3.0 : 0.0);
  return m;
}

}  // namespace

TEST_CASE("matrices of variables keep shape, type and order of numbers") {
  Graph graph;
  const Eigen::Matrix<double, 2, 3, Eigen::RowMajor> fixed = numbers(2, 3);
  const auto x = variables(fixed);
  static_assert(
      std::is_same_v<decltype(variables(fixed)), Eigen::Matrix<Var, 2, 3, Eigen::RowMajor>>);
  CHECK(graph.size() == 6);
  CHECK(close(values(x), fixed));
  CHECK(close(values(variables(Eigen::Matrix2f{{1.5f, 2.0f}, {3.0f, 4.0f}})),
              MatrixXd{{1.5, 2.0}, {3.0, 4.0}}));
  CHECK(close(values(variables((fixed * 2.0).array() + 1.0)),
              ((fixed * 2.0).array() + 1.0).matrix()));
  CHECK(variables(MatrixXd(0, 3)).size() == 0);
  CHECK_THROWS_AS(variables(VectorXd{{1.0, std::numeric_limits<double>::infinity()}}), DomainError);
}

TEST_CASE("without a graph, Vars of a matrix are constants and variables are errors") {
  CHECK_THROWS_AS(variables(numbers(2, 2)), GraphError);
  const VarMatrix x = numbers(2, 2).cast<Var>();
  CHECK(close(values(x * x), numbers(2, 2) * numbers(2, 2)));
}

TEST_CASE("derivatives of constants are 0, and of other graphs errors") {
  Graph graph;
  VarVector x = variables(numbers(3, 1));
  const Gradient d = gradient(x.sum());
  x(1) = 5.0;
  CHECK(close(derivatives(d, x), VectorXd{{1.0, 0.0, 1.0}}));
  Graph other;
  const VarVector y = variables(numbers(3, 1));
  CHECK_THROWS_AS(derivatives(d, y), GraphError);
}

TEST_CASE("products, small and in blocks, on both sides with numbers") {
  for (const int n : {3, 24, 40}) {
    CAPTURE(n);
    Graph graph;
    const MatrixXd a = numbers(n, n + 1), b = numbers(n + 1, n), weights = numbers(n, n);
    const VarMatrix x = variables(a), y = variables(b);
    const auto check = [&](const VarMatrix& product, const MatrixXd& expected) {
      CHECK(close(values(product), expected));
      return gradient(product.cwiseProduct(weights).sum());
    };
    const Gradient both = check(x * y, a * b), left = check(x * b, a * b),
                   right = check(a * y, a * b);
    CHECK(close(derivatives(both, x), weights * b.transpose()));
    CHECK(close(derivatives(both, y), a.transpose() * weights));
    CHECK(close(derivatives(left, x), weights * b.transpose()));
    CHECK(close(derivatives(right, y), a.transpose() * weights));
  }
}

TEST_CASE("numbers and Vars mix in every expression") {
  Graph graph;
  const VectorXd b = numbers(4, 1);
  const MatrixXd a = numbers(4, 4);
  const VarVector x = variables(b);
  CHECK(close(values(x + b), 2.0 * b));
  CHECK(close(values(b - x), 0.0 * b));
  CHECK(close(values(2 * x - x / 4.0f + 3.0 * b), 4.75 * b));
  CHECK(close(values(x.cwiseProduct(b)), b.cwiseProduct(b)));
  CHECK(close(values(b.array() / x.array() + 1.0), VectorXd::Constant(4, 2.0)));
  CHECK(close(values(a.diagonal().asDiagonal() * x), a.diagonal().asDiagonal() * b));
  CHECK(close(values(a.cast<float>() * x), a.cast<float>().cast<double>() * b));
  VarVector y = b;
  CHECK(y(0).is_constant());
  y += b;
  y -= x;
  CHECK(close(values(y), b));
  const Var form = x.dot(b) + (x.transpose() * a * x).value();
  CHECK(close(derivatives(gradient(form), x), b + (a + a.transpose()) * b));
}

TEST_CASE("solvers have the derivatives of the implicit function theorem") {
  const MatrixXd a = numbers(4, 4), s = a * a.transpose();
  VectorXd b;
  SUBCASE("of any numbers") { b = numbers(5, 2).col(1).tail(4); }
  SUBCASE("whose solution has zeros") { b = a.col(1); }
  SUBCASE("of zeros") { b = VectorXd::Zero(4); }
  const auto check = [&](const MatrixXd& matrix, auto solve) {
    Graph graph;
    const VarMatrix x = variables(matrix);
    const VarVector right = variables(b), y = solve(x, right);
    const Gradient d = gradient(y.sum());
    // Of 1' A^-1 b: with respect to b it is A^-T 1, to A it is -(A^-T 1)(A^-1 b)'.
    const VectorXd adjoint = matrix.transpose().lu().solve(VectorXd::Ones(4));
    CHECK(close(derivatives(d, right), adjoint));
    return std::pair<MatrixXd, MatrixXd>(derivatives(d, x),
                                         -adjoint * matrix.lu().solve(b).transpose());
  };
  const auto agrees = [](const std::pair<MatrixXd, MatrixXd>& pair) {
    return close(pair.first, pair.second);
  };
  CHECK(agrees(check(a, [](auto& x, auto& y) -> VarVector { return x.lu().solve(y); })));
  CHECK(agrees(check(a, [](auto& x, auto& y) -> VarVector { return x.fullPivLu().solve(y); })));
  CHECK(agrees(check(a, [](auto& x, auto& y) -> VarVector { return x.householderQr().solve(y); })));
  CHECK(agrees(check(a, [](auto& x, auto& y) -> VarVector { return x.inverse() * y; })));
  const MatrixXd triangle = a.triangularView<Eigen::Upper>();
  CHECK(agrees(check(triangle, [](auto& x, auto& y) -> VarVector { return x.lu().solve(y); })));
  // Of a symmetric matrix these read one triangle, so only the sum with the transpose is defined.
  const auto symmetric = [](std::pair<MatrixXd, MatrixXd> pair) {
    return close(pair.first + pair.first.transpose(), pair.second + pair.second.transpose());
  };
  CHECK(symmetric(check(s, [](auto& x, auto& y) -> VarVector { return x.llt().solve(y); })));
  CHECK(symmetric(check(s, [](auto& x, auto& y) -> VarVector { return x.ldlt().solve(y); })));
}

TEST_CASE("determinants, norms and eigenvalues") {
  Graph graph;
  const MatrixXd a = numbers(4, 4);
  const VarMatrix x = variables(a);
  CHECK(close(derivatives(gradient(log(abs(x.determinant()))), x), a.inverse().transpose()));
  CHECK(close(derivatives(gradient(x.norm()), x), a / a.norm()));
  CHECK(close(derivatives(gradient(x.trace()), x), MatrixXd::Identity(4, 4)));

  const VarMatrix s = x * x.transpose();
  const Eigen::SelfAdjointEigenSolver<VarMatrix> found(s, Eigen::EigenvaluesOnly);
  const Eigen::SelfAdjointEigenSolver<MatrixXd> known(a * a.transpose());
  CHECK(close(values(found.eigenvalues()), known.eigenvalues()));
  const VectorXd v = known.eigenvectors().col(3);  // d lambda / d A = 2 v v' A
  CHECK(close(derivatives(gradient(found.eigenvalues()(3)), x), 2.0 * v * v.transpose() * a));
}

TEST_CASE("second derivatives go through a solver") {
  const auto f = [](std::span<const Var> x) {
    Eigen::Matrix<Var, 2, 2> a;
    a << x[0], x[1], 0.5, x[2];
    const Eigen::Matrix<Var, 2, 1> b(x[1], 1.0);
    return (a.inverse() * b).squaredNorm();
  };
  CHECK(check_gradient(f, {1.0, 0.3, 2.0}).passed());
}

TEST_CASE("matrices of Vars are printed as their numbers") {
  Graph graph;
  std::ostringstream text;
  text << variables(MatrixXd{{1.0, 2.5}, {3.0, 4.0}});
  CHECK(text.str() == "  1 2.5\n  3   4");
}

#endif
