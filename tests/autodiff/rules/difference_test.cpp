// Every operation in the list against central differences of itself, and its passes against each
// other: the partials of the rule, the numeric sweep, the recorded sweep, constants as operands.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "autodiff/autodiff.hpp"
#include "tests/support/callables.hpp"
#include "tests/support/ordinary_points.hpp"

using namespace chainrule;
using chainrule::testing::Callable;
using chainrule::testing::callables;
using chainrule::testing::for_each_operation;
using chainrule::testing::is_not_variable;
using chainrule::testing::ordinary_points;
using chainrule::testing::Point;

namespace {

/// Whether operand k is a condition, for which differences make no sense.
bool is_switch(const Operation& operation, std::size_t k) {
  return operation.notation.name == std::string_view("select") && k == 0;
}

/// The names of the comparisons.
std::vector<std::string_view> comparisons() {
  std::vector<std::string_view> names;
  for_each_operation([&]<class Rule> {
    if constexpr (requires { Rule::holds(0.0, 0.0); }) names.push_back(Rule::notation.name);
  });
  return names;
}

/// An operation with two operands, one of which is a plain number.
struct Mixed {
  std::string_view name;
  Var (*number_right)(const Var& x, double y);
  Var (*number_left)(double x, const Var& y);
};
std::vector<Mixed> mixed() {
  std::vector<Mixed> made;
  for_each_operation([&]<class Rule> {
    if constexpr (Rule::arity == 2)
      made.push_back({Rule::notation.name,
                      [](const Var& x, double y) { return Var(apply<Rule>(x, y)); },
                      [](double x, const Var& y) { return Var(apply<Rule>(x, y)); }});
  });
  return made;
}

bool close(double a, double b, double tolerance) {
  if (!std::isfinite(a) || !std::isfinite(b)) return false;
  return a == b || std::abs(a - b) <= tolerance * std::max({1.0, std::abs(a), std::abs(b)});
}

/// The derivative of f at x by central differences with two step sizes, whose leading errors
/// cancel.
template <class F>
double difference(F f, double x) {
  const double h = 2e-3 * std::max(0.25, std::abs(x));
  const auto slope = [&](double d) { return (f(x + d) - f(x - d)) / (2.0 * d); };
  return (4.0 * slope(h / 2.0) - slope(h)) / 3.0;
}

/// The value and all derivatives of an operation at a point, in a recording of its own.
struct Recording {
  Graph graph;
  std::vector<Var> x;
  Var f;

  Recording(const Callable<Var>& callable, const Point& point) {
    for (int k = 0; k < callable.operation->arity; ++k)
      x.push_back(variable(point[static_cast<std::size_t>(k)]));
    f = callable.call(x.data());
  }
  /// The recorded derivatives, as Vars.
  std::vector<Var> slopes() const { return derivative(f, x); }
  /// The second derivative with respect to operands i and j, recorded as well.
  double second(std::size_t i, std::size_t j) const {
    const Var slope = slopes()[i];
    return slope.is_constant() ? 0.0 : derivative(slope, x[j]).value();
  }
  /// The same, with a numeric sweep as the second one.
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

/// Counts, per operand, the partials that are not 0.
struct Seen {
  int points = 0, slopes[max_arity] = {};
};

void check_point(const Callable<Var>& callable, const Point& point, Seen& seen) {
  const Operation& operation = *callable.operation;
  const Recording r(callable, point);
  const auto arity = static_cast<std::size_t>(operation.arity);
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
    // The passes agree.
    CHECK(d.reaches(r.x[k].id()) == flows[k].open);
    CHECK(close(d[r.x[k]], partial, few_ulp));
    CHECK(close(slopes[k].value(), partial, few_ulp));
    if (is_not_variable(operation.notation.name, static_cast<int>(k))) {
      CHECK_FALSE(flows[k].open);
      continue;
    }
    // The partial is the derivative of the value.
    const auto value_at = [&](double at) { return operation.value(moved(point, k, at).data()); };
    const double measured = is_switch(operation, k) ? 0.0 : difference(value_at, point[k]);
    CAPTURE(partial);
    CAPTURE(measured);
    CHECK(close(partial, measured, tolerance));
    seen.slopes[k] += std::abs(measured) > 1e-3 ? 1 : 0;
    // The derivatives of the partial are the second derivatives.
    for (std::size_t j = 0; j < arity; ++j) {
      if (is_not_variable(operation.notation.name, static_cast<int>(j)) || is_switch(operation, j))
        continue;
      CAPTURE(j);
      const auto slope_at = [&](double at) {
        return Recording(callable, moved(point, j, at)).slopes()[k].value();
      };
      const double second = r.second(k, j);
      CAPTURE(second);
      CHECK(close(second, difference(slope_at, point[j]), tolerance));
      CHECK(close(second, r.second_swept(k, j), few_ulp));
      CHECK(close(second, r.second(j, k), 1e-11));
    }
  }
}

/// With a constant in place of one operand, the results for the other do not change. `record` makes
/// an operation with operand k as its only variable.
template <class Record>
void check_alone(const Recording& r, std::size_t k, const Record& record) {
  const double second = r.second(k, k);  // before there is an inner graph
  const double first = gradient(r.f)[r.x[k]], slope_of_all = r.slopes()[k].value();
  const bool reaches = gradient(r.f).reaches(r.x[k].id());
  Graph graph;
  const Var x = variable(r.x[k].value());
  const Var f = record(x);
  CAPTURE(k);
  CHECK(f.value() == r.f.value());
  CHECK(graph.size() == 2);  // the constant makes no node
  CHECK(close(gradient(f)[x], first, few_ulp));
  CHECK(gradient(f).reaches(x.id()) == reaches);
  const Var slope = derivative(f, x);
  CHECK(close(slope.value(), slope_of_all, few_ulp));
  if (!slope.is_constant()) CHECK(close(gradient(slope)[x], second, few_ulp));
}

}  // namespace

TEST_CASE("every operation: partials agree with differences, to order 2, in every pass") {
  const std::vector<std::string_view> conditions = comparisons();
  for (const Callable<Var>& callable : callables<Var>()) {
    const Operation& operation = *callable.operation;
    const std::string name = operation.notation.name;
    CAPTURE(name);
    Seen seen;
    for (const Point& point : ordinary_points(operation)) {
      CAPTURE(point[0]);
      CAPTURE(point[1]);
      CAPTURE(point[2]);
      check_point(callable, point, seen);
    }
    REQUIRE(seen.points >= 4);
    // A rule that is 0 at all its points would agree with any rule that is 0.
    const bool is_flat = std::ranges::count(conditions, name) > 0 || name == "sign" ||
                         name == "floor" || name == "ceil" || name == "round" || name == "trunc";
    for (int k = 0; k < operation.arity; ++k) {
      CAPTURE(k);
      const bool operand_is_flat = is_flat || is_not_variable(name, k) ||
                                   is_switch(operation, static_cast<std::size_t>(k)) ||
                                   ((name == "copysign" || name == "hardshrink") && k == 1);
      CHECK((seen.slopes[k] > 0) != operand_is_flat);
    }
  }
  CHECK(callables<Var>().size() == static_cast<std::size_t>(operations().count));
}

TEST_CASE("every operation: a constant operand does not change the results for the others") {
  const std::vector<Mixed> with_numbers = mixed();
  int checked = 0;
  for (const Callable<Var>& callable : callables<Var>()) {
    const Operation& operation = *callable.operation;
    if (operation.arity == 1) continue;
    const std::string name = operation.notation.name;
    CAPTURE(name);
    for (const Point& point : ordinary_points(operation)) {
      CAPTURE(point[0]);
      CAPTURE(point[1]);
      const Recording r(callable, point);
      // Once with a constant Var and once with a number: a graph treats both alike.
      for (std::size_t k = 0; k < r.x.size(); ++k)
        check_alone(r, k, [&](const Var& x) {
          Var operands[max_arity];
          for (std::size_t j = 0; j < r.x.size(); ++j) operands[j] = j == k ? x : Var(point[j]);
          return callable.call(operands);
        });
      const auto number = std::ranges::find(with_numbers, name, &Mixed::name);
      if (number == with_numbers.end()) continue;
      check_alone(r, 0, [&](const Var& x) { return number->number_right(x, point[1]); });
      check_alone(r, 1, [&](const Var& x) { return number->number_left(point[0], x); });
    }
    ++checked;
  }
  CHECK(checked > 10);
}
