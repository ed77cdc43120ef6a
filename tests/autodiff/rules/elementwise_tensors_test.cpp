// Every elementwise operation in the list on tensors that broadcast, in every layout: agrees with
// the operation on numbers, up to order 3.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "autodiff/autodiff.hpp"
#include "tests/support/callables.hpp"
#include "tests/support/ordinary_points.hpp"
#include "tests/support/tensor_differences.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {

/// A weight that differs from element to element, computed from the position.
double weight(std::size_t order, std::size_t operand, std::int64_t i) {
  return 0.6 + 0.01 * static_cast<double>(order) + 0.1 * static_cast<double>(operand) +
         0.037 * static_cast<double>(i % 11);
}
Tensor weights(const Shape& shape, std::size_t order, std::size_t operand) {
  std::vector<double> numbers;
  for (std::int64_t i = 0; i < element_count(shape, "weights"); ++i)
    numbers.push_back(weight(order, operand, i));
  return array_of(shape, numbers);
}

using Numbers = std::vector<double>;

/// For each element of a result, the position of the element of operand `x` that broadcasts to it.
std::vector<std::int64_t> sources_in(const Shape& x, const Shape& result) {
  const Extents strides = row_major_strides(x);
  std::vector<std::int64_t> sources;
  for (std::int64_t i = 0; i < element_count(result, "sources_in"); ++i) {
    std::int64_t source = 0, rest = i;
    for (std::size_t axis = result.size(); axis-- > 0; rest /= result[axis]) {
      const std::size_t missing = result.size() - x.size();
      if (axis >= missing && x[axis - missing] != 1)
        source += rest % result[axis] * strides[axis - missing];
    }
    sources.push_back(source);
  }
  return sources;
}

/// The value, then the derivatives of order 1, 2 and 3 of weighted sums, computed with one node per
/// element.
std::vector<Numbers> by_numbers(const Callable<Var>& callable, const std::vector<Array>& point,
                                const Shape& result) {
  Graph graph;
  std::vector<std::vector<Var>> x;
  std::vector<Var> all;
  for (const Array& array : point) {
    x.emplace_back();
    for (const double number : numbers_of(array)) x.back().push_back(variable(number));
    all.insert(all.end(), x.back().begin(), x.back().end());
  }
  std::vector<std::vector<std::int64_t>> sources;
  for (const Array& array : point) sources.push_back(sources_in(Shape(array.shape()), result));
  std::vector<Numbers> results(1);
  Var sum = 0.0;
  for (std::size_t i = 0; i < sources[0].size(); ++i) {
    std::vector<Var> operands;
    for (std::size_t k = 0; k < x.size(); ++k)
      operands.push_back(x[k][static_cast<std::size_t>(sources[k][i])]);
    const Var y = callable.call(operands.data());
    results[0].push_back(y.value());
    sum = sum + y * weight(0, 0, static_cast<std::int64_t>(i));
  }
  for (std::size_t order = 1; order <= 3 && !sum.is_constant(); ++order) {
    const std::vector<Var> slopes = derivative(sum, all);
    sum = 0.0;
    std::size_t next = 0;
    for (std::size_t k = 0; k < x.size(); ++k) {
      results.emplace_back();
      for (std::size_t i = 0; i < x[k].size(); ++i) {
        const Var& slope = slopes[next++];
        results.back().push_back(slope.value());
        sum = sum + slope * weight(order, k, static_cast<std::int64_t>(i));
      }
    }
  }
  return results;
}

/// The same, computed with tensors.
std::vector<Numbers> by_tensors(const Callable<Tensor>& callable, const std::vector<Array>& point) {
  Graph graph;
  std::vector<Tensor> x;
  for (const Array& array : point) x.push_back(variable(Tensor(array)));
  const Tensor y = callable.call(x.data());
  std::vector<Numbers> results = {numbers_of(y.value())};
  Var total = sum_to(y * weights(y.shape(), 0, 0), {});
  for (std::size_t order = 1; order <= 3 && !total.is_constant(); ++order) {
    const std::vector<Tensor> slopes = derivative(total, x);
    total = 0.0;
    for (std::size_t k = 0; k < x.size(); ++k) {
      results.push_back(numbers_of(slopes[k].value()));
      total = total + sum_to(slopes[k] * weights(slopes[k].shape(), order, k), {});
    }
  }
  return results;
}

void compare(const std::vector<Numbers>& got, const std::vector<Numbers>& expected) {
  for (std::size_t k = 0; k < std::max(got.size(), expected.size()); ++k) {
    CAPTURE(k);
    // A derivative that became a constant is 0 from there on.
    const std::size_t size = k < got.size() ? got[k].size() : expected[k].size();
    for (std::size_t i = 0; i < size; ++i) {
      CAPTURE(i);
      const double a = k < got.size() ? got[k][i] : 0.0;
      const double b = k < expected.size() ? expected[k][i] : 0.0;
      CAPTURE(a);
      CAPTURE(b);
      const bool agree = a == b || (std::isnan(a) && std::isnan(b)) ||
                         std::abs(a - b) <= 1e-11 * std::max({1.0, std::abs(a), std::abs(b)});
      CHECK(agree);
    }
  }
}

/// Operand k of an operation: its numbers at the ordinary points, one after the other.
Array operand(const Operation& operation, std::size_t k, const Shape& shape) {
  const std::vector<Point> points = ordinary_points(operation);
  std::vector<double> numbers;
  for (std::int64_t i = 0; i < element_count(shape, "operand"); ++i)
    numbers.push_back(points[static_cast<std::size_t>(i) % points.size()][k]);
  return array_of(shape, numbers);
}

}  // namespace

TEST_CASE("every elementwise operation on tensors agrees with that on numbers, to order 3") {
  // Shapes of up to three operands; each list broadcasts to its last shape.
  const std::vector<std::vector<Shape>> shapes = {
      {{2, 3}, {2, 3}, {2, 3}, {2, 3}},   {{2, 3}, {3}, {2, 1}, {2, 3}},
      {{3}, {2, 1}, {1, 3}, {2, 3}},      {{}, {4}, {1}, {4}},
      {{2, 1, 2}, {3, 1}, {}, {2, 3, 2}}, {{0, 3}, {1, 3}, {3}, {0, 3}}};
  for (std::size_t at = 0; at < callables<Var>().size(); ++at) {
    const Callable<Var>& on_numbers = callables<Var>()[at];
    const Callable<Tensor>& on_tensors = callables<Tensor>()[at];
    const std::string name = on_numbers.operation->notation.name;
    CAPTURE(name);
    for (const std::vector<Shape>& of : shapes) {
      std::vector<Array> point;
      Shape result = of[0];
      for (std::size_t k = 0; k < static_cast<std::size_t>(on_numbers.operation->arity); ++k) {
        point.push_back(operand(*on_numbers.operation, k, of[k]));
        result = broadcast(result, of[k], "test");
      }
      const std::string shape = text_of(result);
      CAPTURE(shape);
      const std::vector<Numbers> expected = by_numbers(on_numbers, point, result);
      compare(by_tensors(on_tensors, point), expected);
      for (std::size_t k = 0; k < point.size(); ++k)
        for (const Array& layout : layouts_of(point[k])) {
          std::vector<Array> moved = point;
          moved[k] = layout;
          compare(by_tensors(on_tensors, moved), expected);
        }
    }
  }
  CHECK(callables<Tensor>().size() == static_cast<std::size_t>(operations().count));
}
