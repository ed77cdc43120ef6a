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
/// e^(x^2) erfc(x).
struct Erfcx : Unary {
  static constexpr Notation notation = library_call("erfcx");
  static auto value(const auto& x) { return erfcx(x); }
  static auto dx(const auto& x, const auto& r) {
    // For large x the terms cancel. There the derivative is the sum of (-1)^n (2 n - 1)!! u^n over
    // n > 0, times 2 / sqrt(pi), with u = 1 / (2 x^2) (DLMF 7.12.1). For x >= 7, 26 terms suffice.
    return 2.0 * std::numbers::inv_sqrtpi *
           normally(
               x < 7.0, [&] { return x * r / std::numbers::inv_sqrtpi - 1.0; },
               [&] {
                 const auto u = 0.5 / (x * x);
                 auto sum = 1.0 - 51.0 * u;
                 for (double k = 49.0; k > 1.0; k -= 2.0) sum = 1.0 - k * u * sum;
                 return -u * sum;
               });
  }
};
}  // namespace rules
auto erfcx(const Operand auto& x) { return apply<rules::Erfcx>(x); }

namespace rules {
/// ln Phi(x) of the normal distribution. Its derivative is its density divided by Phi.
struct LogNdtr : Unary {
  static constexpr Notation notation = library_call("log_ndtr");
  static auto value(const auto& x) { return log_ndtr(x); }
  static auto dx(const auto& x, const auto& r) {
    constexpr double inverse_sqrt_2 = 1.0 / std::numbers::sqrt2;
    return normally(
        x > -1.0,
        [&] { return inverse_sqrt_2 * std::numbers::inv_sqrtpi * exp(-0.5 * (x * x) - r); },
        [&] {
          return normally(
              x > -1e8,
              [&] {
                return (2.0 * inverse_sqrt_2 * std::numbers::inv_sqrtpi) /
                       erfcx(-inverse_sqrt_2 * x);
              },
              [&] { return -x - 1.0 / x; });  // the start of its asymptotic series
        });
  }
};
}  // namespace rules
auto log_ndtr(const Operand auto& x) { return apply<rules::LogNdtr>(x); }

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
/// Gamma(x), by C's name.
struct Tgamma : Unary {
  static constexpr Notation notation = library_call("tgamma");
  static auto value(const auto& x) { return tgamma(x); }
  static auto dx(const auto& x, const auto& r) { return r * digamma(x); }
};
}  // namespace rules
auto tgamma(const Operand auto& x) { return apply<rules::Tgamma>(x); }

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

// ---- Incomplete gamma and beta functions --------------------------------------------------------

namespace rules {
/// x^(a - 1) e^-x / Gamma(a), the density of the gamma distribution.
struct GammaDensity : Binary {
  static constexpr Notation notation = library_call("gamma_density");
  static auto value(const auto& a, const auto& x) { return gamma_density(a, x); }
  static auto dx(const auto& a, const auto& x, const auto& r) {
    // The density goes to 0 faster than the logarithm to infinity.
    const auto plain = [&] { return r * (log(x) - digamma(a)); };
    return normally(x > 0.0 && isfinite(x), plain,
                    [&] { return select(a > 1.0 || x > 1.0, r, plain()); });
  }
  static auto dy(const auto& a, const auto& x, const auto& r) {
    return normally(
        x > 0.0, [&] { return r * ((a - 1.0) / x - 1.0); },
        [&] { return apply<GammaDensity>(a - 1.0, x) - r; });
  }
};

/// Its derivative by a, of integer order, which cannot be a variable.
struct GammaDensityByA : Ternary {
  static constexpr Notation notation = library_call("gamma_density_by_a");
  static auto value(const auto& order, const auto& a, const auto& x) {
    return gamma_density_by_a(order, a, x);
  }
  static auto dx(const auto&, const auto&, const auto&, const auto&) { return Zero{}; }
  static auto dy(const auto& order, const auto& a, const auto& x, const auto&) {
    return apply<GammaDensityByA>(order + 1.0, a, x);
  }
  static auto dz(const auto& order, const auto& a, const auto& x, const auto& r) {
    return normally(
        x > 0.0,
        [&] {
          return r * ((a - 1.0) / x - 1.0) + order * apply<GammaDensityByA>(order - 1.0, a, x) / x;
        },
        [&] { return apply<GammaDensityByA>(order, a - 1.0, x) - r; });
  }
};

/// The derivative of gammainc(a, x) by a, of integer order.
struct GammaincByA : Ternary {
  static constexpr Notation notation = library_call("gammainc_by_a");
  static auto value(const auto& order, const auto& a, const auto& x) {
    return gammainc_by_a(order, a, x);
  }
  static auto dx(const auto&, const auto&, const auto&, const auto&) { return Zero{}; }
  static auto dy(const auto& order, const auto& a, const auto& x, const auto&) {
    return apply<GammaincByA>(order + 1.0, a, x);
  }
  static auto dz(const auto& order, const auto& a, const auto& x, const auto&) {
    return apply<GammaDensityByA>(order, a, x);
  }
};

/// The regularised lower incomplete gamma function P(a, x).
struct Gammainc : Binary {
  static constexpr Notation notation = library_call("gammainc");
  static auto value(const auto& a, const auto& x) { return gammainc(a, x); }
  static auto dx(const auto& a, const auto& x, const auto&) {
    return apply<GammaincByA>(1.0, a, x);
  }
  static auto dy(const auto& a, const auto& x, const auto& r) {
    // Outside the domain r is NaN, and so is the derivative.
    return normally(
        a > 0.0 || (a == 0.0 && x > 0.0), [&] { return apply<GammaDensity>(a, x); },
        [&] { return r + x; });
  }
};
}  // namespace rules
template <class A, class X>
  requires Operands<A, X>
auto gamma_density(const A& a, const X& x) { return apply<rules::GammaDensity>(a, x); }
template <class A, class X>
  requires Operands<A, X>
auto gammainc(const A& a, const X& x) { return apply<rules::Gammainc>(a, x); }

namespace rules {
/// x^(a - 1) (1 - x)^(b - 1) / B(a, b), the density of the beta distribution.
struct BetaDensity : Ternary {
  static constexpr Notation notation = library_call("beta_density");
  static auto value(const auto& a, const auto& b, const auto& x) { return beta_density(a, b, x); }
  static auto dx(const auto& a, const auto& b, const auto& x, const auto& r) {
    const auto plain = [&] { return r * (log(x) - digamma(a) + digamma(a + b)); };
    return normally(x > 0.0, plain, [&] { return select(a > 1.0, r, plain()); });
  }
  static auto dy(const auto& a, const auto& b, const auto& x, const auto& r) {
    const auto plain = [&] { return r * (log1p(-x) - digamma(b) + digamma(a + b)); };
    return normally(x < 1.0, plain, [&] { return select(b > 1.0, r, plain()); });
  }
  static auto dz(const auto& a, const auto& b, const auto& x, const auto& r) {
    return normally(
        x > 0.0 && x < 1.0, [&] { return r * ((a - 1.0) / x - (b - 1.0) / (1.0 - x)); },
        [&] {  // the same without division, each at its end; NaN outside, where r is NaN
          return normally(
              x == 0.0,
              [&] { return (a + b - 1.0) * apply<BetaDensity>(a - 1.0, b, x) - (b - 1.0) * r; },
              [&] { return (a - 1.0) * r - (a + b - 1.0) * apply<BetaDensity>(a, b - 1.0, x); });
        });
  }
};

/// The regularised incomplete beta function I_x(a, b); a and b cannot be variables.
struct Betainc : Ternary {
  static constexpr Notation notation = library_call("betainc");
  static auto value(const auto& a, const auto& b, const auto& x) { return betainc(a, b, x); }
  static auto dx(const auto&, const auto&, const auto&, const auto&) { return Zero{}; }
  static auto dy(const auto&, const auto&, const auto&, const auto&) { return Zero{}; }
  static auto dz(const auto& a, const auto& b, const auto& x, const auto&) {
    return apply<BetaDensity>(a, b, x);
  }
};
}  // namespace rules
template <class A, class B, class X>
  requires Operands<A, B, X>
auto beta_density(const A& a, const B& b, const X& x) { return apply<rules::BetaDensity>(a, b, x); }
/// a and b are plain numbers: the derivatives by them have no closed form, and an operation has at
/// most three operands, which leaves none for their orders.
auto betainc(const Number auto& a, const Number auto& b, const Operand auto& x) {
  return apply<rules::Betainc>(a, b, x);
}

}  // namespace chainrule
