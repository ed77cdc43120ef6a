// Structural operations at both ends of the range of both element types, up to second derivatives.
// Every operation is compared with itself at another scale; reductions, normalisations and losses
// are also compared with references in long double.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "autodiff/autodiff.hpp"
#include "tests/support/range_cases.hpp"
#include "tests/support/range_check.hpp"
#include "tests/support/structural_cases.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {

using Numbers = std::vector<double>;

template <class T>
void check_scaling(const StructuralCase& c, const ScalingRow& row) {
  const int operands = static_cast<int>(c.operands.size());
  const int degree = row.degree == per_operand ? operands : row.degree;
  std::vector<Array> point;
  for (std::size_t k = 0; k < c.operands.size(); ++k)
    point.push_back(
        random_array(c.operands[k], static_cast<unsigned>(11 + k), c.low, c.high, dtype_of<T>));
  const ValueAndDerivatives plain(c.f, point);
  for (const int end : {-1, 1}) {
    // Far enough for squares to leave the range, unless the result contains squares.
    const int exponent = end * (sizeof(T) == 4 ? 90 : 800) / std::max(degree, 1);
    std::vector<Array> moved;
    for (const Array& x : point) moved.push_back(x * std::ldexp(1.0, exponent));
    const ValueAndDerivatives results(c.f, moved);
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
      CHECK(worst_error<T>(results.parts[part], expected, 0.0) <= bound_of(row.bounds, part));
    }
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
        for (const double d : numbers_of(detail::centred(x, 1))) CHECK(d == 0.0);
        for (const double s : numbers_of(stddev(x, 1, 1.0))) CHECK(s == 0.0);
        for (const double z : numbers_of(detail::standardised(x, {1e-5}))) CHECK(z == 0.0);
        const Array columns = transpose(x);
        for (const double d : numbers_of(detail::centred(columns, 0))) CHECK(d == 0.0);
        for (const double v : numbers_of(var(columns, 0))) CHECK(v == 0.0);
      }
}
