// check_gradient for functions of tensors.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "autodiff/autodiff.hpp"
#include "autodiff/core/error.hpp"
#include "autodiff/graph/tensor_operation.hpp"
#include "tests/support/message_of.hpp"

using namespace chainrule;

namespace {

using Tensors = std::span<const Tensor>;

/// A sum of squares whose adjoint lacks the factor 2.
struct WrongSquares : Structural<1> {
  static constexpr Notation notation = library_call("wrong_squares");
  static Array value(const Parameters&, const Array& x) { return sum(square(x)); }
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters&, const T& x, const T&, const Adjoint<T>& a) {
    return a * x;
  }
};

const auto network = [](Tensors x) { return mean(square(tanh(matmul(x[0], x[1])) - 0.3)); };

}  // namespace

TEST_CASE("every element of a function of tensors is checked, to third order") {
  const std::vector<Tensor> x0 = {tensor({{0.1, -0.4}, {0.7, 0.2}}), tensor({0.5, -1.1})};
  GradientCheckOptions options;
  options.order = 3;
  const GradientCheck check = check_gradient(network, x0, options);
  INFO(check.report());
  CHECK(check.passed());
  REQUIRE(check.entries().size() == 6 + 36 + 216);
  CHECK(check.name(check.entries()[2]) == "d/dx0[1, 0]");
  CHECK(check.name(check.entries()[5]) == "d/dx1[1]");
  CHECK(check.name(check.entries()[6 + 5]) == "d2/dx0[0, 0] dx1[1]");
  Graph graph;
  const std::vector<Tensor> x = {variable(x0[0]), variable(x0[1])};
  const Gradient d = gradient(network(x));
  CHECK(check.entries()[3].analytic == d[x[0]].at({1, 1}));
  CHECK(check.entries()[4].analytic == d[x[1]].at({0}));
}

TEST_CASE("a function of one tensor, and names") {
  const auto squares = [](const Tensor& x) { return sum(square(x)); };
  const GradientCheck check = check_gradient(squares, tensor({{1, 2, 3}, {4, 5, 6}}));
  CHECK(check.passed());
  CHECK(check.name(check.entries()[5]) == "d/dx[1, 2]");
  // A Tensor or a Var as the result, a tensor of rank 0, a name.
  const GradientCheck scalar =
      check_gradient([](const Tensor& x) { return Var(x.named("rate")) * 2.0; }, tensor(3.0));
  CHECK(scalar.passed());
  CHECK(scalar.name(scalar.entries()[0]) == "d/drate");
  Graph graph;
  const GradientCheck named = check_gradient(squares, variable(tensor({1, 2}), "w"));
  CHECK(named.name(named.entries()[1]) == "d/dw[1]");
  CHECK(graph.size() == 1);
}

TEST_CASE("a wrong adjoint of a structural rule disagrees") {
  const GradientCheck check =
      check_gradient([](Tensors x) { return apply<WrongSquares>({}, x[0]) + sum(x[1]); },
                     {tensor({1.0, 0.5}), tensor({2.0})});
  CHECK(check.verdict() == CheckVerdict::disagrees);
  CHECK(check.entries()[0].verdict == CheckVerdict::disagrees);
  CHECK(check.entries()[1].verdict == CheckVerdict::disagrees);
  CHECK(check.entries()[2].verdict == CheckVerdict::agrees);
  CHECK(contains(check.report(), "d/dx0[1]"));
}

TEST_CASE("float32 elements need a larger tolerance") {
  const std::vector<Tensor> x0 = {tensor({{0.1f, -0.4f}, {0.7f, 0.2f}}), tensor({0.5f, -1.1f})};
  const GradientCheck strict = check_gradient(network, x0);
  INFO(strict.report());
  CHECK(strict.count(CheckVerdict::disagrees) == 0);
  CHECK(strict.entries()[0].doubt == Doubt::rounding);
  GradientCheckOptions loose;
  loose.relative_tolerance = 1e-2;
  const GradientCheck check = check_gradient(network, x0, loose);
  INFO(check.report());
  CHECK(check.passed());
  const auto wrong = [](const Tensor& x) { return apply<WrongSquares>({}, x); };
  CHECK(check_gradient(wrong, tensor({1.0f, 0.5f}), loose).verdict() == CheckVerdict::disagrees);
}

TEST_CASE("invalid arguments for functions of tensors") {
  const auto doubled = [](const Tensor& x) { return 2.0 * x; };
  CHECK(contains(message_of<ShapeError>([&] {
                   check_gradient(doubled, tensor({1.0, 2.0}));
                 }),
                 "returned shape [2]"));
  CHECK_THROWS_AS(check_gradient(doubled, Tensor()), ShapeError);
  CHECK_THROWS_AS(check_gradient(doubled, tensor({})), DomainError);
  CHECK_THROWS_AS(check_gradient(network, std::vector<Tensor>{}), DomainError);
  CHECK(contains(message_of<DomainError>([&] {
                   check_gradient(doubled, tensor({1.0, std::nan("")}));
                 }),
                 "x[1] is nan"));
}

TEST_CASE("points in braces") {
  const auto of_tensors = [](std::span<const Tensor> x) { return sum(x[0] * x[0]); };
  CHECK(check_gradient(of_tensors, {tensor({1.0, 2.0})}).passed());
  CHECK(check_gradient(of_tensors, {tensor({1.0, 2.0}), tensor({1.0})}).entries().size() == 12);
  const auto of_numbers = [](std::span<const Var> x) { return x[0] * sin(x[0]); };
  CHECK(check_gradient(of_numbers, {1.0}, {.order = 3}).passed());
  CHECK(value_and_gradient(of_numbers, {0.0}).gradient.at(0) == 0.0);
}

namespace {

/// A conversion whose adjoint is not converted back.
struct Single : Structural<1> {
  static constexpr Notation notation = library_call("single");
  static Array value(const Parameters&, const Array& x) { return astype(x, DType::float32); }
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters&, const T&, const T&, const Adjoint<T>& a) {
    return a;
  }
};

}  // namespace

TEST_CASE("an adjoint of another element type than its operand is an error that names the rule") {
  Graph graph;
  const Tensor x = variable(tensor({1.0, 2.0}));
  const Tensor y = sum(apply<Single>({}, x * x));
  const std::string expected =
      "single: its adjoint of operand 0 is float32, but the operand is float64. Convert the "
      "adjoint in the rule, by astype(adjoint, x.dtype()).";
  CHECK(message_of<DTypeError>([&] { gradient(y); }) == expected);
  CHECK(message_of<DTypeError>([&] { derivative(y, x); }) == expected);
  CHECK(gradient(sum(x * x))[x].at({1}) == 4.0);  // the graph is as before
}
