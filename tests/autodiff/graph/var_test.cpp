#include "autodiff/graph/var.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "autodiff/core/error.hpp"
#include "autodiff/rules/operations.hpp"
#include "autodiff/transform/gradient.hpp"

using namespace chainrule;

static_assert(sizeof(Var) == 16);
static_assert(std::is_trivially_copyable_v<Var>);
static_assert(!std::is_convertible_v<Var, double>);
static_assert(!std::is_constructible_v<double, Var>);
static_assert(std::is_convertible_v<int, Var> && std::is_convertible_v<bool, Var>);
static_assert(!std::is_constructible_v<Var, const char*>);
static_assert(!std::is_constructible_v<Var, std::nullptr_t>);

namespace {

/// The derivative of f at x; also checks that f recorded `nodes` nodes.
template <class F>
double slope(F f, double at, std::size_t nodes) {
  Graph graph;
  const Var x = variable(at);
  const Var y = f(x);
  CHECK(graph.size() == 1 + nodes);
  return gradient(y)[x];
}

}  // namespace

TEST_CASE("numbers of every type mix, and make no nodes") {
  const auto with = [](auto n) {
    const double c = static_cast<double>(n);
    CAPTURE(c);
    CHECK(slope([&](Var x) { return x * n; }, 4.0, 1) == c);
    CHECK(slope([&](Var x) { return n * x; }, 4.0, 1) == c);
    CHECK(slope([&](Var x) { return x + n; }, 4.0, 1) == 1.0);
    CHECK(slope([&](Var x) { return n + x; }, 4.0, 1) == 1.0);
    CHECK(slope([&](Var x) { return x - n; }, 4.0, 1) == 1.0);
    CHECK(slope([&](Var x) { return n - x; }, 4.0, 1) == -1.0);
    CHECK(slope([&](Var x) { return x / n; }, 4.0, 1) == 1.0 / c);
    CHECK(slope([&](Var x) { return n / x; }, 4.0, 1) == -c / 16.0);
    CHECK(slope([&](Var x) { return pow(x, n); }, 4.0, 1) == c * std::pow(4.0, c - 1.0));
    Graph graph;
    const Var x = variable(4.0);
    CHECK((x - n).value() == 4.0 - c);
    CHECK((n - x).value() == c - 4.0);
    CHECK(bool(x < n) == (4.0 < c));
    CHECK(bool(n <= x) == (c <= 4.0));
    CHECK(bool(x == n) == (c == 4.0));
    CHECK(bool(n != x) == (c != 4.0));
    CHECK(graph.size() == 3);
  };
  with(2.5);
  with(3);
  with(3u);
  with(1.5f);
  with(true);
  with(std::int64_t{-7});
  with(std::size_t{5});
  with('\4');
  with(2.0L);
}

TEST_CASE("a large unsigned number is not taken for a negative one") {
  Graph graph;
  const Var x = variable(1.0);
  CHECK((x + std::numeric_limits<std::uint32_t>::max()).value() == 4294967296.0);
  CHECK((x - 1u).value() == 0.0);
  CHECK((-x - 1u).value() == -2.0);
}

TEST_CASE("compound assignment") {
  Graph graph;
  const Var x = variable(3.0), y = variable(2.0);
  Var z = x;
  z += y;
  CHECK(z.value() == 5.0);
  z -= 1;
  z *= y;
  CHECK(z.value() == 8.0);
  z /= x;
  z *= z;
  CHECK(z.value() == doctest::Approx(64.0 / 9.0));
  z += z;
  CHECK(x.value() == 3.0);
  // z = 2 ((x + y - 1) y / x)^2
  const Gradient d = gradient(z);
  CHECK(d[x] == doctest::Approx(4.0 * (8.0 / 3.0) * (2.0 / 3.0 - 8.0 / 9.0)));
  CHECK(d[y] == doctest::Approx(4.0 * (8.0 / 3.0) * (6.0 / 3.0)));
  z = 7;
  CHECK(z.is_constant());
  Var& same = z += 1;
  CHECK(&same == &z);
  CHECK(graph.size() == 8);
}

TEST_CASE("comparisons are conditions in plain code and make no nodes") {
  Graph graph;
  std::vector<Var> v;
  for (const double value : {3.0, 1.0, 2.0, 5.0, 4.0}) v.push_back(variable(value));
  const Var first = v[0];
  std::sort(v.begin(), v.end());
  for (std::size_t i = 0; i < v.size(); ++i) CHECK(v[i].value() == static_cast<double>(i) + 1.0);
  CHECK(std::max(v[1], v[3]).value() == 4.0);
  CHECK(std::min(v[1], v[3]).id() == v[1].id());
  CHECK(std::max_element(v.begin(), v.end())->value() == 5.0);
  CHECK(std::count_if(v.begin(), v.end(), [](Var x) { return x > 2 && !(x == 5.0); }) == 2);
  CHECK(std::find(v.begin(), v.end(), 4.0)->value() == 4.0);
  const bool both = v[0] < v[1] && v[2] >= v[2];
  CHECK(both);
  CHECK((v[0] < v[1]).holds());
  CHECK_FALSE((v[0] > v[1]).holds());
  int branch = 0;
  if (v[0] > v[1])
    branch = 1;
  else
    branch = 2;
  CHECK(branch == 2);
  CHECK((v[0] != v[1] ? 1 : 2) == 1);
  CHECK(graph.size() == 5);
  CHECK(gradient(std::max(v[0], v[1]) * v[2])[first] == 2.0);
}

TEST_CASE("comparisons with NaN are false") {
  Graph graph;
  const Var x = variable(1.0);
  const Var nan = log(-x);
  CHECK(!(nan < x));
  CHECK(!(nan >= x));
  CHECK(!(nan == nan));
  CHECK(bool(nan != nan));
}

TEST_CASE("constants belong to no graph, and operations on them make no nodes") {
  const Var a = 2.0, b = 3;  // no graph is alive
  const Var c = sin(a * b) + pow(a, b) - clamp(a, 0.0, 1.0);
  CHECK(c.is_constant());
  CHECK(c.value() == std::sin(6.0) + 8.0 - 1.0);
  CHECK(select(a < b, a, b).value() == 2.0);
  CHECK(max(a, b).is_constant());
  Graph graph;
  const Var d = exp(c) * 2.0 + select(a < b, b, 1.0);
  CHECK(d.is_constant());
  CHECK(graph.size() == 0);
  CHECK(graph.statistics().constants == 0);
  CHECK(c.name().empty());
}

TEST_CASE("constants outlive graphs") {
  Var c;
  {
    Graph graph;
    c = Var(4.0) * 2.0;
  }
  Graph graph;
  const Var x = variable(1.0);
  CHECK(gradient(c * x)[x] == 8.0);
}

TEST_CASE("Vars are the constant 0 until they are set") {
  const Var x;
  CHECK(x.is_constant());
  CHECK(x.value() == 0.0);
  CHECK_FALSE(std::signbit(x.value()));
  std::array<Var, 3> array;
  Var plain[2];
  const std::vector<Var> vector(4);
  CHECK(array[2].value() + plain[1].value() + vector[3].value() == 0.0);
  Graph graph;
  Var sum;
  sum += variable(2.0);
  CHECK(sum.value() == 2.0);
}

TEST_CASE("a copy is the same node; changing one leaves the other") {
  Graph graph;
  const Var x = variable(2.0);
  Var y = x;
  CHECK(y.tag() == x.tag());
  y = y * 3.0;
  CHECK(x.value() == 2.0);
  CHECK(y.tag() != x.tag());
  Var moved = std::move(y);
  CHECK(moved.value() == 6.0);
  std::swap(moved, y);
  CHECK(gradient(y)[x] == 3.0);
  const Var same = +y;
  CHECK(same.tag() == y.tag());
  CHECK(graph.size() == 2);
}

TEST_CASE("select() with a bool takes one of two Vars, without a node") {
  Graph graph;
  const Var x = variable(2.0), y = variable(3.0);
  CHECK(select(true, x, y).tag() == x.tag());
  CHECK(select(false, x, y).tag() == y.tag());
  CHECK(graph.size() == 2);
}

TEST_CASE("constants that are equal but differ in their bits are distinct") {
  Graph graph;
  const Var x = variable(1.0);
  CHECK((x * 0.0).value() == 0.0);
  const Var over_minus = x / -0.0, over_plus = x / 0.0;
  CHECK(over_minus.value() == -std::numeric_limits<double>::infinity());
  CHECK(over_plus.value() == std::numeric_limits<double>::infinity());
  CHECK(gradient(over_minus)[x] == -std::numeric_limits<double>::infinity());
  CHECK(gradient(over_plus)[x] == std::numeric_limits<double>::infinity());
}

TEST_CASE("many different constants keep their values") {
  Graph graph;
  const Var x = variable(1.0);
  std::vector<Var> products;
  for (int round = 0; round < 3; ++round)
    for (int i = 0; i < 1000; ++i) products.push_back(x * (i * 0.37));
  for (std::size_t i = 0; i < products.size(); ++i)
    CHECK(gradient(products[i])[x] == static_cast<double>(i % 1000) * 0.37);
}

TEST_CASE("names") {
  Graph graph;
  const Var x = variable(1.0, "x"), y = variable(2.0);
  CHECK(std::string(x.name()) == "x");
  CHECK(y.name().empty());
  const Var z = (x * y).named("z");
  CHECK(std::string(z.name()) == "z");
  y.named("y");
  x.named("a new name, long enough that it is kept on the heap");
  CHECK(std::string(x.name()) == "a new name, long enough that it is kept on the heap");
  CHECK(std::string(y.name()) == "y");
  CHECK(std::string(z.name()) == "z");
  z.named("");
  CHECK(z.name().empty());
  CHECK(graph.size() == 3);
}
