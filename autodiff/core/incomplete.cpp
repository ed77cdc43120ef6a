#include "autodiff/core/incomplete.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "autodiff/core/limits.hpp"
#include "autodiff/core/special.hpp"

namespace chainrule {
namespace {

using detail::infinity;
using detail::not_a_number;
constexpr double two_pi = 6.283185307179586;

/// For a at or above this, P(a, x) is computed by its uniform expansion.
constexpr double large_a = 1e8;

// ---- Factors of the densities, after Loader -----------------------------------------------------

/// ln Gamma(a + 1) minus Stirling's approximation a ln a - a + ln(2 pi a) / 2, for a > 0.
double stirling_error(double a) {
  if (a < 8.0) return lgamma_value(a + 1.0) - ((a + 0.5) * std::log(a) - a + 0.9189385332046728);
  const double u = 1.0 / (a * a);
  static constexpr double series[] = {1.0 / 12,   -1.0 / 360,      1.0 / 1260, -1.0 / 1680,
                                      1.0 / 1188, -691.0 / 360360, 1.0 / 156};
  double sum = 0.0;
  for (int k = 6; k >= 0; --k) sum = sum * u + series[k];
  return sum / a;
}

/// a ln(a / x) + x - a >= 0, without cancellation if x is near a.
double deviance(double a, double x) {
  const double difference = x - a, v = 0.5 * difference / (0.5 * x + 0.5 * a);
  if (!(std::fabs(v) <= 0.3)) return a * std::log(a / x) + difference;
  double power = -2.0 * (a * v), sum = difference * v;
  for (double k = 3.0;; k += 2.0) {
    power *= v * v;
    const double next = sum + power / k;
    if (next == sum) return sum;
    sum = next;
  }
}

/// x^a e^-x / Gamma(a + 1) for a > 0 and x > 0, finite.
double poisson(double a, double x) {
  if (a < 20.0 && x < 700.0) return std::pow(x, a) * std::exp(-x) / std::tgamma(a + 1.0);
  return std::exp(-stirling_error(a) - deviance(a, x)) / std::sqrt(two_pi * a);
}

/// x^a y^b / B(a, b) for a, b > 0 and x + y = 1.
double beta_factor(double a, double b, double x, double y) {
  const double n = a + b;
  if (std::min(a, b) < 1e-3) {
    const double log_beta = lgamma_value(a) + lgamma_value(b) - lgamma_value(n);
    return std::exp(a * std::log(x) + b * std::log(y) - log_beta);
  }
  const double exponent = stirling_error(n) - stirling_error(a) - stirling_error(b) -
                          deviance(a, n * x) - deviance(b, n * y);
  return std::exp(exponent) * std::sqrt(a / n * b / two_pi);
}

// ---- Taylor series in the first parameter -------------------------------------------------------

/// A function of a + e as the coefficients of 1, e, ..., e^order.
template <int order>
struct Taylor {
  double c[order + 1] = {};

  friend Taylor operator+(Taylor x, const Taylor& y) {
    for (int n = 0; n <= order; ++n) x.c[n] += y.c[n];
    return x;
  }
  friend Taylor operator*(const Taylor& x, const Taylor& y) {
    Taylor product;
    for (int n = 0; n <= order; ++n)
      for (int k = 0; k <= n; ++k) product.c[n] += x.c[k] * y.c[n - k];
    return product;
  }
  friend Taylor operator/(const Taylor& x, const Taylor& y) {
    Taylor quotient;
    for (int n = 0; n <= order; ++n) {
      double rest = x.c[n];
      for (int k = 0; k < n; ++k) rest -= quotient.c[k] * y.c[n - k];
      quotient.c[n] = rest / y.c[0];
    }
    return quotient;
  }
};

/// value + slope e.
template <int order>
Taylor<order> linear(double value, double slope) {
  Taylor<order> result;
  result.c[0] = value;
  if constexpr (order > 0) result.c[1] = slope;
  return result;
}

/// x^a e^-x / Gamma(a + 1), whose value is given.
template <int order>
Taylor<order> poisson_taylor(double value, double a, double x) {
  double exponent[order + 1] = {};  // the logarithm, minus its value
  double factorial = 1.0;
  for (int n = 1; n <= order; ++n) {
    factorial *= n;
    exponent[n] =
        (n == 1 ? std::log(x) - digamma(a + 1.0) : -polygamma(n - 1, a + 1.0)) / factorial;
  }
  Taylor<order> result;
  result.c[0] = value;
  for (int n = 1; n <= order; ++n) {
    for (int k = 1; k <= n; ++k) result.c[n] += k * exponent[k] * result.c[n - k];
    result.c[n] /= n;
  }
  return result;
}

/// The sum of x^k / ((a + 1) ... (a + k)) over k >= 0.
template <int order>
Taylor<order> gamma_sum(double a, double x) {
  Taylor<order> term = linear<order>(1.0, 0.0), sum = term;
  for (double k = 1.0;; ++k) {
    double before = 0.0;
    bool is_small = k > x - a;  // from here on terms decrease
    for (int n = 0; n <= order; ++n) {
      before = term.c[n] = (x * term.c[n] - before) / (a + k);
      sum.c[n] += term.c[n];
      is_small = is_small && std::fabs(term.c[n]) <= 1e-17 * std::fabs(sum.c[n]);
    }
    if (is_small) return sum;
  }
}

/// 1 / (x + 1 - a - 1 (1 - a) / (x + 3 - a - ...)), by Lentz's method: x > a.
template <int order>
Taylor<order> gamma_fraction(double a, double x) {
  const Taylor<order> one = linear<order>(1.0, 0.0);
  Taylor<order> b = linear<order>(x + 1.0 - a, -1.0), d = one / b, result = d;
  Taylor<order> c = linear<order>(1e300, 0.0);
  for (double k = 1.0; k < 1e6; ++k) {
    const Taylor<order> numerator = linear<order>(k * (a - k), k);
    b.c[0] += 2.0;
    d = one / (b + numerator * d);
    c = b + numerator / c;
    const Taylor<order> factor = c * d;
    result = result * factor;
    double error = std::fabs(factor.c[0] - 1.0);
    for (int n = 1; n <= order; ++n) error = std::max(error, std::fabs(factor.c[n]));
    if (error < 3e-16) break;
  }
  return result;
}

/// P(a, x) for large a and x > 0: DLMF 8.12.3 and 8.12.8, as far as it matters from 1e8 on.
double gammainc_uniform(double a, double x) {
  const double exponent = deviance(a, x);
  if (!(exponent < 800.0)) return x < a ? 0.0 : 1.0;
  const double root = std::sqrt(exponent), eta = std::copysign(std::sqrt(2.0 / a) * root, x - a);
  const double correction = -1.0 / 3 + eta * (1.0 / 12 - eta * (2.0 / 135)) - 1.0 / (540 * a);
  return 0.5 * std::erfc(std::copysign(root, a - x)) -
         std::exp(-exponent) / std::sqrt(two_pi * a) * correction;
}

/// P(a, x) for 0 < a, x < inf.
template <int order>
Taylor<order> gammainc_taylor(double a, double x) {
  Taylor<order> result;
  if (a >= large_a) {
    result.c[0] = gammainc_uniform(a, x);
    // P(a + 1/2) - P(a - 1/2) is minus the density there, which equals the derivative except for a
    // term in its third derivative.
    if constexpr (order > 0) {
      const Taylor<order> slope = poisson_taylor<order>(poisson(a - 0.5, x), a - 0.5, x);
      for (int n = 1; n <= order; ++n) result.c[n] = -slope.c[n - 1] / n;
    }
    return result;
  }
  const Taylor<order> factor = poisson_taylor<order>(poisson(a, x), a, x);
  if (factor.c[0] == 0.0) {  // and so are its derivatives
    result.c[0] = x < a ? 0.0 : 1.0;
    return result;
  }
  if (x < a + 1.0) return factor * gamma_sum<order>(a, x);
  result = factor * linear<order>(-a, -1.0) * gamma_fraction<order>(a, x);
  result.c[0] += 1.0;
  return result;
}

/// The derivative of this order, from the coefficients.
template <int order>
double last_derivative(const Taylor<order>& taylor) {
  double factorial = 1.0;
  for (int n = 2; n <= order; ++n) factorial *= n;
  return taylor.c[order] * factorial;
}
template <int order>
double gammainc_derivative(double a, double x) {
  return last_derivative(gammainc_taylor<order>(a, x));
}
template <int order>
double density_derivative(double a, double x) {
  // Gamma(a) is Gamma(b + 1) for b = a - 1, which may be below 0.
  return last_derivative(poisson_taylor<order>(gamma_density(a, x), a - 1.0, x));
}

using Function = double(double, double);
using Orders = std::make_integer_sequence<int, gammainc_max_order + 1>;
template <int... order>
double gammainc_derivative_of(int wanted, double a, double x,
                              std::integer_sequence<int, order...>) {
  static constexpr Function* functions[] = {gammainc_derivative<order>...};
  return functions[wanted](a, x);
}
template <int... order>
double density_derivative_of(int wanted, double a, double x, std::integer_sequence<int, order...>) {
  static constexpr Function* functions[] = {density_derivative<order>...};
  return functions[wanted](a, x);
}
bool is_order(double order) {
  return order >= 0.0 && order <= gammainc_max_order && order == std::floor(order);
}

/// The continued fraction of I_x(a, b), by Lentz's method; it converges fast for
/// x < (a + 1) / (a + b + 2). NaN if it does not.
double beta_fraction(double a, double b, double x) {
  constexpr double tiny = 1e-300;
  const auto away_from_0 = [](double value) { return std::fabs(value) < tiny ? tiny : value; };
  double c = 1.0, d = 1.0 / away_from_0(1.0 - (a + b) * x / (a + 1.0)), result = d;
  for (double k = 1.0; k < 1e6; ++k) {
    const double even = k * (b - k) * x / ((a + 2.0 * k - 1.0) * (a + 2.0 * k));
    d = 1.0 / away_from_0(1.0 + even * d);
    c = away_from_0(1.0 + even / c);
    result *= c * d;
    const double odd = -(a + k) * (a + b + k) * x / ((a + 2.0 * k) * (a + 2.0 * k + 1.0));
    d = 1.0 / away_from_0(1.0 + odd * d);
    c = away_from_0(1.0 + odd / c);
    result *= c * d;
    if (std::fabs(c * d - 1.0) < 3e-16) return result;
  }
  return not_a_number;
}

}  // namespace

double gammainc(double a, double x) noexcept {
  if (!(a >= 0.0) || !(x >= 0.0)) return not_a_number;
  if (a == 0.0 || std::isinf(x)) return x == 0.0 || std::isinf(a) ? not_a_number : 1.0;
  if (x == 0.0 || std::isinf(a)) return 0.0;
  return gammainc_taylor<0>(a, x).c[0];
}

double gammainc_by_a(double order, double a, double x) noexcept {
  if (order == 0.0) return gammainc(a, x);
  if (!is_order(order) || !(a > 0.0) || !(x >= 0.0) || (std::isinf(a) && std::isinf(x)))
    return not_a_number;
  if (x == 0.0 || std::isinf(x) || std::isinf(a)) return 0.0;
  return gammainc_derivative_of(static_cast<int>(order), a, x, Orders());
}

double gamma_density(double a, double x) noexcept {
  if (std::isnan(a) || !(x >= 0.0)) return not_a_number;
  if (std::isinf(a)) return a < 0.0 || std::isinf(x) ? not_a_number : 0.0;
  if (a <= 0.0 && a == std::floor(a)) return 0.0;
  if (x == 0.0) return a > 1.0 ? 0.0 : a == 1.0 ? 1.0 : std::copysign(infinity, std::tgamma(a));
  if (std::isinf(x)) return 0.0;
  if (a >= 1.0) return a == 1.0 ? std::exp(-x) : poisson(a - 1.0, x);
  if (a > 0.0) return poisson(a, x) * (a / x);
  return std::copysign(std::exp((a - 1.0) * std::log(x) - x - lgamma_value(a)), std::tgamma(a));
}

double gamma_density_by_a(double order, double a, double x) noexcept {
  if (order < 0.0 && order == std::floor(order)) return 0.0;  // it is multiplied by 0
  if (order == 0.0) return gamma_density(a, x);
  if (!is_order(order) || !(a > 0.0) || !(x >= 0.0) || (std::isinf(a) && std::isinf(x)))
    return not_a_number;
  if (x == 0.0) return a > 1.0 ? 0.0 : not_a_number;
  if (std::isinf(x) || std::isinf(a)) return 0.0;
  return density_derivative_of(static_cast<int>(order), a, x, Orders());
}

double betainc(double a, double b, double x) noexcept {
  if (!(a >= 0.0) || !(b >= 0.0) || !(x >= 0.0) || !(x <= 1.0)) return not_a_number;
  if ((a == 0.0 && b == 0.0) || (std::isinf(a) && std::isinf(b))) return not_a_number;
  if (x == 0.0 || x == 1.0) return x;
  if (a == 0.0 || std::isinf(b)) return 1.0;
  if (b == 0.0 || std::isinf(a)) return 0.0;
  const double y = 1.0 - x, factor = beta_factor(a, b, x, y);
  const bool is_left = x < (a + 1.0) / (a + b + 2.0);
  if (factor == 0.0) return is_left ? 0.0 : 1.0;
  if (is_left) return factor / a * beta_fraction(a, b, x);
  return 1.0 - factor / b * beta_fraction(b, a, y);
}

double beta_density(double a, double b, double x) noexcept {
  if (!(a >= 0.0) || !(b >= 0.0) || !(x >= 0.0) || !(x <= 1.0)) return not_a_number;
  if ((a == 0.0 && b == 0.0) || (std::isinf(a) && std::isinf(b))) return not_a_number;
  if (a == 0.0 || b == 0.0 || std::isinf(a) || std::isinf(b)) return 0.0;
  // At an end of the range, the parameter in the exponent of 0 decides.
  const auto at_end = [](double deciding, double other) {
    return deciding > 1.0 ? 0.0 : deciding == 1.0 ? other : infinity;
  };
  if (x == 0.0) return at_end(a, b);
  if (x == 1.0) return at_end(b, a);
  const double y = 1.0 - x;
  return beta_factor(a, b, x, y) / x / y;
}

}  // namespace chainrule
