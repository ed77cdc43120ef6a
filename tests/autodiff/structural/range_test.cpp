// Structural operations at both ends of the range of both element types, up to second derivatives.
// Every operation is compared with itself at another scale; reductions, normalisations and losses
// are also compared with references in long double.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "autodiff/autodiff.hpp"
#include "tests/support/loops.hpp"
#include "tests/support/range_cases.hpp"
#include "tests/support/structural_cases.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {

using Numbers = std::vector<double>;

/// Calls f(name, cases) for each operation of a list.
template <class F, class... Rules>
void for_each_rule(RuleList<Rules...>, F&& f) {
  (f(std::string(Rules::notation.name), structural_cases<Rules>()), ...);
}

/// The weights of the sums S = sum(c f(x)) and T = sum(e dS/dx).
Array weights(const Shape& shape, unsigned seed, DType dtype) {
  return random_array(shape, seed, 0.5, 1.5, dtype);
}

/// f(x), dS/dx and dT/dx for every operand, in one list each; 0 for a derivative to which nothing
/// flows.
struct Results {
  Numbers parts[3];

  Results(const TensorFunction& f, const std::vector<Array>& point) {
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
};

/// The largest error in units in the last place of the largest expected number. If an expected
/// number is beyond the range, a result that is not finite is correct.
template <class T>
double worst(const Numbers& found, const Numbers& expected, double scale) {
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

double bound_of(const Bounds& bounds, int part) {
  return part == 0 ? bounds.value : part == 1 ? bounds.gradient : bounds.second;
}

template <class T>
void check_scaling(const StructuralCase& c, const ScalingRow& row) {
  const int operands = static_cast<int>(c.operands.size());
  const int degree = row.degree == per_operand ? operands : row.degree;
  std::vector<Array> point;
  for (std::size_t k = 0; k < c.operands.size(); ++k)
    point.push_back(
        random_array(c.operands[k], static_cast<unsigned>(11 + k), c.low, c.high, dtype_of<T>));
  const Results plain(c.f, point);
  for (const int end : {-1, 1}) {
    // Far enough for squares to leave the range, unless the result contains squares.
    const int exponent = end * (sizeof(T) == 4 ? 90 : 800) / std::max(degree, 1);
    std::vector<Array> moved;
    for (const Array& x : point) moved.push_back(x * std::ldexp(1.0, exponent));
    const Results results(c.f, moved);
    for (int part = 0; part < 3; ++part) {
      CAPTURE(exponent);
      CAPTURE(part);
      Numbers expected = plain.parts[part];
      for (std::size_t i = 0; i < expected.size(); ++i) {
        const double scaled = std::ldexp(expected[i], exponent * (degree - part));
        // Constants within the operation, such as those of pad(), do not scale.
        const bool is_constant = part == 0 && results.parts[0][i] == expected[i];
        if (!is_constant) expected[i] = scaled;
      }
      CHECK(worst<T>(results.parts[part], expected, 0.0) <= bound_of(row.bounds, part));
    }
  }
}

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

/// The expected Results; and the largest value of a reference of absolute values.
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
    const Results results(c.f, operands);
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
      CHECK(worst<T>(results.parts[part], expected.parts[part], least) <= bound_of(c.bounds, part));
    }
  }
}

void check_cases(const std::vector<RangeCase>& cases) {
  for (const RangeCase& c : cases) {
    CAPTURE(c.name);
    check_case<float>(c);
    check_case<double>(c);
  }
}

}  // namespace

TEST_CASE("every structural operation has bounds, and is the same at both ends of the range") {
  for_each_rule(StructuralOperations(), [](const std::string& name, const StructuralCases& cases) {
    CAPTURE(name);
    const ScalingRow* const row = scaling_row(name);
    REQUIRE_MESSAGE(row != nullptr, "no row in tests/support/range_bounds.hpp");
    if (row->degree == inhomogeneous || row->degree == per_element) return;
    for (const StructuralCase& c : cases) {
      check_scaling<float>(c, *row);
      check_scaling<double>(c, *row);
    }
  });
}

TEST_CASE("reductions at every magnitude") { check_cases(reduction_cases()); }
TEST_CASE("normalisations at every magnitude") { check_cases(normalisation_cases()); }
TEST_CASE("losses at every magnitude") { check_cases(loss_cases()); }

TEST_CASE("running sums keep terms that are small relative to them") {
  for (const std::int64_t axis : {0, 1}) {
    // 2^24 and ones; in double, 2^53 and ones.
    for (const DType dtype : {DType::float32, DType::float64}) {
      const double first = dtype == DType::float32 ? 0x1p24 : 0x1p53;
      Numbers numbers(1001, 1.0);
      numbers[0] = first;
      const Array x = array_of(axis == 0 ? Shape{1001, 1} : Shape{1, 1001}, numbers, dtype);
      CHECK(cumsum(x, axis).element(1000) == first + 1000.0);
      const Array pairs = concat({x, x}, 1 - axis);  // several adjacent lines
      CHECK(cumsum(pairs, axis).element(pairs.size() - 1) == first + 1000.0);
    }
  }
  // A partial sum may be beyond the range while the following ones are not.
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const auto& [dtype, large] : {std::pair(DType::float32, 2e38), {DType::float64, 1e308}}) {
    const Numbers sums =
        numbers_of(cumsum(array_of({5}, {large, large, -large, -large, 1.0}, dtype), 0));
    CHECK(sums[1] == infinity);
    CHECK(sums[2] == array_of({}, {large}, dtype).element(0));
    CHECK(sums[3] == 0.0);
    CHECK(sums[4] == 1.0);
    const Numbers special =
        numbers_of(cumsum(array_of({4}, {large, -infinity, large, infinity}, dtype), 0));
    CHECK(special[1] == -infinity);
    CHECK(special[2] == -infinity);
    CHECK(std::isnan(special[3]));
  }
}

TEST_CASE("sums, means and products with intermediate overflow, by rows and by columns") {
  for (const DType dtype : {DType::float32, DType::float64}) {
    const double large = dtype == DType::float32 ? 0x1.8p127 : 0x1.8p1023;
    Numbers numbers(200, large), factors(200, 0x1p100);
    for (std::size_t i = 100; i < 200; ++i) {
      numbers[i] = -large;
      factors[i] = 0x1p-100;
    }
    numbers[0] = large / 2.0;
    factors[0] = 0x1.8p100;
    for (const std::int64_t axis : {0, 1}) {
      const Shape one = axis == 0 ? Shape{200, 1} : Shape{1, 200};
      const Array x =
          concat({array_of(one, numbers, dtype), array_of(one, numbers, dtype)}, 1 - axis);
      const Array y =
          concat({array_of(one, factors, dtype), array_of(one, factors, dtype)}, 1 - axis);
      CHECK(numbers_of(sum(x, axis)) == Numbers{-large / 2.0, -large / 2.0});
      CHECK(numbers_of(mean(abs(x), axis))[0] == doctest::Approx(large / 200.0 * 199.5));
      CHECK(numbers_of(prod(y, axis)) == Numbers{1.5, 1.5});
    }
  }
}

TEST_CASE("equal elements less their mean are exactly 0") {
  for (const DType dtype : {DType::float32, DType::float64})
    for (const double number : {0.1, 1e-30, 1e30, 123456.789})
      for (const std::int64_t n : {3, 10, 1000, 1023}) {
        const Array x = Array::filled(dtype, Shape{2, n}, number);
        for (const double d : numbers_of(centred(x, 1))) CHECK(d == 0.0);
        for (const double s : numbers_of(stddev(x, 1, 1.0))) CHECK(s == 0.0);
        for (const double z : numbers_of(standardised(x, {1e-5}))) CHECK(z == 0.0);
        const Array columns = transpose(x);
        for (const double d : numbers_of(centred(columns, 0))) CHECK(d == 0.0);
        for (const double v : numbers_of(var(columns, 0))) CHECK(v == 0.0);
      }
}
