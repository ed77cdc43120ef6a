#include "tests/support/range_check.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "autodiff/autodiff.hpp"
#include "tests/support/loops.hpp"

namespace chainrule::testing {
namespace {

using Numbers = std::vector<double>;

/// The weights of the sums S = sum(c f(x)) and T = sum(e dS/dx).
Array weights(const Shape& shape, unsigned seed, DType dtype) {
  return random_array(shape, seed, 0.5, 1.5, dtype);
}

}  // namespace

ValueAndDerivatives::ValueAndDerivatives(const TensorFunction& f, const std::vector<Array>& point) {
  Graph graph;
  std::vector<Tensor> x;
  for (const Array& array : point) x.push_back(variable(Tensor(array)));
  const Tensor y = f(x);
  parts[0] = numbers_of(y.value());
  Tensor scalar = sum(y * Tensor(weights(y.shape(), 77, y.dtype())));
  for (int order = 1; order <= 2; ++order) {
    std::vector<Tensor> slopes;
    const Tensor one = ones_like(scalar);
    if (scalar.is_constant())
      for (const Tensor& each : x) slopes.push_back(zeros_like(each));
    else
      slopes = derivative(std::span(&scalar, 1), std::span(&one, 1), x);
    scalar = zeros_like(scalar);
    for (std::size_t k = 0; k < slopes.size(); ++k) {
      const Numbers numbers = numbers_of(slopes[k].value());
      parts[order].insert(parts[order].end(), numbers.begin(), numbers.end());
      const Array c = weights(slopes[k].shape(), static_cast<unsigned>(99 + k), y.dtype());
      scalar = scalar + sum(slopes[k] * Tensor(c));
    }
  }
}

template <class T>
double worst_error(const Numbers& found, const Numbers& expected, double scale) {
  REQUIRE(found.size() == expected.size());
  for (const double want : expected)
    if (std::abs(want) <= std::numeric_limits<T>::max()) scale = std::max(scale, std::abs(want));
  double worst = 0.0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const bool is_beyond = std::abs(expected[i]) > std::numeric_limits<T>::max();
    if (is_beyond && !std::isfinite(found[i])) continue;
    worst = std::max(worst, ulps<T>(static_cast<T>(found[i] + 0.0), expected[i] + 0.0, scale));
  }
  return worst;
}
template double worst_error<float>(const Numbers&, const Numbers&, double);
template double worst_error<double>(const Numbers&, const Numbers&, double);

double bound_of(const Bounds& bounds, int part) {
  return part == 0 ? bounds.value : part == 1 ? bounds.gradient : bounds.second;
}

namespace {

/// A point at which a case is measured.
struct RangePoint {
  std::int64_t size;
  double scale, offset;
};

template <class T>
std::vector<RangePoint> range_points(std::int64_t most) {
  constexpr bool is_float = sizeof(T) == 4;
  std::vector<double> scales = {1e-37, 1e-30, 1e-23, 1e-19, 1e-10, 1e10, 1e19, 1e23, 1e30, 8e37};
  if (!is_float)
    scales = {1e-307, 1e-300, 1e-170, 1e-155, 1e-140, 1e140, 1e155, 1e170, 1e300, 4e307};
  scales.push_back(1.0);
  std::vector<RangePoint> points;
  for (const std::int64_t size : {std::int64_t{4}, most})
    for (const double scale : scales) {
      points.push_back({size, scale, 0.0});
      // Spreads that are small relative to the mean: many units in its last place, and a few.
      for (const double part : {1e6, is_float ? 4e6 : 1e15})
        if (scale <= std::numeric_limits<T>::max() / part / 4.0)
          points.push_back({size, scale, scale * part});
    }
  return points;
}

template <class T>
std::vector<Array> operands_at(const RangeCase& c, const RangePoint& point) {
  Numbers numbers = numbers_of(random_array({point.size}, 23));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const bool is_inverse = c.is_balanced && i >= numbers.size() / 2;
    numbers[i] = numbers[i] * (is_inverse ? 1.0 / point.scale : point.scale) + point.offset;
  }
  std::vector<Array> operands = {array_of({point.size}, numbers, dtype_of<T>)};
  for (int k = 0; k < c.others; ++k)
    operands.push_back(
        random_array({point.size}, static_cast<unsigned>(31 + k), -2.0, 2.0, dtype_of<T>));
  return operands;
}

/// The expected ValueAndDerivatives, and the largest value of a reference computed with absolute
/// values.
struct Expected {
  Numbers parts[3];
  double magnitude = 0.0;

  Expected(const RangeReference& reference, const std::vector<Array>& point) {
    std::vector<HyperDuals> x, absolute;
    for (std::size_t k = 0; k < point.size(); ++k) {
      const Array e =
          weights(Shape(point[k].shape()), static_cast<unsigned>(99 + k), point[k].dtype());
      x.emplace_back();
      absolute.emplace_back();
      for (std::int64_t i = 0; i < e.size(); ++i) {
        x[k].push_back({point[k].element(i), e.element(i), 0.0L, 0.0L});
        absolute[k].push_back(std::abs(point[k].element(i)));
      }
    }
    for (const HyperDual& y : reference(x)) parts[0].push_back(static_cast<double>(y.v));
    for (const HyperDual& y : reference(absolute))
      magnitude = std::max(magnitude, static_cast<double>(y.v));
    const auto count = static_cast<std::int64_t>(parts[0].size());
    const Array c = weights(parts[0].size() == 1 ? Shape{} : Shape{count}, 77, point[0].dtype());
    for (HyperDuals& operand : x)
      for (HyperDual& each : operand) {
        each.b = 1.0L;
        HyperDual total;
        std::int64_t i = 0;
        for (const HyperDual& y : reference(x)) total = total + y * HyperDual(c.element(i++));
        each.b = 0.0L;
        parts[1].push_back(static_cast<double>(total.b));
        parts[2].push_back(static_cast<double>(total.ab));
      }
  }
};

template <class T>
void check_case(const RangeCase& c) {
  for (const RangePoint& point : range_points<T>(c.size)) {
    if (c.is_balanced && point.offset != 0.0) continue;
    const std::vector<Array> operands = operands_at<T>(c, point);
    const Expected expected(c.reference, operands);
    const ValueAndDerivatives results(c.f, operands);
    const bool is_finite =
        std::all_of(expected.parts[0].begin(), expected.parts[0].end(),
                    [](double y) { return std::abs(y) <= std::numeric_limits<T>::max(); });
    for (int part = 0; part < (is_finite ? c.parts : 1); ++part) {
      const double least = part == 0 && c.cancels
                               ? std::min<double>(expected.magnitude, std::numeric_limits<T>::max())
                               : c.least;
      CAPTURE(sizeof(T));
      CAPTURE(point.size);
      CAPTURE(point.scale);
      CAPTURE(point.offset);
      CAPTURE(part);
      CHECK(worst_error<T>(results.parts[part], expected.parts[part], least) <=
            bound_of(c.bounds, part));
    }
  }
}

}  // namespace

void check_cases(const std::vector<RangeCase>& cases) {
  for (const RangeCase& c : cases) {
    CAPTURE(c.name);
    check_case<float>(c);
    check_case<double>(c);
  }
}

}  // namespace chainrule::testing
