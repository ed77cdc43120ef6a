#include "tests/support/tensor_differences.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>

#include "autodiff/graph/graph.hpp"
#include "autodiff/structural/arrangement.hpp"
#include "autodiff/transform/gradient.hpp"

namespace chainrule::testing {
namespace {

constexpr unsigned output_seed = 77, gradient_seed = 99;

Var weighted_sum(const Tensor& y, unsigned seed) {
  return sum_to(y * random_array(y.shape(), seed, 0.5, 1.5), {});
}

std::vector<Tensor> variables_at(const std::vector<Array>& point) {
  std::vector<Tensor> x;
  for (const Array& array : point) x.push_back(variable(Tensor(array)));
  return x;
}

std::vector<Tensor> zeros_at(const std::vector<Array>& point) {
  std::vector<Tensor> zeros;
  for (const Array& array : point)
    zeros.emplace_back(Array::filled(array.dtype(), array.shape(), 0.0));
  return zeros;
}

/// The derivatives of a scalar that may be a constant, by the recorded or the numeric sweep.
std::vector<Tensor> recorded_slopes(const Var& y, const std::vector<Tensor>& x,
                                    const std::vector<Array>& point) {
  return y.is_constant() ? zeros_at(point) : derivative(y, x);
}
std::vector<Tensor> slopes_in_numbers(const Var& y, const std::vector<Tensor>& x,
                                      const std::vector<Array>& point) {
  if (y.is_constant()) return zeros_at(point);
  const Gradient d = gradient(y);
  std::vector<Tensor> slopes;
  for (const Tensor& t : x) slopes.emplace_back(d[t].value());
  return slopes;
}

/// The scalar to differentiate for the next order: a weighted sum of the derivatives of the
/// previous order.
Var combined(const std::vector<Tensor>& slopes, int order) {
  Var sum = 0.0;
  unsigned seed = gradient_seed * static_cast<unsigned>(order - 1);
  for (const Tensor& d : slopes) sum = sum + weighted_sum(d, seed++);
  return sum;
}

/// S, T, ... of the given order as a recorded function of the variables.
Var scalar_of(const TensorFunction& f, const std::vector<Tensor>& x,
              const std::vector<Array>& point, int order) {
  Var scalar = weighted_sum(f(x), output_seed);
  for (int n = 2; n <= order; ++n) scalar = combined(recorded_slopes(scalar, x, point), n);
  return scalar;
}

/// The value of that scalar; its derivatives come from the numeric sweep.
double value_at(const TensorFunction& f, const std::vector<Array>& point, int order) {
  if (order == 1) {
    const std::vector<Tensor> x(point.begin(), point.end());
    return weighted_sum(f(x), output_seed).value();
  }
  Graph graph;
  const std::vector<Tensor> x = variables_at(point);
  return combined(slopes_in_numbers(scalar_of(f, x, point, order - 1), x, point), order).value();
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
  // Takes the differences of neighbours first: a large common part then cancels exactly.
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
  Graph graph;
  const std::vector<Tensor> x = variables_at(point);
  Var scalar = scalar_of(f, x, point, 1);
  if (scalar.is_constant()) {
    for (const Array& array : point) CHECK(array.size() == 0);
    return;
  }
  for (int order = 1; order <= options.order; ++order) {
    CAPTURE(order);
    const std::vector<Tensor> slopes = recorded_slopes(scalar, x, point);
    const std::vector<Tensor> numbers = slopes_in_numbers(scalar, x, point);
    for (std::size_t k = 0; k < x.size(); ++k)
      compare(slopes[k].value(), numbers[k].value(), options.rounding);
    check_order(f, point, order, slopes, options);
    if (order < options.order) scalar = combined(slopes, order + 1);
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

/// Copies the elements of x to memory of the given size, with the given strides and offset.
Array laid_out(const Array& x, std::int64_t memory, const Extents& strides, std::int64_t offset) {
  const Shape shape(x.shape());
  Array base = Array::filled(x.dtype(), Shape{memory}, 1e30);  // a value that must not be read
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
