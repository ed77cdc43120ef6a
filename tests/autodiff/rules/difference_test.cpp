// Every operation of the list against central differences of itself, and its machines against each
// other: the partials of the rule, the sweep of numbers, the recorded sweep, constants as operands.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "autodiff/autodiff.hpp"
#include "tests/support/evaluate.hpp"
#include "tests/support/ordinary_points.hpp"

using namespace chainrule;
using chainrule::testing::for_each_operation;
using chainrule::testing::is_order;
using chainrule::testing::ordinary_points;
using chainrule::testing::Point;

namespace {

template <class Rule>
constexpr bool is_comparison = requires {
  Rule::holds(0.0, 0.0);
};

/// Whether operand k is a condition, which has no neighbourhood to take differences in.
template <class Rule>
bool is_switch(std::size_t k) {
  return std::is_same_v<Rule, Select> && k == 0;
}

/// The rule recorded on operands that are Vars or numbers.
template <class Rule, class X, class Y = double, class Z = double>
Var record(const X& x, const Y& y = {}, const Z& z = {}) {
  if constexpr (Rule::arity == 1)
    return apply<Rule>(x);
  else if constexpr (Rule::arity == 2)
    return apply<Rule>(x, y);
  else
    return apply<Rule>(x, y, z);
}

template <class Rule>
const Operation& operation_of() {
  for (const Operation& operation : operations())
    if (std::string(operation.notation.name) == Rule::notation.name) return operation;
  throw std::runtime_error("not in the list");
}

bool close(double a, double b, double tolerance) {
  if (!std::isfinite(a) || !std::isfinite(b)) return false;
  return a == b || std::abs(a - b) <= tolerance * std::max({1.0, std::abs(a), std::abs(b)});
}

/// The derivative of f at x by central differences at two distances, whose leading errors cancel.
template <class F>
double difference(F f, double x) {
  const double h = 2e-3 * std::max(0.25, std::abs(x));
  const auto slope = [&](double d) { return (f(x + d) - f(x - d)) / (2.0 * d); };
  return (4.0 * slope(h / 2.0) - slope(h)) / 3.0;
}

/// The value and all derivatives of an operation at a point, by a recording of its own.
template <class Rule>
struct Recording {
  Graph graph;
  std::vector<Var> x;
  Var f;

  explicit Recording(const Point& point) {
    for (int k = 0; k < Rule::arity; ++k) x.push_back(variable(point[static_cast<std::size_t>(k)]));
    if constexpr (Rule::arity == 1)
      f = record<Rule>(x[0]);
    else if constexpr (Rule::arity == 2)
      f = record<Rule>(x[0], x[1]);
    else
      f = record<Rule>(x[0], x[1], x[2]);
  }
  /// The recorded derivatives, as Vars.
  std::vector<Var> slopes() const { return derivative(f, x); }
  /// The second derivative by operands i and j, recorded too.
  double second(std::size_t i, std::size_t j) const {
    const Var slope = slopes()[i];
    return slope.is_constant() ? 0.0 : derivative(slope, x[j]).value();
  }
  /// The same, the second sweep with numbers.
  double second_swept(std::size_t i, std::size_t j) const {
    const Var slope = slopes()[i];
    return slope.is_constant() ? 0.0 : gradient(slope)[x[j]];
  }
};

Point moved(Point point, std::size_t k, double to) {
  point[k] = to;
  return point;
}

constexpr double tolerance = 1e-8;  // of differences: their error is about 1e-10 here
constexpr double few_ulp = 1e-14;   // of the same formula, compiled twice

/// Counts, per operand, where a partial was seen that is not 0.
struct Seen {
  int points = 0, slopes[max_arity] = {};
};

template <class Rule>
void check_point(const Point& point, Seen& seen) {
  const Operation& operation = operation_of<Rule>();
  const Recording<Rule> r(point);
  const auto arity = static_cast<std::size_t>(Rule::arity);
  CHECK(r.f.value() == operation.value(point.data()));
  REQUIRE(std::isfinite(r.f.value()));

  Flow<double> flows[max_arity];
  operation.partials(point.data(), r.f.value(), 7, flows);
  const Gradient d = gradient(r.f);
  const std::vector<Var> slopes = r.slopes();
  ++seen.points;
  for (std::size_t k = 0; k < arity; ++k) {
    CAPTURE(k);
    const double partial = flows[k].open ? flows[k].partial : 0.0;
    // The machines agree.
    CHECK(d.reaches(r.x[k].id()) == flows[k].open);
    CHECK(close(d[r.x[k]], partial, few_ulp));
    CHECK(close(slopes[k].value(), partial, few_ulp));
    if (is_order(Rule::notation.name, static_cast<int>(k))) {
      CHECK_FALSE(flows[k].open);
      continue;
    }
    // The partial is the derivative of the value.
    const auto value_at = [&](double at) { return operation.value(moved(point, k, at).data()); };
    const double measured = is_switch<Rule>(k) ? 0.0 : difference(value_at, point[k]);
    CAPTURE(partial);
    CAPTURE(measured);
    CHECK(close(partial, measured, tolerance));
    seen.slopes[k] += std::abs(measured) > 1e-3 ? 1 : 0;
    // And its derivatives are those of the partial.
    for (std::size_t j = 0; j < arity; ++j) {
      if (is_order(Rule::notation.name, static_cast<int>(j)) || is_switch<Rule>(j)) continue;
      CAPTURE(j);
      const auto slope_at = [&](double at) {
        return Recording<Rule>(moved(point, j, at)).slopes()[k].value();
      };
      const double second = r.second(k, j);
      CAPTURE(second);
      CHECK(close(second, difference(slope_at, point[j]), tolerance));
      CHECK(close(second, r.second_swept(k, j), few_ulp));
      CHECK(close(second, r.second(j, k), 1e-11));
    }
  }
}

/// With a plain number in place of one operand, nothing changes for the other.
template <class Rule>
void check_constants(const Point& point) {
  const Recording<Rule> r(point);
  const Gradient d = gradient(r.f);
  const std::vector<Var> slopes = r.slopes();
  const auto check = [&](std::size_t k, auto recorder) {
    const double second = r.second(k, k);  // before there is a younger graph
    Graph graph;
    const Var x = variable(point[k]);
    const Var f = recorder(x);
    CAPTURE(k);
    CHECK(f.value() == r.f.value());
    CHECK(graph.size() == 2);  // the constant is no node
    CHECK(close(gradient(f)[x], d[r.x[k]], few_ulp));
    CHECK(gradient(f).reaches(x.id()) == d.reaches(r.x[k].id()));
    const Var slope = derivative(f, x);
    CHECK(close(slope.value(), slopes[k].value(), few_ulp));
    if (!slope.is_constant()) CHECK(close(gradient(slope)[x], second, few_ulp));
  };
  const double a = point[0], b = point[1], c = point[2];
  // Once as a number, and once as a Var that is a constant: both are the same to a graph.
  if constexpr (Rule::arity == 2) {
    check(0, [&](const Var& x) { return record<Rule>(x, b); });
    check(0, [&](const Var& x) { return record<Rule>(x, Var(b)); });
    check(1, [&](const Var& x) { return record<Rule>(a, x); });
    check(1, [&](const Var& x) { return record<Rule>(Var(a), x); });
  } else if constexpr (Rule::arity == 3) {
    check(0, [&](const Var& x) { return record<Rule>(x, Var(b), Var(c)); });
    check(1, [&](const Var& x) { return record<Rule>(Var(a), x, Var(c)); });
    check(2, [&](const Var& x) { return record<Rule>(Var(a), Var(b), x); });
  }
}

}  // namespace

TEST_CASE("every operation: partials agree with differences, to order 2, in every machine") {
  int checked = 0;
  for_each_operation([&]<class Rule> {
    INFO("operation ", std::string(Rule::notation.name));
    Seen seen;
    for (const Point& point : ordinary_points(operation_of<Rule>())) {
      CAPTURE(point[0]);
      CAPTURE(point[1]);
      CAPTURE(point[2]);
      check_point<Rule>(point, seen);
    }
    REQUIRE(seen.points >= 4);
    // A rule that is 0 at all its points would pass for any rule that is 0.
    const std::string name = Rule::notation.name;
    const bool is_flat = is_comparison<Rule> || name == "sign" || name == "floor" ||
                         name == "ceil" || name == "round" || name == "trunc";
    for (int k = 0; k < Rule::arity; ++k) {
      CAPTURE(k);
      const bool operand_is_flat = is_flat || is_order(name, k) ||
                                   is_switch<Rule>(static_cast<std::size_t>(k)) ||
                                   ((name == "copysign" || name == "hardshrink") && k == 1);
      CHECK((seen.slopes[k] > 0) != operand_is_flat);
    }
    ++checked;
  });
  CHECK(checked == operations().count);
}

TEST_CASE("every operation: a constant operand changes nothing for the others") {
  int checked = 0;
  for_each_operation([&]<class Rule> {
    INFO("operation ", std::string(Rule::notation.name));
    for (const Point& point : ordinary_points(operation_of<Rule>())) {
      CAPTURE(point[0]);
      CAPTURE(point[1]);
      if constexpr (Rule::arity > 1) check_constants<Rule>(point);
    }
    checked += Rule::arity > 1 ? 1 : 0;
  });
  CHECK(checked > 10);
}
