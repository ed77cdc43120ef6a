// Reads docs/conventions.md and checks every line of its tables by computing the expression column.
#include <doctest/doctest.h>

#include <cmath>

#include "autodiff/autodiff.hpp"
#include "tests/support/evaluate.hpp"
#include "tests/support/table_lines.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {

const std::vector<std::string> header = {"expression", "point",  "value",
                                         "gradient",   "second", "why"};

const std::vector<TableLine>& lines() {
  static const std::vector<TableLine> read = read_table_lines("conventions.md", header);
  return read;
}

/// A variable with any value: one that is not finite is added to a finite variable.
Var variable_at(double value) {
  return std::isfinite(value) ? variable(value) : variable(0.0) + value;
}

void check_same(const char* what, double got, const std::string& cell) {
  CAPTURE(what);
  CAPTURE(got);
  CAPTURE(cell);
  CHECK(same_number(got, evaluate<double>(cell, {})));
}

void check_line(const std::vector<std::string>& cells) {
  Graph graph;
  Names<Var> names;
  std::vector<Var> x;
  for (const std::string& setting : split(cells[1], ',')) {
    const std::vector<std::string> sides = split(setting, '=');
    REQUIRE(sides.size() == 2);
    x.push_back(variable_at(evaluate<double>(sides[1], {})));
    REQUIRE(names.emplace(sides[0], x.back()).second);
  }

  const Var f = evaluate<Var>(cells[0], names);
  check_same("value", f.value(), cells[2]);

  const std::vector<std::string> slopes = split(cells[3], ',');
  REQUIRE(slopes.size() == x.size());
  const Gradient d = gradient(f);
  const std::vector<Var> recorded = derivative(f, x);
  for (std::size_t i = 0; i < x.size(); ++i) {
    CAPTURE(i);
    const std::string number = slopes[i] == "none" ? "0" : slopes[i];
    check_same("gradient", d[x[i]], number);
    check_same("recorded gradient", recorded[i].value(), number);
    CHECK(d.reaches(x[i].id()) == (slopes[i] != "none"));
  }

  if (cells[4] == "-") return;
  const std::vector<std::string> seconds = split(cells[4], ',');
  REQUIRE(seconds.size() == x.size() * (x.size() + 1) / 2);
  std::size_t at = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    for (std::size_t j = i; j < x.size(); ++j, ++at) {
      const Var& slope = recorded[i];
      CAPTURE(i);
      CAPTURE(j);
      check_same("second", slope.is_constant() ? 0.0 : derivative(slope, x[j]).value(),
                 seconds[at]);
      check_same("second, swept", slope.is_constant() ? 0.0 : gradient(slope)[x[j]], seconds[at]);
    }
}

}  // namespace

TEST_CASE("the tables of docs/conventions.md can be read") {
  CHECK(lines().size() > 100);
  for (const TableLine& line : lines()) {
    CAPTURE(line.number);
    CHECK_FALSE(line.cells[5].empty());
  }
}

TEST_CASE("every line of docs/conventions.md holds") {
  for (const TableLine& line : lines()) {
    const std::string name =
        "line " + std::to_string(line.number) + ": " + line.cells[0] + " at " + line.cells[1];
    SUBCASE(name.c_str()) { check_line(line.cells); }
  }
}
