#include "autodiff/sweep/reverse.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <stdexcept>
#include <vector>

#include "autodiff/autodiff.hpp"
#include "autodiff/rules/operation.hpp"

using namespace chainrule;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();

// Operations from outside the library, of each number of operands.
struct Twice : Unary {
  static constexpr Notation notation = composed("twice");
  static auto value(const auto& x) { return x + x; }
  static auto dx(const auto&, const auto&) { return 2.0; }
};
struct WeightedSum : Binary {
  static constexpr Notation notation = composed("weighted_sum");
  static auto value(const auto& x, const auto& y) { return 3.0 * x + 5.0 * y; }
  static auto dx(const auto&, const auto&, const auto&) { return 3.0; }
  static auto dy(const auto&, const auto&, const auto&) { return 5.0; }
};
struct Fma : Ternary {
  static constexpr Notation notation = composed("multiply_add");
  static auto value(const auto& x, const auto& y, const auto& z) { return x * y + z; }
  static auto dx(const auto&, const auto& y, const auto&, const auto&) { return y; }
  static auto dy(const auto& x, const auto&, const auto&, const auto&) { return x; }
  static auto dz(const auto&, const auto&, const auto&, const auto&) { return 1.0; }
};
struct Thrower : Unary {
  static constexpr Notation notation = composed("thrower");
  static auto value(const auto& x) { return x; }
  static double dx(const auto&, const auto&) { throw std::runtime_error("no derivative today"); }
};
/// A partial that computes a gradient: that of y^3 + 7 y at x.
struct Nested : Unary {
  static constexpr Notation notation = composed("nested");
  static double f(double x) { return x * x * x + 7.0 * x; }
  static double value(double x) { return f(x); }
  static double dx(double x, double) {
    const std::vector<double> point(200, x);
    release_memory();
    return value_and_gradient([](std::span<const Var> y) { return cube(y[77]) + 7.0 * y[77]; },
                              point)
        .gradient[77];
  }
  static auto value(const auto& x) { return x; }
  static auto dx(const auto&, const auto&) { return 1.0; }
};

}  // namespace

template <>
inline constexpr bool chainrule::listed_outside<Twice> = true;
template <>
inline constexpr bool chainrule::listed_outside<WeightedSum> = true;
template <>
inline constexpr bool chainrule::listed_outside<Fma> = true;
template <>
inline constexpr bool chainrule::listed_outside<Thrower> = true;
template <>
inline constexpr bool chainrule::listed_outside<Nested> = true;

TEST_CASE("the branch that was not taken has no effect on the gradient") {
  Graph graph;
  const Var x = variable(-1.0);
  const Var y = select(x > 0.0, sqrt(x), 0.0);
  CHECK(y.value() == 0.0);
  const Gradient d = gradient(y);
  CHECK(d[x] == 0.0);
  CHECK_FALSE(std::signbit(d[x]));
  CHECK_FALSE(d.reaches(x.id()));
  CHECK(gradient(select(x > 0.0, log(x), x * x))[x] == -2.0);
  CHECK(gradient(select(x < 0.0, 3.0 * x, 1.0 / (x + 1.0)))[x] == 3.0);
  CHECK(gradient(max(x, 1.0 / (x + 1.0)))[x] == -infinity);  // taken, so the derivative is infinite
}

TEST_CASE("a numeric zero is multiplied by IEEE arithmetic") {
  Graph graph;
  const Var x = variable(0.0);
  CHECK(std::isnan(gradient(sqrt(x) * 0.0)[x]));
  const Var y = variable(2.0), z = y * infinity;
  CHECK(std::isnan(gradient(z * 0.0)[y]));
}

TEST_CASE("a contribution of -0 reaches its operand") {
  Graph graph;
  const Var x = variable(0.0), y = variable(3.0);
  const Var z = x * y;
  const Var w = -(z * x);  // dw/dz = -x = -0
  const Gradient d = gradient(w);
  CHECK(d.reaches(z.id()));
  CHECK(d.reaches(x.id()));
  CHECK(d.reaches(y.id()));
  CHECK(d[y] == 0.0);
  // An infinity further down has an effect.
  const Var root = sqrt(x);
  CHECK(std::isnan(gradient(root * -0.0)[x]));
  CHECK(std::isnan(gradient(1.0 + root * -0.0)[x]));
  const Var u = root * -0.0, v = variable(1.0);  // not the adjacent node
  CHECK(std::isnan(gradient(v * u)[x]));
}

TEST_CASE("is_untouched distinguishes -0 from all other numbers") {
  CHECK(detail::is_untouched(detail::untouched));
  CHECK(detail::is_untouched(-0.0));
  for (const double other : {0.0, 1.0, -1.0, infinity, -infinity, nan_value, -5e-324})
    CHECK_FALSE(detail::is_untouched(other));
}

TEST_CASE("an overflow gives infinity or NaN, not a wrong number") {
  Graph graph;
  const Var x = variable(800.0);
  const Var naive = log(1.0 + exp(x));
  CHECK(naive.value() == infinity);
  CHECK(std::isnan(gradient(naive)[x]));
  const Var stable = softplus(x);
  CHECK(stable.value() == 800.0);
  CHECK(gradient(stable)[x] == 1.0);
}

TEST_CASE("sharing and fan-out") {
  Graph graph;
  const Var x = variable(3.0);
  CHECK(gradient(x * x)[x] == 6.0);
  CHECK(gradient(x + x)[x] == 2.0);
  CHECK(gradient(x - x)[x] == 0.0);
  CHECK(gradient(x / x)[x] == doctest::Approx(0.0));
  CHECK(gradient(x)[x] == 1.0);
  const Var y = x * x, z = y * y + y * x + sin(y) * y;
  CHECK(gradient(z)[x] ==
        doctest::Approx(108.0 + 27.0 + 6.0 * (std::cos(9.0) * 9 + std::sin(9.0))));
  Var fan = 0.0;
  for (int i = 1; i <= 100; ++i) fan += y * i;
  CHECK(gradient(fan)[y] == 5050.0);
  CHECK(gradient(fan)[x] == 30300.0);
  CHECK(gradient(max(y, y))[y] == 1.0);
}

TEST_CASE("adjoints of intermediate results, later nodes and unrelated nodes") {
  Graph graph;
  const Var x = variable(2.0), y = variable(5.0);
  const Var a = x * y, b = sin(a), aside = exp(x), c = b * a;
  const Var later = c + 1.0;
  const Gradient d = gradient(c);
  CHECK(d[c] == 1.0);
  CHECK(d[b] == 10.0);
  CHECK(d[a] == doctest::Approx(std::sin(10.0) + 10.0 * std::cos(10.0)));
  CHECK(d[aside] == 0.0);
  CHECK(d[later] == 0.0);
  CHECK_FALSE(d.reaches(aside.id()));
  CHECK_FALSE(d.reaches(later.id()));
  CHECK(d[y] == 2.0 * d[a]);
}

TEST_CASE("operands of a wide node, constants in each position") {
  Graph graph;
  const Var x = variable(2.0), y = variable(3.0), z = variable(4.0);
  const auto check = [&](const Var& f, double dx, double dy, double dz) {
    const Gradient d = gradient(f * 10.0);
    CHECK(d[x] == 10.0 * dx);
    CHECK(d[y] == 10.0 * dy);
    CHECK(d[z] == 10.0 * dz);
  };
  check(apply<Fma>(x, y, z), 3, 2, 1);
  check(apply<Fma>(x, y, 7.0), 3, 2, 0);
  check(apply<Fma>(x, 7.0, z), 7, 0, 1);
  check(apply<Fma>(7.0, y, z), 0, 7, 1);
  check(apply<Fma>(x, 7.0, 8.0), 7, 0, 0);
  check(apply<Fma>(7.0, y, 8.0), 0, 7, 0);
  check(apply<Fma>(7.0, 8.0, z), 0, 0, 1);
  check(apply<Fma>(x, x, x), 5, 0, 0);
  check(clamp(x, 0.0, 5.0), 1, 0, 0);
  check(clamp(x, y, 5.0), 0, 1, 0);
  check(clamp(z, 1.0, y), 0, 1, 0);
  check(clamp(7.0, x, y), 0, 1, 0);
  check(clamp(x, x, z), 1, 0, 0);
  check(select(x < y, x, z), 1, 0, 0);
  check(select(x < 1.0, x, z), 0, 0, 1);
  check(select(x < 3.0, 5.0, z), 0, 0, 0);
  check(select(3.0 < x, 5.0, z), 0, 0, 1);
  check(select(true, x, z), 1, 0, 0);
}

TEST_CASE("operations from outside the library") {
  Graph graph;
  const Var x = variable(2.0), y = variable(3.0);
  CHECK(gradient(sin(apply<Twice>(x)))[x] == 2.0 * std::cos(4.0));
  const Gradient d = gradient(square(apply<WeightedSum>(x, y)));
  CHECK(d[x] == 2.0 * 21.0 * 3.0);
  CHECK(d[y] == 2.0 * 21.0 * 5.0);
  CHECK(gradient(apply<WeightedSum>(x, 1.0))[x] == 3.0);
  CHECK(gradient(apply<WeightedSum>(1.0, x))[x] == 5.0);
  CHECK(apply<Twice>(Var(2.0)).is_constant());
  CHECK(derivative(cube(apply<Twice>(x)), x).value() == 96.0);
  CHECK(graph.statistics().text().find("weighted_sum") != std::string::npos);
}

TEST_CASE("a partial that computes a gradient itself") {
  const std::vector<double> x0 = {2.0, 3.0};
  const auto f = [](std::span<const Var> x) {
    return apply<Nested>(x[0]) * x[1] + apply<Nested>(x[1]) * x[0] + x[0];
  };
  const double f2 = 22.0, f3 = 48.0, d2 = 19.0, d3 = 34.0;
  for (int round = 0; round < 3; ++round) {
    const ValueAndGradient result = value_and_gradient(f, x0);
    CHECK(result.gradient == std::vector<double>{d2 * 3.0 + f3 + 1.0, f2 + d3 * 2.0});
    Graph graph;
    const Var x = variable(2.0);
    CHECK(gradient(apply<Nested>(x) * x)[x] == f2 + 2.0 * d2);
  }
}

TEST_CASE("after a partial that throws, the next sweep is correct") {
  const std::vector<double> x0 = {2.0, 3.0};
  const auto good = [](std::span<const Var> x) { return x[0] * x[1] + exp(x[1]) * 0.0; };
  const auto bad = [](std::span<const Var> x) {
    Var y = x[0] * x[1];
    for (int i = 0; i < 50; ++i) y = y * x[1];
    return exp(y * 1e-30) * (apply<Thrower>(x[0] * x[1]) + x[1]);
  };
  for (int round = 0; round < 3; ++round) {
    CHECK_THROWS_AS(value_and_gradient(bad, x0), std::runtime_error);
    CHECK(value_and_gradient(good, x0).gradient == std::vector<double>{3.0, 2.0});
    Graph graph;
    const Var x = variable(2.0), y = x * x, z = apply<Thrower>(y) * x;
    CHECK_THROWS_AS(gradient(z), std::runtime_error);
    const std::size_t size = graph.size();
    CHECK_THROWS_AS(derivative(exp(z), x), std::runtime_error);
    CHECK(graph.size() == size + 1);  // exp(z)
    CHECK(gradient(y)[x] == 4.0);
  }
}

TEST_CASE("seeds") {
  Graph graph;
  const Var x = variable(2.0), y = variable(3.0);
  const std::vector<Var> outputs = {x * y, x * x, y};
  const auto seeded = [&](std::vector<double> seeds) { return gradient(outputs, seeds); };
  CHECK(seeded({1.0, 10.0, 100.0})[x] == 43.0);
  CHECK(seeded({1.0, 10.0, 100.0})[y] == 102.0);
  CHECK(seeded({0.0, 0.0, 0.0})[x] == 0.0);
  CHECK(seeded({0.0, -0.0, 0.0}).reaches(x.id()));
  CHECK_FALSE(std::signbit(seeded({-0.0, -0.0, -0.0})[x]));
  CHECK(std::isnan(seeded({nan_value, 0.0, 0.0})[x]));
  CHECK(std::isnan(seeded({infinity, 0.0, 0.0})[x]) == false);
  const std::vector<Var> equal = {outputs[0], outputs[0], outputs[0]};
  CHECK(gradient(equal, std::vector<double>{1.0, 2.0, 4.0})[x] == 21.0);
  // One output depends on another.
  const std::vector<Var> chained = {outputs[0], outputs[0] * 5.0};
  CHECK(gradient(chained, std::vector<double>{1.0, 1.0})[x] == 18.0);
}

TEST_CASE("a gradient is a value that outlives its graph") {
  std::vector<Gradient> kept;
  Var x;
  for (int i = 0; i < 10; ++i) {
    Graph graph;
    x = variable(i);
    kept.push_back(gradient(x * x));
    CHECK(kept.back()[x] == 2.0 * i);
  }
  const Gradient copy = kept.back();
  Gradient moved = std::move(kept.back());
  moved = copy;
  CHECK(moved[x] == 18.0);
  CHECK(copy[x] == 18.0);
  release_memory();
  for (int i = 0; i < 9; ++i) CHECK(kept[static_cast<std::size_t>(i)].adjoint(0) == 2.0 * i);
}

TEST_CASE("chains of moderate length, of each kind of node") {
  Graph graph;
  const Var x = variable(0.5);
  Var a = x, b = x, c = x, d = x;
  for (int i = 0; i < 3000; ++i) {
    a = a * 1.0;
    b = clamp(b, -1.0, 1.0);
    c = select(c < 1.0, c, 0.0);
    d = apply<Twice>(d) * 0.5;
  }
  CHECK(gradient(a + b * 10.0 + c * 100.0 + d * 1000.0)[x] == 1111.0);
}
