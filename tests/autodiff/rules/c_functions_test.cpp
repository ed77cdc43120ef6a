// The functions of <cmath> that are aliases of operations, or conditions, on every operand.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <type_traits>

#include "autodiff/autodiff.hpp"

using namespace chainrule;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

/// Generic code as users write it, with the names of <cmath> and those of the library.
template <class T>
T spread(const T& x, const T& y) {
  using namespace std;
  if (!isfinite(x) || isnan(y)) return T(0.0);
  return fabs(x) + fmax(x, y) - fmin(x, y);
}

}  // namespace

TEST_CASE("fabs is abs") {
  Graph graph;
  const Var x = variable(-2.0);
  CHECK(fabs(x).value() == 2.0);
  CHECK(gradient(fabs(x))[x] == -1.0);
  const Tensor t = variable(tensor({-1.5, 2.0}));
  CHECK(fabs(t).at({0}) == 1.5);
  CHECK(gradient(sum(fabs(t)))[t].at({0}) == -1.0);
}

TEST_CASE("fmax and fmin agree with C for different operands, on numbers and in loops") {
  const double numbers[] = {-inf, -2.5, -0.0, 0.0, 1.0, 3.0, inf, nan_value};
  for (const double a : numbers)
    for (const double b : numbers) {
      CAPTURE(a);
      CAPTURE(b);
      Graph graph;
      const Var x = Var(a) + variable(0.0), y = Var(b) + variable(0.0);
      CHECK(same(fmax(x, y).value(), std::fmax(a, b)));
      CHECK(same(fmin(x, y).value(), std::fmin(a, b)));
      CHECK(same(fmax(x, b).value(), std::fmax(a, b)));
      CHECK(same(fmin(a, y).value(), std::fmin(a, b)));
      for (const DType type : {DType::float32, DType::float64}) {
        const Tensor s = tensor({a, a, a, a, a}).astype(type), t = tensor({b}).astype(type);
        CHECK(same(fmax(s, t).at({4}), std::fmax(a, b)));
        CHECK(same(fmin(s, t).at({0}), std::fmin(a, b)));
      }
      // Neither the smaller operand nor a NaN next to a number is reached.
      const Gradient d = gradient(fmax(x, y));
      CHECK(d.reaches(x.id()) == (a >= b || (std::isnan(b) && !std::isnan(a))));
      CHECK(d.reaches(y.id()) == (b >= a || (std::isnan(a) && !std::isnan(b))));
      if (d.reaches(x.id())) CHECK(d[x] == (a == b ? 0.5 : 1.0));
      const Gradient e = gradient(fmin(x, y));
      CHECK(e.reaches(x.id()) == (a <= b || (std::isnan(b) && !std::isnan(a))));
      CHECK(e.reaches(y.id()) == (b <= a || (std::isnan(a) && !std::isnan(b))));
    }
}

TEST_CASE("isnan, isfinite and isinf of a Var are bools and make no node") {
  Graph graph;
  const Var zero = variable(0.0);
  for (const double value : {0.0, -0.0, 1e308, -5e-324, inf, -inf, nan_value}) {
    CAPTURE(value);
    const Var x = zero + value;
    const std::size_t size = graph.size();
    static_assert(std::is_same_v<decltype(isnan(x)), bool>);
    static_assert(std::is_same_v<decltype(isfinite(x)), bool>);
    static_assert(std::is_same_v<decltype(isinf(x)), bool>);
    CHECK(isnan(x) == std::isnan(value));
    CHECK(isfinite(x) == std::isfinite(value));
    CHECK(isinf(x) == std::isinf(value));
    CHECK(graph.size() == size);
    CHECK(chainrule::isnan(value) == std::isnan(value));
  }
}

TEST_CASE("isnan, isfinite and isinf of a tensor are masks") {
  Graph graph;
  const Tensor ones_ = variable(tensor({1.0, 1.0, 1.0, 1.0, 1.0}));
  for (const DType type : {DType::float32, DType::float64}) {
    const Tensor x = (ones_ * tensor({1.0, -inf, nan_value, inf, -0.0})).astype(type);
    static_assert(std::is_same_v<decltype(isnan(x)), Mask>);
    CHECK(text_of(isnan(x)) == "[False False  True False False]");
    CHECK(text_of(isfinite(x)) == "[ True False False False  True]");
    CHECK(text_of(isinf(x)) == "[False  True False  True False]");
    CHECK(isinf(x.value()).any());
    // Elements that the mask does not choose have no effect on the gradient.
    const Gradient d = gradient(sum(where(isfinite(x), x, 0.0)));
    CHECK(d[ones_].at({2}) == 0.0);
    CHECK(d[ones_].at({0}) == 1.0);
  }
}

TEST_CASE("conditions of rules are printed") {
  const Text x("x"), y("y");
  CHECK(isnan(x).str() == "!(x == x)");
  CHECK(isinf(x).str() == "x == inf || x == (-inf)");
  CHECK((!isfinite(x * y)).str() == "!(x * y > (-inf) && x * y < inf)");
  CHECK(fmax(x, y).str() == "fmax(x, y)");
}

TEST_CASE("generic code finds the functions beside those of namespace std") {
  Graph graph;
  const Var x = variable(-2.0), y = variable(3.0);
  CHECK(spread(-2.0, 3.0) == 7.0);
  CHECK(spread(x, y).value() == 7.0);
  CHECK(gradient(spread(x, y))[x] == -2.0);
  CHECK(spread(x, Var(nan_value)).value() == 0.0);
  CHECK(tgamma(Var(5.0)).value() == 24.0);
  CHECK(lgamma(Var(2.0)).value() == 0.0);
}

namespace {
/// Var and Tensor in a function that uses both namespaces, in which std::max is a candidate as
/// well.
template <class X>
X between(const X& x, const X& low, const X& high) {
  using namespace std;
  return min(max(x, low), high) + clamp(x, low, high);
}
}  // namespace

TEST_CASE("max, min and clamp are recorded after using namespace std") {
  Graph graph;
  const Var x = variable(1.0), y = variable(3.0);
  CHECK(gradient(between(x, x, y))[x] == 2.0);
  CHECK(gradient(max(x, Var(x)))[x] == 1.0);
  const Tensor t = variable(tensor({1.0, 2.0})), u = variable(tensor({1.0, 5.0}));
  const Gradient d = gradient(sum(between(t, u, u)));
  CHECK(d[t].at({0}) == 1.25);  // a quarter by the ties of max and min
  CHECK(d[u].at({1}) == 2.0);
}

TEST_CASE("log_ndtr has its second derivative far out in both element types") {
  Graph graph;
  for (const auto& [type, far] : {std::pair{DType::float32, -1e20}, {DType::float64, -1e200}}) {
    const Tensor x = variable(tensor({far, -20.0}).astype(type));
    const Tensor first = derivative(Var(sum(log_ndtr(x))), x);
    const Tensor second = derivative(Var(sum(first)), x);
    CHECK(first.at({0}) == doctest::Approx(-far).epsilon(1e-6));
    CHECK(second.at({0}) == -1.0);
    CHECK(second.at({1}) == doctest::Approx(-0.997543).epsilon(1e-5));
  }
}
