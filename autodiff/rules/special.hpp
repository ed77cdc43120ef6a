// Special functions.
#pragma once

#include "autodiff/rules/trigonometric.hpp"

namespace chainrule {

namespace rules {
struct Erf : Unary {
  static constexpr Notation notation = library_call("erf");
  static auto value(const auto& x) { return erf(x); }
  static auto dx(const auto& x, const auto&) {
    return 2.0 * std::numbers::inv_sqrtpi * exp(-(x * x));
  }
};
}  // namespace rules
auto erf(const Operand auto& x) { return apply<rules::Erf>(x); }

namespace rules {
struct Erfc : Unary {
  static constexpr Notation notation = library_call("erfc");
  static auto value(const auto& x) { return erfc(x); }
  static auto dx(const auto& x, const auto&) {
    return -2.0 * std::numbers::inv_sqrtpi * exp(-(x * x));
  }
};
}  // namespace rules
auto erfc(const Operand auto& x) { return apply<rules::Erfc>(x); }

namespace rules {
struct Erfinv : Unary {
  static constexpr Notation notation = library_call("erfinv");
  static auto value(const auto& x) { return erfinv(x); }
  static auto dx(const auto&, const auto& r) { return 0.5 / std::numbers::inv_sqrtpi * exp(r * r); }
};
}  // namespace rules
auto erfinv(const Operand auto& x) { return apply<rules::Erfinv>(x); }

namespace rules {
/// The x-th derivative of digamma at y. The order x is an integer and cannot be a variable.
struct Polygamma : Binary {
  static constexpr Notation notation = library_call("polygamma");
  static auto value(const auto& x, const auto& y) { return polygamma(x, y); }
  static auto dx(const auto&, const auto&, const auto&) { return Zero{}; }
  static auto dy(const auto& x, const auto& y, const auto&) { return apply<Polygamma>(x + 1.0, y); }
};
}  // namespace rules
auto polygamma(const Number auto& order, const Operand auto& x) {
  return apply<rules::Polygamma>(order, x);
}

namespace rules {
struct Digamma : Unary {
  static constexpr Notation notation = library_call("digamma");
  static auto value(const auto& x) { return digamma(x); }
  static auto dx(const auto& x, const auto&) { return polygamma(1.0, x); }
};
}  // namespace rules
auto digamma(const Operand auto& x) { return apply<rules::Digamma>(x); }

namespace rules {
struct Lgamma : Unary {
  static constexpr Notation notation = library_call("lgamma");
  static auto value(const auto& x) { return lgamma_value(x); }
  static auto dx(const auto& x, const auto&) { return digamma(x); }
};
}  // namespace rules
auto lgamma(const Operand auto& x) { return apply<rules::Lgamma>(x); }

namespace rules {
/// j_x(y) / y^x with the spherical Bessel function j of order x, smooth at y = 0. The order is an
/// integer and cannot be a variable. j_0(y) = sin y / y, and each derivative increases the order by
/// one (DLMF 10.51.3).
struct ScaledBessel : Binary {
  static constexpr Notation notation = library_call("scaled_bessel");
  static auto value(const auto& x, const auto& y) { return scaled_bessel(x, y); }
  static auto dx(const auto&, const auto&, const auto&) { return Zero{}; }
  static auto dy(const auto& x, const auto& y, const auto&) {
    return -y * apply<ScaledBessel>(x + 1.0, y);
  }
};
}  // namespace rules
auto scaled_bessel(const Number auto& order, const Operand auto& x) {
  return apply<rules::ScaledBessel>(order, x);
}

namespace rules {
/// sin(pi x) / (pi x), and 1 at 0 (NumPy's sinc).
struct Sinc : Unary {
  static constexpr Notation notation = composed("sinc");
  static auto value(const auto& x) { return scaled_bessel(0.0, std::numbers::pi * x); }
  static auto dx(const auto& x, const auto&) {
    constexpr double pi = std::numbers::pi;
    return -(pi * pi) * x * scaled_bessel(1.0, pi * x);
  }
};
}  // namespace rules
auto sinc(const Value auto& x) { return apply<rules::Sinc>(x); }

namespace rules {
using Special = RuleList<Erf, Erfc, Erfinv, Polygamma, Digamma, Lgamma, ScaledBessel, Sinc>;
}  // namespace rules

}  // namespace chainrule
