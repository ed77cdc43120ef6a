// The formulas that operations print agree with what they compute.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "autodiff/autodiff.hpp"
#include "autodiff/view/formulas.hpp"
#include "tests/support/evaluate.hpp"
#include "tests/support/ordinary_points.hpp"

using namespace chainrule;
using chainrule::testing::evaluate;
using chainrule::testing::FormulaError;
using chainrule::testing::Names;
using chainrule::testing::ordinary_points;
using chainrule::testing::Point;

namespace {

const char* const operand_names[max_arity] = {"x", "y", "z"};

/// The formulas that an operation prints, with operands x, y, z and the result r.
struct Printed {
  std::string value;
  Flow<Text> partials[max_arity];

  explicit Printed(const Operation& operation) {
    const Text x[max_arity] = {Text("x"), Text("y"), Text("z")};
    value = detail::formula(operation, x).str();
    detail::partial_formulas(operation, x, Text("r"), (1u << operation.arity) - 1, partials);
  }
};

Names<double> names_at(const Point& point, double result) {
  return {{"x", point[0]}, {"y", point[1]}, {"z", point[2]}, {"r", result}};
}

bool close(double a, double b, double tolerance) {
  if (!std::isfinite(a) || !std::isfinite(b)) return false;
  return a == b || std::abs(a - b) <= tolerance * std::max(std::abs(a), std::abs(b));
}

/// The formula, parsed and printed again.
std::string rewritten(const std::string& formula) {
  return evaluate<Text>(formula,
                        {{"x", Text("x")}, {"y", Text("y")}, {"z", Text("z")}, {"r", Text("r")}})
      .str();
}

Text x("x"), y("y"), z("z");

}  // namespace

TEST_CASE("every operation: the printed formulas give the computed numbers") {
  int formulas = 0;
  for (const Operation& operation : operations()) {
    const std::string name = operation.notation.name;
    CAPTURE(name);
    const Printed printed(operation);
    CAPTURE(printed.value);
    CHECK(rewritten(printed.value) == printed.value);
    for (const Point& point : ordinary_points(operation)) {
      CAPTURE(point[0]);
      CAPTURE(point[1]);
      CAPTURE(point[2]);
      const double result = operation.value(point.data());
      const Names<double> names = names_at(point, result);
      CHECK(close(evaluate<double>(printed.value, names), result, 1e-12));
      Flow<double> flows[max_arity];
      operation.partials(point.data(), result, (1u << operation.arity) - 1, flows);
      for (int k = 0; k < operation.arity; ++k) {
        const std::string formula = printed.partials[k].partial.str();
        CAPTURE(k);
        CAPTURE(formula);
        if (!printed.partials[k].open) {
          CHECK_FALSE(flows[k].open);
          continue;
        }
        CHECK(rewritten(formula) == formula);
        const double computed = flows[k].open ? flows[k].partial : 0.0;
        CHECK(close(evaluate<double>(formula, names), computed, 1e-12));
        ++formulas;
      }
    }
  }
  CHECK(formulas > 5 * operations().count);
}

TEST_CASE("every composed operation: its formula, differentiated, gives its partials") {
  int composed_operations = 0;
  for (const Operation& operation : operations()) {
    if (operation.notation.is_primitive) continue;
    const std::string name = operation.notation.name;
    CAPTURE(name);
    ++composed_operations;
    const std::string formula = Printed(operation).value;
    for (const Point& point : ordinary_points(operation)) {
      CAPTURE(point[0]);
      CAPTURE(point[1]);
      Graph graph;
      Names<Var> names;
      for (std::size_t k = 0; k < static_cast<std::size_t>(operation.arity); ++k)
        names.emplace(operand_names[k], variable(point[k]));
      const Var f = evaluate<Var>(formula, names);
      Flow<double> flows[max_arity];
      operation.partials(point.data(), f.value(), (1u << operation.arity) - 1, flows);
      for (int k = 0; k < operation.arity; ++k) {
        CAPTURE(k);
        const double got =
            f.is_constant() ? 0.0 : gradient(f)[names.find(operand_names[k])->second];
        const double expected = flows[k].open ? flows[k].partial : 0.0;
        CAPTURE(got);
        CAPTURE(expected);
        CHECK(std::abs(got - expected) <= 1e-12 * std::max(1.0, std::abs(expected)));
      }
    }
  }
  CHECK(composed_operations > 20);
}

TEST_CASE("parentheses are printed exactly where the formula would otherwise change") {
  CHECK((x + y + z).str() == "x + y + z");
  CHECK((x + (y + z)).str() == "x + (y + z)");
  CHECK((x - (y - z)).str() == "x - (y - z)");
  CHECK((x - y - z).str() == "x - y - z");
  CHECK((x * y + z).str() == "x * y + z");
  CHECK((x * (y + z)).str() == "x * (y + z)");
  CHECK(((x + y) * z).str() == "(x + y) * z");
  CHECK((x * (y * z)).str() == "x * (y * z)");
  CHECK((x / (y / z)).str() == "x / (y / z)");
  CHECK((x / (y * z)).str() == "x / (y * z)");
  CHECK((x / y * z).str() == "x / y * z");
  CHECK((-(x * y)).str() == "-(x * y)");
  CHECK((-x * y).str() == "-x * y");
  CHECK((-(-x)).str() == "-(-x)");
  CHECK((-(x + y)).str() == "-(x + y)");
  CHECK((2.0 * -x).str() == "2 * (-x)");
  CHECK((x - -1.0).str() == "x - (-1)");
  CHECK((x + -(y * z)).str() == "x + (-(y * z))");
  CHECK(sin(x - y).str() == "sin(x - y)");
  CHECK((-sin(-x)).str() == "-sin(-x)");
  CHECK(pow(x + 1.0, y * z).str() == "pow(x + 1, y * z)");
  CHECK(((x < y) && (y <= z)).str() == "x < y && y <= z");
  CHECK((((x < y) || (y < z)) && (x == z)).str() == "(x < y || y < z) && x == z");
  CHECK(((x + y) < z).str() == "x + y < z");
  CHECK(select(x >= 0.0, x, -x).str() == "select(x >= 0, x, -x)");
}

TEST_CASE("numbers are printed so that they read back as the same double") {
  const double inf = std::numeric_limits<double>::infinity();
  for (const double number : {0.1, 1.0 / 3.0, 1e300, 5e-324, -2.5, 123456789.0, 0.0, inf, -inf}) {
    CAPTURE(number);
    CHECK(evaluate<double>(Text(number).str(), {}) == number);
  }
  CHECK(std::signbit(evaluate<double>(Text(-0.0).str(), {})));
  CHECK(std::isnan(evaluate<double>(Text(std::nan("")).str(), {})));
  CHECK(Text(0.5).str() == "0.5");
  CHECK(Text(2).str() == "2");
  CHECK(Text(-inf).str() == "-inf");
}

TEST_CASE("the familiar formulas are printed") {
  const auto partial = [](const char* name, int k = 0) {
    for (const Operation& operation : operations())
      if (std::string(operation.notation.name) == name)
        return Printed(operation).partials[k].partial.str();
    throw std::runtime_error(name);
  };
  CHECK(partial("multiply", 0) == "y");
  CHECK(partial("multiply", 1) == "x");
  CHECK(partial("divide", 1) == "-(r / y)");
  CHECK(partial("sin") == "cos(x)");
  CHECK(partial("cos") == "-sin(x)");
  CHECK(partial("exp") == "r");
  CHECK(partial("tanh") == "1 - r * r");
  CHECK(partial("sigmoid") == "r * (1 - r)");
  CHECK(partial("sqrt") == "0.5 / r");
  CHECK(partial("asin") == "1 / sqrt(1 - x * x)");
  CHECK(partial("atan") == "1 / (1 + x * x)");
  CHECK(partial("hypot", 0) == "x / r");
  CHECK(partial("hypot", 1) == "y / r");
  CHECK(partial("pow", 0) == "y * pow(x, y - 1)");
  CHECK(partial("pow", 1) == "r * log(x)");
  CHECK(partial("silu") == "sigmoid(x) + x * (sigmoid(x) * (1 - sigmoid(x)))");
  CHECK(partial("relu") == "select(x > 0, 1, 0)");
}

TEST_CASE("the evaluator refuses invalid formulas") {
  const Names<double> names = {{"x", 2.0}};
  CHECK(evaluate<double>("-x * 3 + (x - 1) / 4", names) == -5.75);
  CHECK(evaluate<double>("2 - 3 - 4", names) == -5.0);
  CHECK(evaluate<double>("x < 3 && x >= 2", names) == 1.0);
  CHECK(evaluate<double>("x < 2 || x > 2", names) == 0.0);
  CHECK(evaluate<double>("max(x, 5) * 1e1", names) == 50.0);
  for (const char* wrong : {"", "x +", "(x", "x x", "y", "sin(x", "sin()", "sin(x, x)",
                            "nothing(x)", "x + )", "2 $ 3"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(evaluate<double>(wrong, names), FormulaError);
  }
}
