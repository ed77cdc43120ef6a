// Reductions: values against loops, derivatives against differences, and the special points.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "autodiff/autodiff.hpp"
#include "autodiff/values/indices.hpp"
#include "tests/support/tensor_differences.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
const double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// The elements that are combined into each element of a reduction, in row-major order of the
/// result.
std::vector<std::vector<double>> groups(const Array& x, const Axes& axes) {
  const Shape shape(x.shape());
  Shape kept = shape;
  for (const std::int64_t axis : axes) kept[static_cast<std::size_t>(axis)] = 1;
  std::vector<std::vector<double>> result(static_cast<std::size_t>(element_count(kept, "groups")));
  const Extents strides = row_major_strides(kept);
  for (std::int64_t i = 0; i < x.size(); ++i) {
    std::int64_t position = 0, rest = i;
    for (std::size_t axis = shape.size(); axis-- > 0; rest /= shape[axis])
      if (kept[axis] != 1) position += rest % shape[axis] * strides[axis];
    result[static_cast<std::size_t>(position)].push_back(x.element(i));
  }
  return result;
}

using Reducer = std::function<Array(const Array&, const AxisList&, bool)>;
using Naive = std::function<double(const std::vector<double>&)>;

double total(const std::vector<double>& x) { return std::accumulate(x.begin(), x.end(), 0.0); }
double mean_of(const std::vector<double>& x) { return total(x) / static_cast<double>(x.size()); }
double squares_of(const std::vector<double>& x) {
  double sum = 0.0;
  for (const double t : x) sum += t * t;
  return sum;
}
double variance_of(const std::vector<double>& x) {
  double sum = 0.0;
  for (const double t : x) sum += (t - mean_of(x)) * (t - mean_of(x));
  return sum / static_cast<double>(x.size());
}

struct Named {
  const char* name;
  Reducer reduce;
  Naive naive;
};
const std::vector<Named> reductions = {
    {"sum", [](const Array& x, const AxisList& a, bool k) { return sum(x, a, k); }, total},
    {"mean", [](const Array& x, const AxisList& a, bool k) { return mean(x, a, k); }, mean_of},
    {"prod", [](const Array& x, const AxisList& a, bool k) { return prod(x, a, k); },
     [](const auto& x) { return std::accumulate(x.begin(), x.end(), 1.0, std::multiplies<>()); }},
    {"amax", [](const Array& x, const AxisList& a, bool k) { return amax(x, a, k); },
     [](const auto& x) { return *std::max_element(x.begin(), x.end()); }},
    {"amin", [](const Array& x, const AxisList& a, bool k) { return amin(x, a, k); },
     [](const auto& x) { return *std::min_element(x.begin(), x.end()); }},
    {"norm", [](const Array& x, const AxisList& a, bool k) { return norm(x, 2.0, a, k); },
     [](const auto& x) { return std::sqrt(squares_of(x)); }},
    {"norm 1", [](const Array& x, const AxisList& a, bool k) { return norm(x, 1.0, a, k); },
     [](const auto& x) {
       return std::accumulate(x.begin(), x.end(), 0.0,
                              [](double s, double t) { return s + std::abs(t); });
     }},
    {"norm 3", [](const Array& x, const AxisList& a, bool k) { return norm(x, 3.0, a, k); },
     [](const auto& x) {
       return std::cbrt(std::accumulate(x.begin(), x.end(), 0.0, [](double s, double t) {
         return s + std::pow(std::abs(t), 3.0);
       }));
     }},
    {"norm inf", [](const Array& x, const AxisList& a, bool k) { return norm(x, infinity, a, k); },
     [](const auto& x) {
       double most = 0.0;
       for (const double t : x) most = std::max(most, std::abs(t));
       return most;
     }},
    {"var", [](const Array& x, const AxisList& a, bool k) { return var(x, a, 0.0, k); },
     variance_of},
    {"stddev", [](const Array& x, const AxisList& a, bool k) { return stddev(x, a, 0.0, k); },
     [](const auto& x) { return std::sqrt(variance_of(x)); }},
    {"logsumexp", [](const Array& x, const AxisList& a, bool k) { return logsumexp(x, a, k); },
     [](const auto& x) {
       double sum = 0.0;
       for (const double t : x) sum += std::exp(t);
       return std::log(sum);
     }}};

void check_against_loops(const Named& named, const Array& x, const Axes& axes, double tolerance) {
  CAPTURE(named.name);
  CAPTURE(text_of(Shape(x.shape())));
  CAPTURE(text_of(axes));
  Shape kept(x.shape()), dropped(x.shape());
  for (std::size_t i = axes.size(); i-- > 0;) {
    kept[static_cast<std::size_t>(axes[i])] = 1;
    dropped.erase(static_cast<std::size_t>(axes[i]));
  }
  const Array with = named.reduce(x, axes, true), without = named.reduce(x, axes, false);
  CHECK(Shape(with.shape()) == kept);
  CHECK(Shape(without.shape()) == dropped);
  const auto expected = groups(x, axes);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double value = named.naive(expected[i]);
    CHECK(with.element(static_cast<std::int64_t>(i)) ==
          doctest::Approx(value).epsilon(tolerance).scale(1.0));
    CHECK(without.element(static_cast<std::int64_t>(i)) ==
          with.element(static_cast<std::int64_t>(i)));
  }
}

const std::vector<Axes> axes_of_three = {{}, {0}, {1}, {2}, {0, 1}, {0, 2}, {1, 2}, {0, 1, 2}};

}  // namespace

TEST_CASE("reductions agree with loops: every layout, every list of axes, both types") {
  const std::vector<Shape> shapes = {{2, 3, 4}, {5, 1, 37}, {70, 3, 2}, {1, 1, 1}};
  for (const Shape& shape : shapes)
    for (const DType dtype : {DType::float64, DType::float32}) {
      const Array x = random_array(shape, 3, -1.0, 1.5, dtype);
      for (const Array& layout : layouts_of(x))
        for (const Axes& axes : axes_of_three)
          for (const Named& named : reductions)
            check_against_loops(named, layout, axes, dtype == DType::float64 ? 1e-12 : 2e-5);
    }
  for (const Named& named : reductions) {
    check_against_loops(named, repeated_rows({6, 5, 2}), {0}, 1e-12);
    check_against_loops(named, repeated_rows({6, 5, 2}), {1, 2}, 1e-12);
    check_against_loops(named, array_of({}, {0.7}), {}, 1e-12);
    check_against_loops(named, random_array({5000}), {0}, 1e-12);
    check_against_loops(named, random_array({600, 3}, 5, 0.9, 1.1), {0}, 1e-12);
    check_against_loops(named, random_array({3, 1100}, 5, 0.9, 1.1), {0}, 1e-12);
    check_against_loops(named, random_array({300, 530}, 5, 0.99, 1.01), {0}, 1e-12);
  }
}

TEST_CASE("axes are written as in NumPy") {
  const Array x = random_array({2, 3, 4});
  CHECK(Shape(sum(x, 0).shape()) == Shape{3, 4});
  CHECK(Shape(sum(x, -1, true).shape()) == Shape{2, 3, 1});
  CHECK(Shape(sum(x, {-1, 0}).shape()) == Shape{3});
  CHECK(Shape(sum(x, {}).shape()) == Shape{2, 3, 4});
  CHECK(Shape(sum(x, {0}).shape()) == Shape{3, 4});
  CHECK(sum(x).rank() == 0);
  CHECK(Shape(mean(x, Axes{1, 2}, true).shape()) == Shape{2, 1, 1});
  CHECK_THROWS_WITH_AS(sum(x, 3), "sum: there is no axis 3 in a tensor of rank 3", ShapeError);
  CHECK_THROWS_WITH_AS(amax(x, {0, -3}), "amax: the axes [0, -3] contain a duplicate", ShapeError);
  CHECK_THROWS_AS(argmax(x, -4), ShapeError);
  CHECK_THROWS_AS(softmax(array_of({}, {1.0})), ShapeError);
  CHECK_THROWS_AS(sum(Tensor()), ShapeError);
  CHECK_THROWS_AS(norm(x, 0.0), DomainError);
}

TEST_CASE("of no elements: sums are 0, products 1, means NaN, and extremes an error") {
  const Array none = array_of({0, 3}, {});
  CHECK(numbers_of(sum(none, 0)) == std::vector<double>{0, 0, 0});
  CHECK_FALSE(std::signbit(sum(none).element(0)));
  CHECK(numbers_of(prod(none, 0)) == std::vector<double>{1, 1, 1});
  CHECK(std::isnan(mean(none).element(0)));
  CHECK(norm(none).element(0) == 0.0);
  CHECK(logsumexp(none).element(0) == -infinity);
  CHECK(sum(none, 1).size() == 0);
  CHECK(amax(none, 1).size() == 0);
  CHECK_THROWS_WITH_AS(amax(none, 0),
                       "amax: a tensor of shape [0, 3] has no elements along the axes [0], so the "
                       "result has no value",
                       ShapeError);
  CHECK_THROWS_AS(amin(none), ShapeError);
  CHECK_THROWS_AS(max_along(none, 0), ShapeError);
  CHECK_THROWS_AS(argmax(none, 0), ShapeError);
  CHECK(argmax(none, 1).size() == 0);
  CHECK_THROWS_AS(var(none), DomainError);
  CHECK_THROWS_WITH_AS(stddev(array_of({1}, {2.0}), 0, 1.0),
                       "stddev: for a tensor of shape [1] the divisor is 1 elements less the "
                       "correction 1, which is not above 0. Use a smaller correction.",
                       DomainError);
  CHECK(softmax(none).size() == 0);
  CHECK(cumsum(none, 0).size() == 0);
  CHECK(sum_to(none, {1, 3}).size() == 3);
  CHECK(std::signbit(sum_to(none, {1, 3}).element(0)));
  Graph graph;
  const Tensor x = variable(Tensor(none));
  CHECK(gradient(Var(sum(x) + 1.0))[x].size() == 0);
}

TEST_CASE("sums keep small terms") {
  const Array ones = Array::filled(DType::float32, Shape{10'000'000}, 1.0);
  CHECK(sum(ones).element(0) == 1e7);
  CHECK(mean(ones).element(0) == 1.0);
  const Array tenths = Array::filled(DType::float32, Shape{1'000'000, 3}, 0.1f);
  for (const double column : numbers_of(sum(tenths, 0)))
    CHECK(column == doctest::Approx(1e5).epsilon(1e-6));
  CHECK(sum(tenths).element(0) == doctest::Approx(3e5).epsilon(1e-6));
  CHECK(var(tenths).element(0) == 0.0);
  CHECK(norm(array_of({2}, {3e200, 4e200})).element(0) == doctest::Approx(5e200));
  CHECK(norm(array_of({2}, {3e-200, 4e-200})).element(0) == doctest::Approx(5e-200));
  CHECK(norm(array_of({2}, {3e30, 4e30}, DType::float32)).element(0) ==
        doctest::Approx(5e30).epsilon(1e-6));
  CHECK(norm(array_of({2}, {-infinity, 1.0})).element(0) == infinity);
  CHECK(norm(array_of({3}, {3e200, 4e200, 0.0}), 4.0).element(0) ==
        doctest::Approx(1e200 * std::pow(81.0 + 256.0, 0.25)));
}

TEST_CASE("NaN propagates, and the index of equal extremes is the first one") {
  const Array x = array_of({2, 4}, {1, not_a_number, 3, 2, 5, 7, 7, -1});
  CHECK(std::isnan(amax(x, 1).element(0)));
  CHECK(std::isnan(amin(x).element(0)));
  CHECK(amax(x, 1).element(1) == 7.0);
  CHECK(argmax(x, 1).to_vector() == std::vector<std::int64_t>{1, 1});
  CHECK(argmin(x, 1).to_vector() == std::vector<std::int64_t>{1, 3});
  CHECK(argmax(x, 0).to_vector() == std::vector<std::int64_t>{1, 0, 1, 0});
  CHECK(numbers_of(max_along(x, 0)).front() == 5.0);
  CHECK(numbers_of(min_along(x, -1))[1] == -1.0);
  const Array wide = array_of({40}, [] {
    std::vector<double> numbers(40, 1.0);
    numbers[38] = not_a_number;
    return numbers;
  }());
  CHECK(std::isnan(amax(wide).element(0)));
}

TEST_CASE("derivatives of reductions, to second order") {
  using Function = std::function<Tensor(const Tensor&, const AxisList&, bool)>;
  const std::vector<std::pair<const char*, Function>> functions = {
      {"sum", [](const auto& x, const auto& a, bool k) { return square(sum(x, a, k)); }},
      {"mean", [](const auto& x, const auto& a, bool k) { return exp(mean(x, a, k)); }},
      {"prod", [](const auto& x, const auto& a, bool k) { return prod(x, a, k); }},
      {"amax", [](const auto& x, const auto& a, bool k) { return square(amax(x, a, k)); }},
      {"amin", [](const auto& x, const auto& a, bool k) { return square(amin(x, a, k)); }},
      {"norm", [](const auto& x, const auto& a, bool k) { return norm(x, 2.0, a, k); }},
      {"norm 1", [](const auto& x, const auto& a, bool k) { return sin(norm(x, 1.0, a, k)); }},
      {"norm 3", [](const auto& x, const auto& a, bool k) { return norm(x, 3.0, a, k); }},
      {"norm 4", [](const auto& x, const auto& a, bool k) { return norm(x, 4.0, a, k); }},
      {"norm 2.5", [](const auto& x, const auto& a, bool k) { return norm(x, 2.5, a, k); }},
      {"norm inf",
       [](const auto& x, const auto& a, bool k) { return exp(norm(x, infinity, a, k)); }},
      {"var", [](const auto& x, const auto& a, bool k) { return square(var(x, a, 0.5, k)); }},
      {"stddev", [](const auto& x, const auto& a, bool k) { return stddev(x, a, 0.25, k); }},
      {"logsumexp", [](const auto& x, const auto& a, bool k) { return logsumexp(x, a, k); }}};
  const std::vector<Array> layouts = layouts_of(random_array({2, 3, 2}, 11));
  for (const auto& [name, f] : functions) {
    int i = 0;
    for (const Axes& axes : axes_of_three) {
      const bool is_spread = std::string(name) == "stddev" || std::string(name) == "var";
      if (axes.empty() && is_spread) continue;
      ++i;
      const auto function = [&, &reduce = f](const std::vector<Tensor>& x) {
        return reduce(x[0], axes, i % 2 == 0);
      };
      check_derivatives(name, function, {layouts[static_cast<std::size_t>(i) % 4]});
    }
    if (std::string(name).find("norm") != 0 || std::string(name) != "stddev")
      check_derivatives(name, [&, &reduce = f](const auto& x) { return reduce(x[0], 1, false); },
                        {repeated_rows({2, 3}, 4)});
  }
  for (const std::int64_t axis : {0, 1}) {
    check_derivatives("max_along", [&](const auto& x) { return square(max_along(x[0], axis)); },
                      {random_array({3, 4}, 8)});
    check_derivatives("min_along",
                      [&](const auto& x) { return square(min_along(x[0], axis, true)); },
                      {random_array({3, 4}, 9)});
  }
}

namespace {

/// The gradient of a function's sum at a point, and that of the gradient's sum of squares.
std::pair<std::vector<double>, std::vector<double>> two_gradients(
    const std::function<Tensor(const Tensor&)>& f, const Array& point) {
  Graph graph;
  const Tensor x = variable(Tensor(point));
  const Var output = sum(f(x));
  const Tensor first = derivative(output, x);
  CHECK(numbers_of(gradient(output)[x].value()) == numbers_of(first.value()));
  if (first.is_constant())
    return {numbers_of(first.value()), std::vector<double>(static_cast<std::size_t>(x.size()))};
  return {numbers_of(first.value()), numbers_of(derivative(Var(sum(square(first))), x).value())};
}

}  // namespace

TEST_CASE("ties share the derivative of amax and amin; the first has that of max_along") {
  const Array x = array_of({2, 3}, {1, 4, 4, 7, 7, 7});
  CHECK(two_gradients([](const Tensor& t) { return amax(t, 1); }, x).first ==
        std::vector<double>{0, 0.5, 0.5, 1.0 / 3, 1.0 / 3, 1.0 / 3});
  CHECK(two_gradients([](const Tensor& t) { return amax(t); }, x).first ==
        std::vector<double>{0, 0, 0, 1.0 / 3, 1.0 / 3, 1.0 / 3});
  CHECK(two_gradients([](const Tensor& t) { return amin(t, 0); }, x).first ==
        std::vector<double>{1, 1, 1, 0, 0, 0});
  CHECK(two_gradients([](const Tensor& t) { return max_along(t, 1); }, x).first ==
        std::vector<double>{0, 1, 0, 1, 0, 0});
  CHECK(two_gradients([](const Tensor& t) { return min_along(t, 1, true); }, x).first ==
        std::vector<double>{1, 0, 0, 1, 0, 0});
}

TEST_CASE("where a norm or a deviation is 0 nothing flows, and no derivative is NaN") {
  const Array zeros = array_of({2, 3}, {0, 0, 0, 3, 0, 4});
  for (const double p : {1.0, 1.5, 2.0, 3.0, 4.0, infinity}) {
    CAPTURE(p);
    const auto [first, second] =
        two_gradients([&](const Tensor& t) { return norm(t, p, 1); }, zeros);
    for (std::size_t i = 0; i < 6; ++i) {
      CHECK(std::isfinite(first[i]));
      CHECK(std::isfinite(second[i]));
      if (i < 3 && p < infinity) CHECK(first[i] == 0.0);
      if (i < 3) CHECK(second[i] == 0.0);
    }
    CHECK(first[5] ==
          doctest::Approx(
              p == infinity ? 1.0
                            : std::pow(4.0 / norm(array_of({2}, {3, 4}), p).element(0), p - 1.0)));
  }
  const Array constant = array_of({2, 3}, {0.1, 0.1, 0.1, 1, 2, 4});
  const auto [first, second] =
      two_gradients([](const Tensor& t) { return stddev(t, 1); }, constant);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(first[i] == 0.0);
    CHECK(second[i] == 0.0);
    CHECK(first[i + 3] != 0.0);
  }
  CHECK(stddev(constant, 1).element(0) == 0.0);
}

TEST_CASE("norms whose order exceeds 2^53 keep the signs of their derivatives") {
  Graph graph;
  const Tensor x = variable(tensor({-1, 0.5}));
  for (const double p : {3.0, 4.0, 1e15, 1e17, 1e300}) {
    CAPTURE(p);
    const Tensor d = gradient(norm(x, p))[x];
    CHECK(d.at({0}) < -0.9);
    CHECK(std::abs(d.at({1})) < 0.3);
  }
}

TEST_CASE("a statistic in a branch that is not taken has no effect on the gradient") {
  Graph graph;
  const Tensor x = variable(Tensor(array_of({2, 2}, {1e308, 1e308, 0.5, 2.0})));
  // exp overflows in the first row, whose loss is masked out.
  const Array mask = array_of({2}, {0.0, 1.0});
  for (const auto& f : std::vector<std::function<Tensor(const Tensor&)>>{
           [](const Tensor& t) { return logsumexp(t, 1); },
           [](const Tensor& t) { return prod(t, 1); },
           [](const Tensor& t) { return norm(t, 2, 1); },
           [](const Tensor& t) { return stddev(t, 1); },
           [](const Tensor& t) { return sum(softmax(t) * exp(t), 1); },
           [](const Tensor& t) { return sum(log_softmax(t), 1); }}) {
    const Tensor y = f(exp(x));
    const Var output = sum(select(mask != 0.0, y, 0.0));
    const Gradient d = gradient(output);
    const Tensor recorded = derivative(output, x);
    for (std::int64_t i = 0; i < 4; ++i) {
      CAPTURE(i);
      CHECK(std::isfinite(d[x].value().element(i)));
      CHECK(d[x].value().element(i) == doctest::Approx(recorded.value().element(i)));
      if (i < 2) CHECK(d[x].value().element(i) == 0.0);
    }
  }
}

TEST_CASE("the index of an extreme has the shape without the axis") {
  const Array x = random_array({2, 3});
  CHECK(text_of(argmax(x, 1).shape()) == "[2]");
  CHECK(text_of(argmin(x, 0).shape()) == "[3]");
}

TEST_CASE("a norm whose squares are subnormal has full accuracy") {
  const Array x = array_of({2}, {3e-21, 4e-21}, DType::float32);
  CHECK(std::abs(norm(x).element(0) / 5e-21 - 1.0) < 2e-7);
}

TEST_CASE("the rounding of each row's own mean is corrected") {
  // The mean of the second row lies between two neighbours in float32 and is rounded.
  const double spacing = 0x1p-14;
  const Array x = array_of({2, 2}, {1.0, 3.0, 1000.0, 1000.0 + spacing}, DType::float32);
  CHECK(numbers_of(var(x, 1)) == std::vector<double>{1.0, spacing * spacing / 4.0});
}

TEST_CASE("each row has its own mean and magnitude") {
  // The means of the first row and column are rounded, by half the distance of adjacent numbers.
  const double step = std::nextafter(1e8, 2e8) - 1e8;
  const Array x = array_of({2, 2}, {1e8, 1e8 + step, -1e-8, 1e-8});
  const std::vector<double> variances = {step * step / 4.0, 1e-16};
  const std::vector<double> centres = {-step / 2.0, step / 2.0, -1e-8, 1e-8};
  for (std::size_t i = 0; i < 2; ++i) {
    const auto at = static_cast<std::int64_t>(i);
    CHECK(var(x, 1).element(at) == doctest::Approx(variances[i]).epsilon(1e-12));
    CHECK(var(transpose(x), 0).element(at) == doctest::Approx(variances[i]).epsilon(1e-12));
  }
  CHECK(numbers_of(detail::centred(x, 1)) == centres);
  CHECK(numbers_of(transpose(detail::centred(transpose(x), 0))) == centres);
  const Array sides = array_of({3, 2}, {3, 4, 3e-200, 4e-200, 3e200, 4e200});
  const std::vector<double> norms = numbers_of(norm(sides, 2.0, 1));
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(norms[i] == doctest::Approx(5.0 * std::pow(10.0, i == 0 ? 0 : i == 1 ? -200 : 200)));
  CHECK_FALSE(std::signbit(norm(array_of({0, 2}, {}), 3.0).element(0)));
}

TEST_CASE("indices of extremes of rows without elements are an error, unless there are no rows") {
  CHECK(detail::extreme_index(array_of({0, 0}, {}), 1, true).size() == 0);
  CHECK(numbers_of(detail::extreme_mask(array_of({2, 0}, {}), 1, false)).empty());
}
