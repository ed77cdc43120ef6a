// Every structural operation in the list: derivatives up to order 3 against differences, for many
// shapes and from every memory layout; and float32 against float64.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "autodiff/autodiff.hpp"
#include "tests/support/structural_cases.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {

std::string call_of(const std::string& name, const StructuralCase& c) {
  std::string text = name + "(";
  for (std::size_t k = 0; k < c.operands.size(); ++k)
    text += (k == 0 ? "" : ", ") + text_of(c.operands[k]);
  return text + ")";
}

std::vector<Array> operands_of(const StructuralCase& c, DType dtype = DType::float64) {
  std::vector<Array> operands;
  for (std::size_t k = 0; k < c.operands.size(); ++k)
    operands.push_back(
        random_array(c.operands[k], static_cast<unsigned>(11 + k), c.low, c.high, dtype));
  return operands;
}

/// Adds a nonlinearity, so that higher derivatives of a linear operation are not all 0.
TensorFunction curved(const TensorFunction& f) {
  return [f](const std::vector<Tensor>& x) { return sin(f(x)); };
}

/// The value, first and second derivatives of a case, all in one element type.
std::vector<std::vector<double>> results_of(const StructuralCase& c, DType dtype) {
  Graph graph;
  std::vector<Tensor> x;
  for (const Array& operand : operands_of(c, DType::float32))
    x.push_back(variable(astype(Tensor(operand), dtype)));
  const auto weighted = [](const Tensor& y, unsigned seed) {
    const Tensor weights = random_array(y.shape(), seed, 0.5, 1.5, DType::float32);
    return sum(y * astype(weights, y.dtype()));
  };
  const Tensor y = c.f(x);
  std::vector<std::vector<double>> results = {numbers_of(y.value())};
  Tensor scalar = weighted(sin(y), 5);
  for (int order = 1; order <= 2 && !scalar.is_constant(); ++order) {
    const Tensor one = ones_like(scalar);
    const std::vector<Tensor> slopes = derivative(std::span(&scalar, 1), std::span(&one, 1), x);
    scalar = zeros_like(scalar);
    unsigned seed = 7;
    for (const Tensor& slope : slopes) {
      results.push_back(numbers_of(slope.value()));
      scalar = scalar + weighted(slope, seed++);
    }
  }
  return results;
}

DifferenceOptions of_order(int order, DifferenceOptions options) {
  options.order = order;
  return options;
}

}  // namespace

TEST_CASE("every structural operation: derivatives to order 3, of many shapes") {
  int calls = 0;
  const int operations = for_each_rule(
      StructuralOperations(), [&](const std::string& name, const StructuralCases& cases) {
        CAPTURE(name);
        CHECK(cases.size() >= 3);
        for (const StructuralCase& c : cases) {
          check_derivatives(call_of(name, c), curved(c.f), operands_of(c), of_order(3, c.options));
          ++calls;
        }
      });
  CHECK(operations > 45);
  CHECK(calls > 500);
}

TEST_CASE("every structural operation: from every layout of every operand") {
  for_each_rule(StructuralOperations(), [&](const std::string& name, const StructuralCases& cases) {
    for (const StructuralCase& c : cases) {
      const std::vector<Array> operands = operands_of(c);
      for (std::size_t k = 0; k < operands.size(); ++k) {
        std::vector<Array> layouts = layouts_of(operands[k]);
        if (c.likes_equal_rows && operands[k].rank() > 0 && operands[k].size() > 0)
          layouts.push_back(repeated_rows(c.operands[k], 11));
        for (std::size_t i = 1; i < layouts.size(); ++i) {
          CAPTURE(i);
          std::vector<Array> point = operands;
          point[k] = layouts[i];
          check_derivatives(call_of(name, c), curved(c.f), point, of_order(1, c.options));
        }
      }
    }
  });
}

TEST_CASE("every structural operation: float32 agrees with float64 to order 2") {
  for_each_rule(StructuralOperations(), [&](const std::string& name, const StructuralCases& cases) {
    for (const StructuralCase& c : cases) {
      const std::string call = call_of(name, c);
      CAPTURE(call);
      const auto exact = results_of(c, DType::float64), got = results_of(c, DType::float32);
      REQUIRE(got.size() == exact.size());
      for (std::size_t k = 0; k < got.size(); ++k) {
        CAPTURE(k);
        REQUIRE(got[k].size() == exact[k].size());
        double largest = 1.0, worst = 0.0;
        for (const double number : exact[k]) largest = std::max(largest, std::abs(number));
        for (std::size_t i = 0; i < got[k].size(); ++i)
          worst = std::max(worst, std::abs(got[k][i] - exact[k][i]));
        CHECK(worst <= (k == 0 ? 4.0 : 64.0) * 0x1p-24 * largest);
      }
    }
  });
}
