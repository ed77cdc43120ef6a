// Derivatives with respect to several nodes, passed as lists of all kinds.
#include <doctest/doctest.h>

#include <array>
#include <type_traits>

#include "autodiff/autodiff.hpp"

using namespace chainrule;

namespace {

template <class X, class Y>
concept TakesPair = requires(Var z, X x, Y y) {
  derivative(z, {x, y});
};

}  // namespace

TEST_CASE("a braced list of Vars gives the same result as a vector") {
  Graph graph;
  const Var x = variable(2.0, "x"), y = variable(3.0, "y"), unused = variable(1.0);
  const Var z = x * y + sin(x);
  const auto listed = derivative(z, {x, y, unused, x});
  static_assert(std::is_same_v<decltype(listed), const std::vector<Var>>);
  const std::vector<Var> expected = derivative(z, std::vector<Var>{x, y, unused, x});
  REQUIRE(listed.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) CHECK(listed[i].value() == expected[i].value());
  CHECK(listed[1].value() == 2.0);
  CHECK(listed[2].value() == 0.0);
  CHECK(derivative(listed[0], {x, y})[1].value() == 1.0);  // again, for the second derivative
  CHECK(derivative(z, std::array<Var, 2>{x, y})[0].value() == listed[0].value());
  CHECK(derivative(z, {x}).size() == 1);
  CHECK(derivative(z, {x}).front().value() == derivative(z, x).value());
}

TEST_CASE("a braced list of Tensors gives the same result as a vector") {
  Graph graph;
  const Tensor a = variable(tensor({1.0, 2.0})), b = variable(tensor({{3.0}, {4.0}}));
  const Var z = sum(a * b * b);  // of shape [2, 2], by broadcasting
  const auto listed = derivative(z, {a, b});
  static_assert(std::is_same_v<decltype(listed), const std::vector<Tensor>>);
  REQUIRE(listed.size() == 2);
  CHECK(listed[0].shape() == a.shape());
  CHECK(listed[1].shape() == b.shape());
  CHECK(listed[0].at({0}) == 25.0);
  CHECK(listed[1].at({1, 0}) == 24.0);
  CHECK(derivative(listed[1].element({0, 0}), {a, b})[0].at({1}) == 6.0);
  CHECK(derivative(z, {a}).size() == 1);
  CHECK(derivative(sum(a), {a, b})[1].at({0, 0}) == 0.0);  // the output is a Tensor, nothing flows
}

TEST_CASE("an empty list gives an empty vector") {
  Graph graph;
  const Var x = variable(2.0);
  CHECK(derivative(x * x, std::initializer_list<Var>()).empty());
  CHECK(derivative(x * x, std::vector<Var>()).empty());
  CHECK(derivative(x * x, std::vector<Tensor>()).empty());
  CHECK(derivative(x * x, std::initializer_list<Tensor>()).empty());
}

TEST_CASE("a list of both does not compile: a Tensor must not be treated as one of its elements") {
  static_assert(TakesPair<Var, Var> && TakesPair<Tensor, Tensor>);
  static_assert(!TakesPair<Var, Tensor> && !TakesPair<Tensor, Var>);
  Graph graph;
  const Var x = variable(2.0);
  CHECK_THROWS_AS(derivative(x * x, {x, Var(1.0)}), GraphError);
}

TEST_CASE("gradients of braced lists of outputs with seeds") {
  Graph graph;
  const Var x = variable(2.0), y = variable(3.0);
  CHECK(gradient({x * y, x + y}, {2.0, -1.0})[x] == 5.0);
  const Tensor t = variable(tensor({1.0, 2.0}));
  const Gradient d = gradient({t * t, 3.0 * t}, {tensor({1.0, 0.0}), tensor({0.0, 10.0})});
  CHECK(d[t].at({0}) == 2.0);
  CHECK(d[t].at({1}) == 30.0);
  CHECK_THROWS_AS(gradient({x, y}, {1.0}), GraphError);
}
