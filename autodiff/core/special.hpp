// Special functions of a double that the C library lacks or, for ln|Gamma|, computes only with a
// write to a global variable. All are pure and thread-safe, never throw, and return NaN for NaN.
// Accuracies are the maximum error over random points of each range, against a 50-digit reference,
// for results in the normal range; cond = |x f'(x) / f(x)|.
#pragma once

#include "autodiff/core/language.hpp"

namespace chainrule {

/// The largest order that `polygamma` evaluates; n! overflows a double not far above it.
inline constexpr int polygamma_max_order = 100;
/// The highest order of scaled_bessel().
inline constexpr int scaled_bessel_max_order = 1000;

/// Scaled complementary error function e^(x^2) erfc(x), as SciPy's erfcx.
///
/// Domain: all doubles; +inf below -26.7, +0 at +inf.
/// Accuracy: relative error below 1e-15.
/// Cost: one exp and one erfc below 25, a few multiplications above.
/// Source: DLMF 7.12.1 (asymptotic series).
[[nodiscard]] double erfcx(double x) noexcept;

/// ln Phi(x) with the normal distribution's Phi, as SciPy's log_ndtr: accurate in both tails.
///
/// Domain: all doubles; -inf at -inf, -0 at +inf.
/// Accuracy: relative error below 1e-15.
/// Cost: one log and one erfc or erfcx.
[[nodiscard]] double log_ndtr(double x) noexcept;

/// Inverse of the error function: the x with erf(x) = y.
///
/// Domain: -1 <= y <= 1; NaN outside. erfinv(+-1) = +-inf, erfinv(+-0) = +-0; odd, bit for bit.
/// Accuracy: relative error below 3e-16 everywhere, up to the last double before +-1.
/// Cost: one log, one exp, one erf or erfc; for |y| < 1e-8 only a fused multiply-add.
/// Source: starting value after M. Giles, "Approximating the erfinv function", GPU Computing Gems
/// Jade Edition (2011), ch. 10, with a different tail; then one Halley step.
[[nodiscard]] double erfinv(double y) noexcept;

/// Digamma function psi(x) = Gamma'(x) / Gamma(x).
///
/// Domain: all doubles. digamma(+0) = -inf, digamma(-0) = +inf, NaN at the negative integers
/// (the one-sided limits differ) and at -inf, digamma(+inf) = +inf.
/// Accuracy: relative error below 3e-16 for x > 0, including near the root 1.4616...; for x < 0
/// below 2e-16 * (1 + cond). Cost: a rational function and up to nine divisions for 0 < x < 10, one
/// log for larger x; x < 0 adds one tan. Source: Abramowitz & Stegun 6.3.5 (recurrence), 6.3.7
/// (reflection), 6.3.18 (asymptotic series); on [1, 2] a rational interpolant of psi(x) / (x -
/// root) in Chebyshev nodes.
[[nodiscard]] double digamma(double x) noexcept;

/// Polygamma function: the derivative of digamma of the given order (0: digamma, 1: trigamma).
///
/// Domain: `order` an integer in [0, polygamma_max_order], otherwise NaN; x any double.
/// Poles x = 0, -1, -2, ...: odd orders give +inf; even orders >= 2 give NaN at the negative
/// integers, -inf at +0 and +inf at -0. At +inf the limit is 0 with the sign of (-1)^(order+1);
/// at -inf NaN. Overflow gives infinity of the correct sign, underflow 0.
/// Accuracy: relative error below 8e-16 for x > 0; for x < 0 below 2.3e-16 * (1 + cond), which
/// away from zeros and cancelling poles means 5e-16 for order 1 and 1.5e-15 for order 5.
/// Cost: up to 10 + 1.25 order calls of pow for small |x|, one for large x; x < 0 adds one tan
/// and O(order^2) multiplications.
/// Source: Abramowitz & Stegun 6.4.10 and 6.4.11 (Hurwitz sum, remainder by Euler-Maclaurin),
/// DLMF 5.15.6 (reflection).
[[nodiscard]] double polygamma(double order, double x) noexcept;

/// Natural logarithm of |Gamma(x)|.
///
/// Domain: all doubles. +inf at 0, the negative integers and +-inf; +0 at 1 and 2.
/// Accuracy: with glibc, relative error below 3e-16 * (1 + cond); other C libraries differ.
/// Cost: that of the C library's lgamma_r. Unlike std::lgamma it does not write the global
/// `signgam`, so concurrent calls do not race.
[[nodiscard]] double lgamma_value(double x) noexcept;

/// j_n(x) / x^n with the spherical Bessel function j_n: sin(x) / x for order 0. Entire and even in
/// x.
///
/// Domain: `order` an integer in [0, scaled_bessel_max_order], otherwise NaN; x any double; 0 at
/// +-inf.
/// Accuracy: an error of about 1e-15 of the largest value nearby, for orders up to 5.
/// Cost: up to 20 terms of a series for |x| up to about sqrt(4 order + 6); a sine, a cosine and
/// `order` steps for larger |x|.
/// Source: DLMF 10.53.1 (series), 10.51.1 (recurrence).
[[nodiscard]] double scaled_bessel(double order, double x) noexcept;

}  // namespace chainrule
