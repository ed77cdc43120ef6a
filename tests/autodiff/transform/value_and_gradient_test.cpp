#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <random>
#include <span>
#include <stdexcept>
#include <vector>

#include "autodiff/core/error.hpp"
#include "autodiff/rules/operations.hpp"
#include "autodiff/transform/gradient.hpp"

using namespace chainrule;

namespace {

const auto paraboloid = [](std::span<const Var> x) {
  Var sum = 0.0;
  for (const Var& v : x) sum += v * v;
  return sum;
};

/// A point with a type of its own, as in a matrix library.
struct Point {
  double numbers[2] = {1.0, 2.0};
  const double* data() const { return numbers; }
  long size() const { return 2; }
};

}  // namespace

TEST_CASE("points of every kind") {
  const std::vector<double> expected = {2.0, 4.0};
  const std::vector<double> vector = {1.0, 2.0};
  const std::array<double, 2> array = {1.0, 2.0};
  CHECK(value_and_gradient(paraboloid, vector).gradient == expected);
  CHECK(value_and_gradient(paraboloid, array).gradient == expected);
  CHECK(value_and_gradient(paraboloid, std::span<const double>(vector)).gradient == expected);
  CHECK(value_and_gradient(paraboloid, std::span<const double, 2>(array)).gradient == expected);
  CHECK(value_and_gradient(paraboloid, Point{}).gradient == expected);
  const auto [value, gradient] = value_and_gradient(paraboloid, vector);
  CHECK(value == 5.0);
  CHECK(gradient == expected);
}

TEST_CASE("functions of every kind") {
  const std::vector<double> x0 = {1.0, 2.0};
  struct Counter {
    int calls = 0;
    Var operator()(std::span<const Var> x) {
      ++calls;
      return x[0] * x[1];
    }
  } counter;
  CHECK(value_and_gradient(counter, x0).gradient == std::vector<double>{2.0, 1.0});
  CHECK(counter.calls == 1);
  CHECK(value_and_gradient(Counter{}, x0).value == 2.0);
  CHECK(value_and_gradient([](auto x) { return x[1]; }, x0).gradient ==
        std::vector<double>{0.0, 1.0});
}

TEST_CASE("no variables") {
  const std::vector<double> none;
  const ValueAndGradient result = value_and_gradient(paraboloid, none);
  CHECK(result.value == 0.0);
  CHECK(result.gradient.empty());
  CHECK(
      value_and_gradient([](std::span<const Var>) { return square(variable(3.0)); }, none).value ==
      9.0);
}

TEST_CASE("a constant result has the gradient 0") {
  const std::vector<double> x0 = {1.0, 2.0};
  for (const ValueAndGradient& result :
       {value_and_gradient([](std::span<const Var>) { return Var(7.0); }, x0),
        value_and_gradient([](std::span<const Var>) { return 7; }, x0),
        value_and_gradient([](std::span<const Var> x) { return floor(x[0]) + 6.0; }, x0)}) {
    CHECK(result.value == 7.0);
    CHECK(result.gradient == std::vector<double>{0.0, 0.0});
    for (const double d : result.gradient) CHECK_FALSE(std::signbit(d));
  }
}

TEST_CASE("variables made by the function are not part of the point") {
  const std::vector<double> x0 = {1.0, 2.0};
  const ValueAndGradient result = value_and_gradient(
      [](std::span<const Var> x) {
        const Var own = variable(10.0);
        return x[0] * own + own * own + x[1];
      },
      x0);
  CHECK(result.gradient == std::vector<double>{10.0, 1.0});
  // They have no effect on later calls.
  CHECK(value_and_gradient(paraboloid, std::vector<double>(20, 1.0)).gradient ==
        std::vector<double>(20, 2.0));
}

TEST_CASE("a point that is not finite is an error") {
  const std::vector<double> x0 = {1.0, std::nan("")};
  CHECK_THROWS_AS(value_and_gradient(paraboloid, x0), DomainError);
  CHECK_THROWS_AS(variable(1.0), GraphError);  // its graph was destroyed
}

TEST_CASE("a function that throws midway leaves everything usable") {
  Graph outer;
  const Var a = variable(3.0);
  const std::vector<double> x0 = {1.0, 2.0};
  for (int i = 0; i < 3; ++i) {
    CHECK_THROWS_AS(value_and_gradient(
                        [](std::span<const Var> x) -> Var {
                          Var y = x[0] * x[1];
                          for (int k = 0; k < 2000; ++k) y = y + 1.0;
                          Graph inner;
                          static_cast<void>(variable(1.0));
                          throw std::runtime_error("enough");
                        },
                        x0),
                    std::runtime_error);
    CHECK(gradient(a * a)[a] == 6.0);
    CHECK(value_and_gradient(paraboloid, x0).gradient == std::vector<double>{2.0, 4.0});
  }
}

TEST_CASE("a Var of another graph is refused, as an operand and as the result") {
  Graph outer;
  const Var a = variable(3.0);
  const std::vector<double> x0 = {1.0};
  CHECK_THROWS_AS(value_and_gradient([&](std::span<const Var> x) { return x[0] * a; }, x0),
                  GraphError);
  CHECK_THROWS_AS(value_and_gradient([&](std::span<const Var>) { return a; }, x0), GraphError);
  CHECK_THROWS_AS(value_and_gradient(
                      [&](std::span<const Var>) {
                        Graph inner;
                        return variable(1.0);
                      },
                      x0),
                  GraphError);
  const ValueAndGradient result =
      value_and_gradient([&](std::span<const Var> x) { return x[0] * a.value(); }, x0);
  CHECK(result.gradient == std::vector<double>{3.0});
}

TEST_CASE("a gradient within the function") {
  const std::vector<double> x0 = {0.5, 2.0};
  // x0 times the sum of the gradient of the paraboloid at x: 2 x0 (x0 + x1), where the gradient is
  // 3 numbers.
  const ValueAndGradient result = value_and_gradient(
      [](std::span<const Var> x) {
        const std::vector<double> there = {x[0].value(), x[1].value(), 1.0};
        const std::vector<double> inner = value_and_gradient(paraboloid, there).gradient;
        return x[0] * (inner[0] + inner[1]);
      },
      x0);
  CHECK(result.value == 2.5);
  CHECK(result.gradient == std::vector<double>{5.0, 0.0});
  // If the gradient is recorded, it is part of the function.
  const ValueAndGradient recorded = value_and_gradient(
      [](std::span<const Var> x) {
        const std::vector<Var> inner = derivative(paraboloid(x), x);
        return x[0] * (inner[0] + inner[1]);
      },
      x0);
  CHECK(recorded.value == 2.5);
  CHECK(recorded.gradient == std::vector<double>{6.0, 1.0});
}

TEST_CASE("value_and_gradient agrees with gradient() on random functions") {
  std::mt19937_64 random(31);
  for (int round = 0; round < 100; ++round) {
    const std::size_t n = 1 + random() % 6;
    std::vector<double> x0(n);
    for (double& x : x0) x = static_cast<double>(random() % 1000) / 500.0 - 1.0;
    const auto seed = random();
    const auto f = [&](std::span<const Var> x) {
      std::mt19937_64 choice(seed);
      std::vector<Var> v(x.begin(), x.end());
      for (int i = 0; i < 30; ++i) {
        const Var a = v[choice() % v.size()], b = v[choice() % v.size()];
        switch (choice() % 6) {
          case 0:
            v.push_back(a + b);
            break;
          case 1:
            v.push_back(sin(a) * b);
            break;
          case 2:
            v.push_back(tanh(a - 0.5 * b));
            break;
          case 3:
            v.push_back(clamp(a, -0.5, 0.75));
            break;
          case 4:
            v.push_back(select(a < b, a * a, b));
            break;
          default:
            v.push_back(a / (1.0 + b * b));
            break;
        }
      }
      return v.back() + v[v.size() / 2];
    };
    const ValueAndGradient result = value_and_gradient(f, x0);
    Graph graph;
    std::vector<Var> x;
    for (const double value : x0) x.push_back(variable(value));
    const Var y = f(x);
    const Gradient d = gradient(y);
    CHECK(result.value == y.value());
    for (std::size_t i = 0; i < n; ++i) CHECK(result.gradient[i] == d[x[i]]);
  }
}
