// Random expressions of up to 200 operations against exact results: value, gradient, Hessian and
// the third derivative along a direction.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "autodiff/autodiff.hpp"
#include "tests/support/reference_data.hpp"

using namespace chainrule;
using chainrule::testing::Json;
using chainrule::testing::number;
using chainrule::testing::numbers;

namespace {

Var of_one(const std::string& name, const Var& x) {
  if (name == "exp") return exp(x);
  if (name == "log") return log(x);
  if (name == "sin") return sin(x);
  if (name == "cos") return cos(x);
  if (name == "tanh") return tanh(x);
  if (name == "sqrt") return sqrt(x);
  if (name == "sigmoid") return sigmoid(x);
  throw std::runtime_error("unknown operation of one operand: " + name);
}

Var of_two(const std::string& name, const Var& x, const Var& y) {
  if (name == "add") return x + y;
  if (name == "sub") return x - y;
  if (name == "mul") return x * y;
  if (name == "div") return x / y;
  if (name == "pow") return pow(x, y);  // a constant exponent is a constant Var: no log of the base
  throw std::runtime_error("unknown operation of two operands: " + name);
}

/// The expression of a case; its last node is the output.
Var build(const Json& nodes, const std::vector<Var>& inputs) {
  std::vector<Var> made;
  for (const Json& node : nodes) {
    const auto kind = node.at(0).get<std::string>();
    if (kind == "in")
      made.push_back(inputs.at(node.at(1).get<std::size_t>()));
    else if (kind == "const")
      made.emplace_back(number(node.at(1)));
    else if (node.size() == 2)
      made.push_back(of_one(kind, made.at(node[1].get<std::size_t>())));
    else
      made.push_back(of_two(kind, made.at(node.at(1).get<std::size_t>()),
                            made.at(node.at(2).get<std::size_t>())));
  }
  return made.back();
}

/// Checks that each number is within the tolerance, relative to the largest exact entry.
void check_close(const char* what, const std::vector<double>& got, const std::vector<double>& exact,
                 double tolerance) {
  CAPTURE(what);
  REQUIRE(got.size() == exact.size());
  double largest = 0.0;
  for (const double x : exact) largest = std::max(largest, std::abs(x));
  for (std::size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i);
    CAPTURE(got[i]);
    CAPTURE(exact[i]);
    CHECK(std::abs(got[i] - exact[i]) <= tolerance * largest);
  }
}

/// The sum of a[i] b[i].
Var dot(const std::vector<double>& a, const std::vector<Var>& b) {
  Var sum;
  for (std::size_t i = 0; i < a.size(); ++i) sum = sum + a[i] * b[i];
  return sum;
}

/// The derivatives of f with respect to x; 0 if f is a constant.
std::vector<Var> derivatives(const Var& f, const std::vector<Var>& x) {
  return f.is_constant() ? std::vector<Var>(x.size()) : derivative(f, x);
}

void check_case(const Json& c) {
  const std::vector<double> point = numbers(c["inputs"]), direction = numbers(c["direction"]);
  const std::size_t n = point.size();
  REQUIRE(direction.size() == n);
  Graph graph;
  std::vector<Var> x;
  for (const double value : point) x.push_back(variable(value));
  const Var f = build(c["nodes"], x);
  const Json& exact = c["exact"];

  check_close("value", {f.value()}, {number(exact["value"])}, 1e-11);

  const std::vector<double> exact_gradient = numbers(exact["grad"]);
  const Gradient d = gradient(f);
  std::vector<double> swept;
  for (const Var& variable : x) swept.push_back(d[variable]);
  check_close("gradient", swept, exact_gradient, 1e-11);
  const auto alone = value_and_gradient(
      [&](std::span<const Var> v) {
        return build(c["nodes"], std::vector<Var>(v.begin(), v.end()));
      },
      point);
  CHECK(alone.value == f.value());
  CHECK(alone.gradient == swept);

  const std::vector<Var> slopes = derivatives(f, x);
  std::vector<double> recorded, hessian, along;
  for (const Var& slope : slopes) {
    recorded.push_back(slope.value());
    const std::vector<Var> row = derivatives(slope, x);
    for (const Var& entry : row) hessian.push_back(entry.value());
  }
  check_close("recorded gradient", recorded, exact_gradient, 1e-11);
  check_close("Hessian", hessian, numbers(exact["hess"]), 1e-11);

  const Var once = dot(direction, slopes);
  const Var twice = dot(direction, derivatives(once, x));
  const Var thrice = dot(direction, derivatives(twice, x));
  check_close("third derivative", {thrice.value()}, {number(exact["d3"])}, 1e-10);

  if (c.contains("dead_input")) {
    const auto dead = c["dead_input"].get<std::size_t>();
    CHECK(d[x.at(dead)] == 0.0);
    CHECK_FALSE(d.reaches(x[dead].id()));
    CHECK(slopes[dead].is_constant());
    for (std::size_t i = 0; i < n; ++i) {
      CHECK(hessian[dead * n + i] == 0.0);
      CHECK(hessian[i * n + dead] == 0.0);
    }
  }
}

}  // namespace

TEST_CASE("random expressions agree with exact values and derivatives to order 3") {
  const Json file = chainrule::testing::read_reference("random_scalar.json");
  REQUIRE(file["cases"].size() > 0);
  int dead_inputs = 0;
  for (const Json& c : file["cases"]) {
    CAPTURE(c["id"].get<int>());
    check_case(c);
    dead_inputs += c.contains("dead_input") ? 1 : 0;
  }
  CHECK(dead_inputs > 0);  // otherwise the last checks above never ran
}
