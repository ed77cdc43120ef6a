// Reads docs/conventions.md and checks every line of its tables: the expression column is computed.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "autodiff/autodiff.hpp"
#include "tests/support/evaluate.hpp"

using namespace chainrule;
using chainrule::testing::evaluate;
using chainrule::testing::Names;

namespace {

#ifdef CHAINRULE_SOURCE_DIR
const std::string document = CHAINRULE_SOURCE_DIR "/docs/conventions.md";
#else
const std::string document = CHAINRULE_TEST_DATA "/../../docs/conventions.md";
#endif

const std::vector<std::string> header = {"expression", "point",  "value",
                                         "gradient",   "second", "why"};

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" `"), last = text.find_last_not_of(" `");
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t end; (end = text.find(separator, begin)) != std::string::npos; begin = end + 1)
    parts.push_back(trimmed(text.substr(begin, end - begin)));
  parts.push_back(trimmed(text.substr(begin)));
  return parts;
}

struct Line {
  int number;
  std::vector<std::string> cells;
};

/// Every line of every table. A line that has not the cells of the header is an error.
std::vector<Line> read_lines() {
  std::ifstream file(document);
  if (!file) throw std::runtime_error("cannot open " + document);
  std::vector<Line> lines;
  bool in_table = false;
  int number = 0;
  for (std::string text; std::getline(file, text);) {
    ++number;
    if (text.empty() || text[0] != '|') {
      in_table = false;
      continue;
    }
    if (text.rfind("|---", 0) == 0) continue;
    std::vector<std::string> cells = split(text, '|');
    const std::string where = document + ":" + std::to_string(number);
    if (cells.size() != header.size() + 2) throw std::runtime_error(where + ": not six cells");
    cells = {cells.begin() + 1, cells.end() - 1};
    if (!in_table) {
      if (cells != header) throw std::runtime_error(where + ": not the header of a table");
      in_table = true;
    } else {
      lines.push_back({number, cells});
    }
  }
  return lines;
}

const std::vector<Line>& lines() {
  static const std::vector<Line> read = read_lines();
  return read;
}

/// A variable of any value: one that is not finite is a variable that something was added to.
Var variable_at(double value) {
  return std::isfinite(value) ? variable(value) : variable(0.0) + value;
}

/// The same number: both NaN, or both this infinity, or equal to a few units in the last place.
bool same(double got, double expected) {
  if (std::isnan(expected)) return std::isnan(got);
  if (std::isinf(expected)) return got == expected;
  return got == expected || std::abs(got - expected) <= 1e-15 * std::abs(expected);
}

void check_same(const char* what, double got, const std::string& cell) {
  CAPTURE(what);
  CAPTURE(got);
  CAPTURE(cell);
  CHECK(same(got, evaluate<double>(cell, {})));
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
  for (const Line& line : lines()) {
    CAPTURE(line.number);
    CHECK_FALSE(line.cells[5].empty());
  }
}

TEST_CASE("every line of docs/conventions.md is what the library does") {
  for (const Line& line : lines()) {
    const std::string name =
        "line " + std::to_string(line.number) + ": " + line.cells[0] + " at " + line.cells[1];
    SUBCASE(name.c_str()) { check_line(line.cells); }
  }
}
