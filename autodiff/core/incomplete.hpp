// The incomplete gamma and beta functions and their densities. All are pure and thread-safe, never
// throw and take NaN to NaN. Accuracies are maxima over random points against a 50-digit reference;
// cond is the sum of |u f'(u) / f| over the operands u.
#pragma once

#include "autodiff/core/language.hpp"

namespace chainrule {

/// Largest order of a derivative of `gammainc` by a.
inline constexpr int gammainc_max_order = 10;

/// The regularised lower incomplete gamma function P(a, x), as SciPy's gammainc.
///
/// Domain: a >= 0, x >= 0; NaN outside, and where both are 0 or both infinite. P(a, 0) = 0,
/// P(a, inf) = 1, P(0, x) = 1, P(inf, x) = 0.
/// Accuracy: relative error below 2e-15 * (1 + cond).
/// Cost: a sum or a continued fraction, of about 30 + 10 sqrt(a) steps where x is near a and a is
/// below 1e8.
/// Source: DLMF 8.11.4 (series), 8.9.2 (continued fraction), 8.12.3 (uniform expansion, from 1e8).
[[nodiscard]] double gammainc(double a, double x) noexcept;

/// The derivative of P(a, x) by a, of the given order (0: P itself).
///
/// Domain: `order` an integer in [0, gammainc_max_order], otherwise NaN; a > 0, x >= 0, else NaN.
/// Accuracy: relative error below 1e-12 * (1 + cond) for orders up to 3 and a below 1e4, away from
/// zeros of the derivative; about 1e-8 from 1e8 on.
/// Cost: that of gammainc, times the square of order + 1.
/// Source: the same formulas in Taylor series of a.
[[nodiscard]] double gammainc_by_a(double order, double a, double x) noexcept;

/// The density of the gamma distribution, x^(a - 1) e^-x / Gamma(a): the derivative of P(a, x) by
/// x.
///
/// Domain: x >= 0, else NaN; any a: 0 at a = 0, -1, ..., and for a < 0 the formula, which may be
/// negative. At x = 0: 0 for a > 1, 1 for a = 1, inf for 0 < a < 1.
/// Accuracy: relative error below 2e-15 * (1 + cond).
/// Source: C. Loader, "Fast and accurate computation of binomial probabilities" (2000).
[[nodiscard]] double gamma_density(double a, double x) noexcept;

/// The derivative of gamma_density by a, of the given order (0: the density itself).
///
/// Domain: `order` an integer in [0, gammainc_max_order], or 0 for negative integers; a > 0,
/// x >= 0. Otherwise NaN, and also at x = 0 for a <= 1 and orders above 0.
/// Accuracy and source: as of gammainc_by_a.
/// Cost: that of gamma_density and `order` calls of polygamma.
[[nodiscard]] double gamma_density_by_a(double order, double a, double x) noexcept;

/// The regularised incomplete beta function I_x(a, b), as SciPy's betainc(a, b, x).
///
/// Domain: a >= 0, b >= 0, 0 <= x <= 1; NaN outside, and where both are 0 or both infinite. I_0 = 0
/// and I_1 = 1; for 0 < x < 1 it is 1 at a = 0 or b = inf, and 0 at b = 0 or a = inf. NaN where the
/// fraction does not converge in 10^6 steps, for a and b of 1e14 and more.
/// Accuracy: relative error below 2e-15 * (1 + cond) for a and b up to 1e8.
/// Cost: a continued fraction of up to about 20 + 5 sqrt(max(a, b)) steps where x is near
/// a / (a + b).
/// Source: DLMF 8.17.22 (continued fraction), 8.17.4 (reflection).
[[nodiscard]] double betainc(double a, double b, double x) noexcept;

/// The density of the beta distribution, x^(a - 1) (1 - x)^(b - 1) / B(a, b): the derivative of
/// I_x(a, b) by x.
///
/// Domain: a >= 0, b >= 0, 0 <= x <= 1, else NaN; 0 where one of a and b is 0.
/// Accuracy: relative error below 2e-15 * (1 + cond).
/// Source: as of gamma_density.
[[nodiscard]] double beta_density(double a, double b, double x) noexcept;

}  // namespace chainrule
