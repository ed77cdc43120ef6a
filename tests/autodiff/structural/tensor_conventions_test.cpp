// Reads the tensor tables of docs/conventions.md and checks every line.
#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <map>

#include "autodiff/autodiff.hpp"
#include "tests/support/evaluate.hpp"
#include "tests/support/table_lines.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {

const std::vector<std::string> header = {"tensor expression", "x", "value", "gradient", "why"};

using Function = std::function<Tensor(const Tensor& x)>;
/// The expressions of the tables.
const std::map<std::string, Function> functions = {
    {"sum(x)", [](const Tensor& x) { return sum(x); }},
    {"mean(x)", [](const Tensor& x) { return mean(x); }},
    {"prod(x)", [](const Tensor& x) { return prod(x); }},
    {"cumprod(x, 0)", [](const Tensor& x) { return cumprod(x, 0); }},
    {"amax(x)", [](const Tensor& x) { return amax(x); }},
    {"amin(x)", [](const Tensor& x) { return amin(x); }},
    {"max_along(x, 0)", [](const Tensor& x) { return max_along(x, 0); }},
    {"cummax(x, 0)", [](const Tensor& x) { return cummax(x, 0); }},
    {"cummin(x, 0)", [](const Tensor& x) { return cummin(x, 0); }},
    {"sort(x)[0]",
     [](const Tensor& x) {
       return slice(sort(x), 0, {0, 1});
     }},
    {"sort(x)", [](const Tensor& x) { return sort(x); }},
    {"sort(x, 0, descending)", [](const Tensor& x) { return sort(x, 0, true); }},
    {"topk(x, 2)", [](const Tensor& x) { return topk(x, 2).values; }},
    {"topk(1 / x, 1)", [](const Tensor& x) { return topk(1.0 / x, 1).values; }},
    {"norm(x)", [](const Tensor& x) { return norm(x); }},
    {"norm(x, 1)", [](const Tensor& x) { return norm(x, 1.0); }},
    {"norm(x, 3)", [](const Tensor& x) { return norm(x, 3.0); }},
    {"norm(x, inf)", [](const Tensor& x) { return norm(x, INFINITY); }},
    {"var(x)", [](const Tensor& x) { return var(x); }},
    {"stddev(x)", [](const Tensor& x) { return stddev(x); }},
    {"logsumexp(x)", [](const Tensor& x) { return logsumexp(x); }},
    {"softmax(x)[0]",
     [](const Tensor& x) {
       return slice(softmax(x), 0, {0, 1});
     }},
    {"log_softmax(x)[0]",
     [](const Tensor& x) {
       return slice(log_softmax(x), 0, {0, 1});
     }},
    {"where(x > 0, log(x), 0)",
     [](const Tensor& x) { return where(x > 0.0, log(x), zeros_like(x)); }},
    {"log(x)[1]",
     [](const Tensor& x) {
       return slice(log(x), 0, {1, 2});
     }},
    {"index_select(1 / x, 0, [1, 1])",
     [](const Tensor& x) {
       return index_select(1.0 / x, 0, Indices{1, 1});
     }},
    {"detach(x) * x", [](const Tensor& x) { return detach(x) * x; }},
};

std::vector<double> numbers_in(const std::string& cell) {
  std::vector<double> numbers;
  if (cell.empty()) return numbers;
  for (const std::string& number : split(cell, ','))
    numbers.push_back(number == "none" ? 0.0 : evaluate<double>(number, {}));
  return numbers;
}

/// A variable with any numbers: elements that are not finite are added to a finite variable.
Tensor variable_at(const std::vector<double>& numbers) {
  const Tensor constant = tensor(numbers);
  for (const double number : numbers)
    if (!std::isfinite(number)) return variable(zeros_like(constant)) + constant;
  return variable(constant);
}

void check_same(const char* what, const Tensor& got, const std::vector<double>& expected) {
  CAPTURE(what);
  const std::vector<double> numbers = to_vector(got);
  REQUIRE(numbers.size() == expected.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    CAPTURE(i);
    CAPTURE(numbers[i]);
    CHECK(same_number(numbers[i], expected[i]));
  }
}

void check_line(const std::vector<std::string>& cells) {
  const auto function = functions.find(cells[0]);
  REQUIRE(function != functions.end());
  Graph graph;
  const Tensor x = variable_at(numbers_in(cells[1]));
  const Tensor f = function->second(x);
  check_same("value", f, numbers_in(cells[2]));
  const std::vector<double> expected = numbers_in(cells[3]);
  const Tensor seed = ones_like(f);
  const Gradient d = gradient(std::span(&f, 1), std::span(&seed, 1));
  check_same("gradient", d[x], expected);
  check_same("recorded gradient", derivative(std::span(&f, 1), std::span(&seed, 1), {&x, 1})[0],
             expected);
  // "none" marks elements that are not reached.
  if (cells[3].empty()) return;
  const std::vector<std::string> slopes = split(cells[3], ',');
  const Array swept = d.tensor_adjoint(x.id());
  for (std::size_t i = 0; i < slopes.size(); ++i) {
    CAPTURE(i);
    const double adjoint = swept.is_null() ? -0.0 : swept.element(static_cast<std::int64_t>(i));
    CHECK((adjoint == 0.0 && std::signbit(adjoint)) == (slopes[i] == "none"));
  }
}

}  // namespace

TEST_CASE("every line about tensors in docs/conventions.md holds") {
  const std::vector<TableLine> lines = read_table_lines("conventions.md", header);
  REQUIRE(lines.size() > 20);
  for (const TableLine& line : lines) {
    const std::string name =
        "line " + std::to_string(line.number) + ": " + line.cells[0] + " at " + line.cells[1];
    SUBCASE(name.c_str()) {
      CHECK_FALSE(line.cells[4].empty());
      check_line(line.cells);
    }
  }
}

TEST_CASE("docs/conventions.md has only tables that tests read") {
  CHECK(table_headers("conventions.md").size() == 2);
}
