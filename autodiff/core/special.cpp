#include "autodiff/core/special.hpp"

#include <math.h>  // lgamma_r is POSIX, not ISO C++, so it is in the global namespace

#include <cmath>
#include <limits>
#include <numbers>

#include "autodiff/core/limits.hpp"

#if defined(__APPLE__)
extern "C" double lgamma_r(double, int*);  // exported, but its declaration needs _REENTRANT
#endif

namespace chainrule {

namespace {

using detail::infinity;
using detail::not_a_number;
constexpr double pi = 3.141592653589793;
constexpr double pi_squared = 9.869604401089358;

// The coefficients start with the constant term.
template <int Count>
double horner(const double (&coefficients)[Count], double x) {
  double sum = coefficients[Count - 1];
  for (int i = Count - 2; i >= 0; --i) sum = sum * x + coefficients[i];
  return sum;
}

// erfinv(a) / a as a function of w = -ln(1 - a^2), to about 1e-6. The central polynomial is Giles'.
// His tail is designed for single precision and diverges beyond w = 16, so the tail here is an
// interpolant in Chebyshev nodes on 5 <= w <= 36.1, the full range of double.
double erfinv_ratio(double w) {
  static constexpr double central[] = {1.50140941,     0.246640727,    -0.00417768164,
                                       -0.00125372503, 0.00021858087,  -4.39150654e-06,
                                       -3.5233877e-06, 3.43273939e-07, 2.81022636e-08};
  static constexpr double tail[] = {3.839780999,      1.009513319,     0.001292164793,
                                    -0.0009489745404, 0.000263120509,  -2.260958127e-5,
                                    8.515219559e-5,   -7.998534015e-5, 1.887893097e-5};
  return w < 5.0 ? horner(central, w - 2.5) : horner(tail, std::sqrt(w) - 4.0);
}

// One Halley step towards erf(x) = y, given residual = erf(x) - y. Convergence is cubic, so a
// starting value with an error of 1e-6 leaves only the rounding error of the residual.
double halley_step(double x, double residual) {
  constexpr double half_sqrt_pi = 0.886226925452758;
  const double newton = residual * half_sqrt_pi * std::exp(x * x);
  return x - newton / (1.0 + x * newton);
}

// psi(1 + t) for 0 <= t <= 1. Taking t instead of 1 + t keeps all bits of a small t. The root is
// factored out, which keeps the relative error small near it.
double digamma_1p(double t) {
  constexpr double root_high = 0.46163214496836236;
  constexpr double root_low = -1.5522348162858677e-17;
  static constexpr double numerator[] = {
      0.2503801375034054,   -0.30957408825968885,  -0.6919409437403516,    -0.35473150019898825,
      -0.07115493979151359, -0.005519862186036254, -0.00011934204387003062};
  static constexpr double denominator[] = {1.0,
                                           2.1771665986671342,
                                           1.6630736963665909,
                                           0.5710455727133128,
                                           0.09111902253303285,
                                           0.006100975692434821,
                                           0.00012043151172286901};
  const double distance = (t - root_high) - root_low;
  // Separating the 1 leaves a correction of at most 1/4, which also contributes only a quarter of
  // its rounding error.
  return distance + distance * (horner(numerator, t) / horner(denominator, t));
}

double digamma_positive(double x) {
  if (x <= 1.0) return digamma_1p(x) - 1.0 / x;
  if (x < 10.0) {
    double harmonic = 0.0;
    while (x > 2.0) {
      x -= 1.0;  // exact: the result is at least 1 and a multiple of the ulp of x
      harmonic += 1.0 / x;
    }
    return digamma_1p(x - 1.0) + harmonic;
  }
  // B(2k) / (2k), k = 1, 2, ...; at x = 10 the first omitted term is 3e-19.
  static constexpr double series[] = {
      0.08333333333333333,   -0.008333333333333333, 0.003968253968253968,
      -0.004166666666666667, 0.007575757575757576,  -0.021092796092796094,
      0.08333333333333333,   -0.4432598039215686,   3.0539543302701198};
  const double inverse = 1.0 / x;  // its square cannot overflow, unlike that of x
  const double square = inverse * inverse;
  return std::log(x) - (0.5 * inverse + square * horner(series, square));
}

// pi * cot(pi * x) for x = r + integer, -1/2 <= r <= 1/2. For |r| > 1/4 the tangent of the
// complement is used, which makes the zeros at the half-integers exact.
double pi_cotangent(double r) {
  const double magnitude = std::fabs(r);
  if (magnitude < 1e-9) return 1.0 / r;  // the next term, -pi^2 r / 3, is below half an ulp
  const double value =
      magnitude > 0.25 ? pi * std::tan(pi * (0.5 - magnitude)) : pi / std::tan(pi * magnitude);
  return std::copysign(value, r);
}

// d^n/dx^n of pi*cot(pi*x) as a polynomial in u = pi*cot(pi*x), from u' = -(pi^2 + u^2). All
// coefficients have the sign (-1)^n and the same parity, so the sum never cancels.
double pi_cotangent_derivative(int n, double u) {
  double coefficients[polygamma_max_order + 2] = {0.0, 1.0};
  for (int degree = 1; degree <= n; ++degree) {
    // Q -> -(pi^2 + u^2) Q', in place: entry k is computed from entries k - 1 and k + 1 of the old
    // Q.
    double below = 0.0;
    for (int k = 0; k <= degree + 1; ++k) {
      const double old = coefficients[k];
      const double above = k + 1 <= degree ? coefficients[k + 1] : 0.0;
      coefficients[k] = -((k + 1) * pi_squared * above + (k - 1) * below);
      below = old;
    }
  }
  // Only every second coefficient is non-zero. Horner's scheme in u^2 also avoids 0 * inf.
  double sum = coefficients[n + 1];
  for (int k = n - 1; k >= 0; k -= 2) sum = sum * (u * u) + coefficients[k];
  return (n % 2 == 0) ? sum * u : sum;
}

// n! * zeta(n + 1, x) = |psi_n(x)| for n >= 1 and 0 <= x < inf.
double polygamma_magnitude(int n, double x) {
  // B(2j) / (2j)!
  static constexpr double bernoulli[] = {0.08333333333333333,    -0.001388888888888889,
                                         3.306878306878307e-05,  -8.267195767195768e-07,
                                         2.08767569878681e-08,   -5.284190138687493e-10,
                                         1.3382536530684679e-11, -3.3896802963225827e-13,
                                         8.586062056277845e-15,  -2.174868698558062e-16};
  // Above this threshold, ten terms of the asymptotic series reach 1e-17 for every order up to 100.
  const double threshold = 10.0 + 1.25 * n;
  const int shift = x < threshold ? static_cast<int>(std::ceil(threshold - x)) : 0;
  const double start = x + shift;
  const double inverse = 1.0 / start;

  double series = 1.0 + 0.5 * n * inverse;
  double rising = 1.0;  // n (n+1) ... (n+2j-1) / start^(2j)
  int factor = n;
  for (const double coefficient : bernoulli) {
    rising *= (factor * inverse) * ((factor + 1) * inverse);
    factor += 2;
    const double term = coefficient * rising;
    series += term;
    if (std::fabs(term) < 1e-18) break;
  }
  double factorial = 1.0;  // (n - 1)!
  for (int k = 2; k < n; ++k) factorial *= k;
  // start^-n underflows before (n-1)! * start^-n does, so the exponent is applied last.
  int exponent = 0;
  const double mantissa = std::frexp(start, &exponent);
  const double rest = std::ldexp(factorial * std::pow(mantissa, -n) * series, -exponent * n);

  double sum = 0.0;
  for (int k = shift - 1; k >= 0; --k) {  // smallest terms first, to reduce rounding
    const double term = 1.0 / (x + k);
    sum += n == 1 ? term * term : std::pow(x + k, -(n + 1));
  }
  return rest + sum * (factorial * n);
}

}  // namespace

double erfcx(double x) noexcept {
  if (x < 25.0) {
    // The rounding error of the square would be as many units of the result as the square is large.
    const double square = x * x, error = std::fma(x, x, -square);
    return x < -27.0 ? infinity : std::exp(square) * std::erfc(x) * (1.0 + error);
  }
  if (std::isnan(x)) return x;
  constexpr double inverse_sqrt_pi = 0.5641895835477563;
  static constexpr double series[] = {1.0, -1.0, 3.0, -15.0, 105.0, -945.0, 10395.0};
  const double inverse = 1.0 / x;
  return inverse_sqrt_pi * inverse * horner(series, 0.5 * inverse * inverse);
}

double log_ndtr(double x) noexcept {
  constexpr double inverse_sqrt_2 = 0.7071067811865476;
  if (x > 0.0) {
    // The product is rounded, which erfc would magnify by x^2; its error is added to first order.
    const double u = x * inverse_sqrt_2;
    const double lost = std::fma(x, inverse_sqrt_2, -u) - 4.833646656726457e-17 * x;
    const double slope = -2.0 * std::numbers::inv_sqrtpi * std::exp(-u * u);
    const double tail = std::erfc(u) + (u < 27.0 ? slope * lost : 0.0);
    return std::log1p(-0.5 * tail);
  }
  if (x > -1.0) return std::log(0.5 * std::erfc(-x * inverse_sqrt_2));
  return std::log(0.5 * erfcx(-x * inverse_sqrt_2)) - 0.5 * x * x;
}

double erfinv(double y) noexcept {
  const double magnitude = std::fabs(y);
  if (!(magnitude <= 1.0)) return not_a_number;
  if (magnitude == 1.0) return std::copysign(infinity, y);
  if (magnitude < 1e-8) {
    // sqrt(pi)/2 as a sum of two doubles. In this range the first term of the series is accurate to
    // half an ulp.
    return std::copysign(
        std::fma(magnitude, 0.886226925452758, magnitude * -3.8332932499128993e-17), y);
  }
  const double complement = 1.0 - magnitude;  // exact for magnitude >= 1/2, where it is the more
                                              // accurate argument
  const double w = -std::log(complement * (1.0 + magnitude));
  const double start = magnitude * erfinv_ratio(w);
  const double x = halley_step(
      start, magnitude <= 0.5 ? std::erf(start) - magnitude : complement - std::erfc(start));
  return std::copysign(x, y);
}

double digamma(double x) noexcept {
  if (std::isnan(x)) return x;
  if (x == 0.0) return std::copysign(infinity, -x);
  if (x > 0.0) return std::isinf(x) ? x : digamma_positive(x);
  const double nearest = std::round(x);
  if (std::isinf(x) || x == nearest) return not_a_number;
  return digamma_positive(1.0 - x) - pi_cotangent(x - nearest);
}

double polygamma(double order, double x) noexcept {
  if (!(order >= 0.0 && order <= polygamma_max_order) || order != std::floor(order)) {
    return not_a_number;
  }
  if (order == 0.0) return digamma(x);
  if (std::isnan(x)) return x;
  const int n = static_cast<int>(order);
  const bool odd = n % 2 != 0;
  if (std::isinf(x)) return x < 0.0 ? not_a_number : (odd ? 0.0 : -0.0);
  if (x == 0.0) return odd ? infinity : std::copysign(infinity, -x);
  if (x > 0.0) return odd ? polygamma_magnitude(n, x) : -polygamma_magnitude(n, x);
  const double nearest = std::round(x);
  if (x == nearest) return odd ? infinity : not_a_number;
  // psi_n(x) = (-1)^n psi_n(1 - x) - d^n/dx^n pi cot(pi x), where psi_n(1 - x) has the sign
  // (-1)^(n+1): so its absolute value is subtracted for every order.
  return -pi_cotangent_derivative(n, pi_cotangent(x - nearest)) - polygamma_magnitude(n, 1.0 - x);
}

double lgamma_value(double x) noexcept {
#if defined(_WIN32)
  return std::lgamma(x);  // the Windows C libraries have no global sign variable
#else
  int sign = 0;
  return ::lgamma_r(x, &sign);
#endif
}

double scaled_bessel(double order, double x) noexcept {
  if (std::isnan(x) || !(order >= 0.0 && order <= scaled_bessel_max_order) ||
      order != std::floor(order))
    return std::numeric_limits<double>::quiet_NaN();
  if (std::isinf(x)) return 0.0;
  const double n = order, square = x * x;
  if (square < 4.0 * n + 6.0) {
    double term = 1.0;
    for (double k = 1.0; k <= n; ++k) term /= 2.0 * k + 1.0;
    double sum = term;
    for (double k = 1.0; std::fabs(term) > 1e-17 * std::fabs(sum); ++k) {
      term *= -0.5 * square / (k * (2.0 * n + 2.0 * k + 1.0));
      sum += term;
    }
    return sum;
  }
  // f_{k+1} = ((2 k + 1) f_k - f_{k-1}) / x^2, starting with f_{-1} = x j_{-1} = cos x.
  double before = std::cos(x), value = std::sin(x) / x;
  for (double k = 0.0; k < n; ++k) {
    const double next = ((2.0 * k + 1.0) * value - before) / square;
    before = value;
    value = next;
  }
  return value;
}

}  // namespace chainrule
