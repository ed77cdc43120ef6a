// Programs that mix scalars and tensors and once had wrong derivatives, each with the correct
// numbers from calculus.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "autodiff/autodiff.hpp"

using namespace chainrule;

namespace {

using Numbers = std::vector<double>;

/// The derivative of the output with respect to each of the variables in turn.
Var derivative_by(Var output, std::initializer_list<Var> variables) {
  for (const Var& x : variables) output = derivative(output, x);
  return output;
}

Var last_of(const Tensor& x) { return x.element({-1}); }

}  // namespace

TEST_CASE("a scalar times a sum over a tensor made of it, to third order") {
  Graph graph;
  const Var x = variable(0.0);
  const Var n = sum(exp(tensor({1.0}) * x));
  const Var u = -(x * n);  // -x e^x
  CHECK(derivative_by(u, {x}).value() == -1.0);
  CHECK(derivative_by(u, {x, x}).value() == -2.0);
  CHECK(derivative_by(u, {x, x, x}).value() == -3.0);
  CHECK(gradient(derivative_by(u, {x, x}))[x] == -3.0);
}

TEST_CASE("mixed derivatives of a scalar and a tensor do not depend on their order") {
  Graph graph;
  const Var a = variable(0.0);
  const Tensor x = variable(tensor({1, 2}));
  const Var u = 1.0 - a * Var(sum(exp(x)));
  const double right = -(std::exp(1.0) + std::exp(2.0));
  const auto sum_by_x = [&](const Var& y) { return Var(sum(derivative(y, x))); };
  const Var xx = sum_by_x(sum_by_x(u));
  CHECK(xx.value() == 0.0);
  CHECK(derivative(xx, a).value() == doctest::Approx(right));
  CHECK(gradient(xx)[a] == doctest::Approx(right));
  CHECK(sum_by_x(sum_by_x(derivative(u, a))).value() == doctest::Approx(right));
  CHECK(sum_by_x(derivative(sum_by_x(u), a)).value() == doctest::Approx(right));
}

TEST_CASE("third derivatives of an element of cumprod, where one factor is 0") {
  Graph graph;
  const Tensor x = variable(tensor({1, 1, 0}));
  const Var u = -last_of(cumprod(x, 0));  // -x[0] x[1] x[2]
  for (const std::int64_t i : {0, 1, 2})
    for (const std::int64_t j : {0, 1, 2}) {
      const Var by_i = derivative(u, x).element({i});
      const Var by_j = derivative(by_i, x).element({j});
      for (const std::int64_t k : {0, 1, 2}) {
        const double right = i != j && j != k && i != k ? -1.0 : 0.0;
        CAPTURE(i);
        CAPTURE(j);
        CAPTURE(k);
        CHECK(to_vector(derivative(by_j, x))[std::size_t(k)] == right);
        CHECK(to_vector(gradient(by_j)[x])[std::size_t(k)] == right);
      }
    }
}

TEST_CASE("0 times an infinite slope is NaN to gradient() and to derivative()") {
  Graph graph;
  const Var a = variable(0.0);
  const Tensor x = variable(tensor({0, 1}));
  const Var u = 1.0 - a * Var(sum(sqrt(x)));
  for (const Numbers& slopes : {to_vector(gradient(u)[x]), to_vector(derivative(u, x))}) {
    CHECK(std::isnan(slopes[0]));
    CHECK(slopes[1] == 0.0);
  }
  CHECK(gradient(u)[a] == -1.0);
  CHECK(derivative(u, a).value() == -1.0);
}
