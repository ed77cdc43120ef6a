// Rules in a namespace that uses no name of the library find all of its functions.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <type_traits>

#include "autodiff/autodiff.hpp"

namespace elsewhere {

/// Functions of integers instead of doubles, which a rule must not find by mistake.
inline int abs(int x) { return x < 0 ? -x : x; }
inline int max(int x, int y) { return x < y ? y : x; }

/// A function of the user that rules call; all operands of its select are plain numbers.
auto step(const auto& x) { return select(x > 0.0, 1.0, 0.25); }

/// |x| sigmoid(y) + max(x, y)^2, with steps of both.
struct Blend : chainrule::Binary {
  static constexpr chainrule::Notation notation = chainrule::composed("blend");
  static auto value(const auto& x, const auto& y) {
    return abs(x) * sigmoid(y) + step(x) * square(max(x, y)) + select(x > y && y > 0.0, 1.0, 2.0);
  }
  static auto dx(const auto& x, const auto& y, const auto&) {
    return sign(x) * sigmoid(y) +
           normally(
               x > y && x > -1e300, [&] { return 2.0 * step(x) * x; }, [&] { return 0.0 * x; });
  }
  static auto dy(const auto& x, const auto& y, const auto&) {
    const auto s = sigmoid(y);
    return abs(x) * s * (1.0 - s) + select(y > x, 2.0 * step(x) * y, 0.0);
  }
};

/// y where 0 < x < 1: the partials are structural zeros elsewhere; conditions may be bools.
struct Window : chainrule::Binary {
  static constexpr chainrule::Notation notation = chainrule::composed("window");
  static auto value(const auto& x, const auto& y) { return select(x > 0.0 && x < 1.0, y, 0.0); }
  static auto dx(const auto&, const auto&, const auto&) { return chainrule::Zero{}; }
  static auto dy(const auto& x, const auto&, const auto&) {
    return only_if(x > 0.0 && x < 1.0, 1.0);
  }
};

/// A primitive: a function of doubles, run on doubles.
inline double halved(double x) { return std::ldexp(x, -1); }
struct Halved : chainrule::Unary {
  static constexpr chainrule::Notation notation = chainrule::library_call("halved");
  static auto value(const auto& x) { return halved(x); }
  static auto dx(const auto&, const auto&) { return 0.5; }
};

/// A rule with functions for doubles in addition to the templates.
struct Squared : chainrule::Unary {
  static constexpr chainrule::Notation notation = chainrule::composed("squared");
  static double value(double x) { return std::pow(x, 2.0); }
  static double dx(double x, double) { return std::ldexp(x, 1); }
  static auto value(const auto& x) { return x * x; }
  static auto dx(const auto& x, const auto&) { return 2.0 * x; }
};

/// A rule in terms of another rule from outside.
struct BlendOfTwo : chainrule::Unary {
  static constexpr chainrule::Notation notation = chainrule::composed("blend_of_two");
  static auto value(const auto& x) { return chainrule::apply<Blend>(x, 2.0 * x) + 1; }
  static auto dx(const auto& x, const auto& r) {
    return Blend::dx(x, 2.0 * x, r) + 2.0 * Blend::dy(x, 2.0 * x, r);
  }
};

}  // namespace elsewhere

template <>
inline constexpr bool chainrule::listed_outside<elsewhere::Blend> = true;
template <>
inline constexpr bool chainrule::listed_outside<elsewhere::Window> = true;
template <>
inline constexpr bool chainrule::listed_outside<elsewhere::Halved> = true;
template <>
inline constexpr bool chainrule::listed_outside<elsewhere::Squared> = true;
template <>
inline constexpr bool chainrule::listed_outside<elsewhere::BlendOfTwo> = true;

namespace {

namespace cr = chainrule;
using elsewhere::Blend;
using elsewhere::BlendOfTwo;
using elsewhere::Halved;
using elsewhere::Squared;
using elsewhere::Window;

/// Blend, written for doubles.
double blend(double x, double y) {
  const double larger = std::fmax(x, y);
  return std::fabs(x) / (1.0 + std::exp(-y)) + (x > 0.0 ? 1.0 : 0.25) * larger * larger +
         (x > y && y > 0.0 ? 1.0 : 2.0);
}

constexpr double points[][2] = {{0.7, 0.4}, {0.3, 1.9}, {-0.6, 0.9}, {-0.4, -1.7}};

bool close(double a, double b, double tolerance) {
  return std::abs(a - b) <= tolerance * std::max(1.0, std::abs(b));
}

}  // namespace

TEST_CASE("a rule in another namespace finds the functions on plain numbers") {
  for (const double* const point : points) {
    const double x = point[0], y = point[1];
    CAPTURE(x);
    CAPTURE(y);
    const auto value = cr::apply<Blend>(x, y);
    static_assert(std::is_same_v<decltype(value), const double>);
    CHECK(close(value, blend(x, y), 1e-14));
    CHECK(close(cr::apply<BlendOfTwo>(x), blend(x, 2.0 * x) + 1.0, 1e-14));
    CHECK(cr::apply<Halved>(x) == x / 2.0);
    static_assert(std::is_same_v<decltype(cr::partial<Window, 1>(x, y, y)), cr::Gated<double>>);
    static_assert(std::is_same_v<decltype(cr::partial<Blend, 0>(x, y, y)), double>);
  }
  static_assert(cr::detail::ValueOfDoubles<Squared, double>);
  static_assert(cr::detail::PartialOfDoubles<Squared, 0, double, double>);
  static_assert(!cr::detail::ValueOfDoubles<Blend, double, double>);
  CHECK(cr::apply<Squared>(3) == 9.0);
  CHECK(cr::apply<Window>(0.5, 3) == 3.0);
  CHECK(cr::apply<Window>(1.5f, 3) == 0.0);
}

TEST_CASE("a rule in another namespace has numeric and recorded derivatives") {
  for (const double* const point : points) {
    const double x0 = point[0], y0 = point[1];
    CAPTURE(x0);
    CAPTURE(y0);
    cr::Graph graph;
    const cr::Var x = cr::variable(x0), y = cr::variable(y0);
    const cr::Var z = cr::apply<Blend>(x, y), w = cr::apply<BlendOfTwo>(x);
    CHECK(close(z.value(), blend(x0, y0), 1e-14));
    const cr::Gradient dz = cr::gradient(z), dw = cr::gradient(w);
    const cr::Var dz_dx = cr::derivative(z, x), dz_dy = cr::derivative(z, y);
    constexpr double h = 1e-5;
    CHECK(close(dz[x], (blend(x0 + h, y0) - blend(x0 - h, y0)) / (2.0 * h), 1e-9));
    CHECK(close(dz[y], (blend(x0, y0 + h) - blend(x0, y0 - h)) / (2.0 * h), 1e-9));
    CHECK(close(dw[x], (blend(x0 + h, 2 * (x0 + h)) - blend(x0 - h, 2 * (x0 - h))) / (2.0 * h),
                1e-9));
    CHECK(close(dz_dx.value(), dz[x], 1e-14));
    CHECK(close(dz_dy.value(), dz[y], 1e-14));
    CHECK(close(cr::derivative(dz_dx, y).value(), cr::derivative(dz_dy, x).value(), 1e-13));
  }
}

TEST_CASE("only_if in a rule of another namespace keeps infinities out") {
  constexpr double inf = std::numeric_limits<double>::infinity();
  cr::Graph graph;
  const cr::Var x = cr::variable(2.0), y = cr::variable(0.0);
  const cr::Var z = cr::apply<Window>(x, 1.0 / y);
  CHECK(z.value() == 0.0);
  CHECK_FALSE(cr::gradient(z).reaches(y.id()));
  CHECK(cr::derivative(z, y).value() == 0.0);
  CHECK(cr::apply<Window>(0.5, inf) == inf);
  CHECK(std::isnan(cr::apply<Blend>(std::nan(""), 1.0)));
  CHECK(std::signbit(cr::apply<Halved>(-0.0)));
}

TEST_CASE("a rule in another namespace runs on tensors and on text") {
  cr::Graph graph;
  const cr::Tensor x = cr::variable(cr::tensor({0.7, 0.3, -0.6, -0.4}));
  const cr::Tensor y = cr::variable(cr::tensor({0.4, 1.9, 0.9, -1.7}));
  const cr::Tensor z = cr::apply<Blend>(x, y);
  const cr::Gradient d = cr::gradient(cr::sum(z));
  const cr::Tensor dx = cr::derivative(cr::sum(z), x);
  for (std::int64_t i = 0; i < 4; ++i) {
    CAPTURE(i);
    const double* const point = points[i];
    const double partial = cr::partial<Blend, 0>(point[0], point[1], blend(point[0], point[1]));
    CHECK(close(z.at({i}), blend(point[0], point[1]), 1e-14));
    CHECK(close(d[x].at({i}), partial, 1e-14));
    CHECK(close(dx.at({i}), partial, 1e-14));
  }
  const cr::Text a("a"), b("b");
  CHECK(Window::value(a, b).str() == "select(a > 0 && a < 1, b, 0)");
  CHECK(Window::dy(a, b, cr::Text("r")).str() == "select(a > 0 && a < 1, 1, 0)");
}
