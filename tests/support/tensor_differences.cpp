#include "tests/support/tensor_differences.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>

#include "autodiff/graph/graph.hpp"
#include "autodiff/rules/arrangement.hpp"
#include "autodiff/transform/gradient.hpp"

namespace chainrule::testing {
namespace {

constexpr unsigned output_seed = 77, gradient_seed = 99;

Var weighted_sum(const Tensor& y, unsigned seed) {
  return sum_to(y * random_array(y.shape(), seed, 0.5, 1.5), {});
}

Var output_of(const TensorFunction& f, const std::vector<Tensor>& x) {
  return weighted_sum(f(x), output_seed);
}

std::vector<Tensor> variables_at(const std::vector<Array>& point) {
  std::vector<Tensor> x;
  for (const Array& array : point) x.push_back(variable(Tensor(array)));
  return x;
}

std::vector<Array> gradient_numbers(const TensorFunction& f, const std::vector<Array>& point) {
  Graph graph;
  const std::vector<Tensor> x = variables_at(point);
  const Var output = output_of(f, x);
  std::vector<Array> numbers;
  if (output.is_constant()) {
    for (const Array& array : point)
      numbers.push_back(Array::filled(array.dtype(), array.shape(), 0.0));
    return numbers;
  }
  const Gradient d = gradient(output);
  for (const Tensor& t : x) numbers.push_back(d[t].value());
  return numbers;
}

/// S at a point; in the second order, T, made of the numbers of gradients.
double value_at(const TensorFunction& f, const std::vector<Array>& point, int order) {
  if (order == 1) {
    const std::vector<Tensor> x(point.begin(), point.end());
    return output_of(f, x).value();
  }
  double sum = 0.0;
  unsigned seed = gradient_seed;
  for (const Array& d : gradient_numbers(f, point)) sum += weighted_sum(Tensor(d), seed++).value();
  return sum;
}

double difference(const TensorFunction& f, std::vector<Array> point, std::size_t k, std::int64_t i,
                  int order, double step) {
  const std::vector<double> numbers = numbers_of(point[k]);
  const Shape shape(point[k].shape());
  const auto at = [&](double shift) {
    std::vector<double> moved = numbers;
    moved[static_cast<std::size_t>(i)] += shift;
    point[k] = array_of(shape, moved);
    return value_at(f, point, order);
  };
  // Differences of neighbours first: what is large and common cancels exactly.
  const double near = at(step) - at(-step), far = at(2 * step) - at(-2 * step);
  return (8.0 * near - far) / (12.0 * step);
}

void compare(const Array& found, const Array& expected, double tolerance) {
  REQUIRE(Shape(found.shape()) == Shape(expected.shape()));
  for (std::int64_t i = 0; i < found.size(); ++i) {
    CAPTURE(i);
    const double a = found.element(i), b = expected.element(i);
    const bool agree =
        a == b || std::abs(a - b) <= tolerance * std::max({1.0, std::abs(a), std::abs(b)});
    CAPTURE(a);
    CAPTURE(b);
    CHECK(agree);
  }
}

void check_order(const TensorFunction& f, const std::vector<Array>& point, int order,
                 const std::vector<Tensor>& recorded, const DifferenceOptions& options) {
  for (std::size_t k = 0; k < point.size(); ++k) {
    CAPTURE(k);
    std::vector<double> expected;
    for (std::int64_t i = 0; i < point[k].size(); ++i)
      expected.push_back(difference(f, point, k, i, order, options.step));
    compare(recorded[k].value(), array_of(Shape(point[k].shape()), expected), options.tolerance);
  }
}

}  // namespace

void check_derivatives(const std::string& what, const TensorFunction& f,
                       const std::vector<Array>& point, const DifferenceOptions& options) {
  CAPTURE(what);
  constexpr double rounding = 1e-12;  // between two ways to compute the same
  Graph graph;
  const std::vector<Tensor> x = variables_at(point);
  const Var output = output_of(f, x);
  if (output.is_constant()) {
    for (const Array& array : point) CHECK(array.size() == 0);
    return;
  }
  {
    INFO("first order");
    const std::vector<Tensor> first = derivative(output, x);
    const Gradient numbers = gradient(output);
    for (std::size_t k = 0; k < x.size(); ++k)
      compare(first[k].value(), numbers[x[k]].value(), rounding);
    check_order(f, point, 1, first, options);
    if (options.order < 2) return;

    Var sum = 0.0;
    unsigned seed = gradient_seed;
    for (const Tensor& d : first) sum = sum + weighted_sum(d, seed++);
    INFO("second order");
    std::vector<Tensor> second;
    if (sum.is_constant()) {
      for (const Array& array : point)
        second.emplace_back(Array::filled(array.dtype(), array.shape(), 0.0));
    } else {
      second = derivative(sum, x);
      const Gradient again = gradient(sum);
      for (std::size_t k = 0; k < x.size(); ++k)
        compare(second[k].value(), again[x[k]].value(), rounding);
    }
    check_order(f, point, 2, second, options);
  }
}

Array random_array(const Shape& shape, unsigned seed, double low, double high, DType dtype) {
  std::mt19937_64 generator(seed);
  std::vector<double> numbers(static_cast<std::size_t>(element_count(shape, "random_array")));
  for (double& number : numbers)
    number = low + (high - low) * (static_cast<double>(generator() >> 11) * 0x1p-53);
  return array_of(shape, numbers, dtype);
}

Array array_of(const Shape& shape, const std::vector<double>& numbers, DType dtype) {
  if (element_count(shape, "array_of") != static_cast<std::int64_t>(numbers.size()))
    throw std::logic_error("array_of: the numbers do not fill the shape");
  Array array = Array::uninitialised(dtype, shape);
  with_type(dtype, [&](auto zero) {
    using T = decltype(zero);
    std::transform(numbers.begin(), numbers.end(), array.mutable_data_as<T>(),
                   [](double number) { return static_cast<T>(number); });
  });
  return array;
}

std::vector<double> numbers_of(const Array& x) {
  std::vector<double> numbers;
  for (std::int64_t i = 0; i < x.size(); ++i) numbers.push_back(x.element(i));
  return numbers;
}

namespace {

/// The elements of x written into memory of some shape, at strides and from an offset on.
Array laid_out(const Array& x, std::int64_t memory, const Extents& strides, std::int64_t offset) {
  const Shape shape(x.shape());
  Array base = Array::filled(x.dtype(), Shape{memory}, 1e30);  // what must not be read
  with_type(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    for (std::int64_t i = 0; i < x.size(); ++i) {
      std::int64_t place = offset, rest = i;
      for (std::size_t axis = shape.size(); axis-- > 0; rest /= shape[axis])
        place += rest % shape[axis] * strides[axis];
      base.mutable_data_as<T>()[place] = static_cast<T>(x.element(i));
    }
  });
  return base.view(shape, strides, offset);
}

}  // namespace

std::vector<Array> layouts_of(const Array& x) {
  std::vector<Array> layouts = {x};
  if (x.rank() == 0 || x.size() == 0) return layouts;
  const Shape shape(x.shape());
  const Extents strides = row_major_strides(shape);
  Extents transposed = strides, doubled = strides, backwards = strides;
  std::int64_t stride = 1;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    transposed[axis] = stride;
    stride *= shape[axis];
    doubled[axis] *= 2;
    backwards[axis] *= -1;
  }
  layouts.push_back(laid_out(x, x.size(), transposed, 0));
  layouts.push_back(laid_out(x, 2 * x.size() + 1, doubled, 1));
  layouts.push_back(laid_out(x, x.size(), backwards, x.size() - 1));
  return layouts;
}

Array repeated_rows(const Shape& shape, unsigned seed) {
  Shape row = shape;
  row[0] = 1;
  const Array x = random_array(row, seed);
  Extents strides(x.strides());
  strides[0] = 0;
  return x.view(shape, strides, 0);
}

}  // namespace chainrule::testing
