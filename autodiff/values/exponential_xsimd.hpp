// Exponential and logarithm of doubles on vector registers, and functions based on them. Those of
// xsimd take about twice the time, because they convert to integers and back, for which AVX2 has no
// instruction. Here exponents are read and written by adding and shifting bits. For float, xsimd's
// functions are used.
#pragma once

#if __has_include(<xsimd/xsimd.hpp>)

#include <cstdint>
#include <limits>
#include <type_traits>
#include <xsimd/xsimd.hpp>

#include "autodiff/core/language.hpp"

namespace chainrule::detail {

/// Evaluates a polynomial whose coefficients start with the constant term. Even and odd terms are
/// summed separately, so that both sums can run in parallel.
template <class T, class A, int Count>
[[gnu::always_inline]] inline xsimd::batch<T, A> polynomial(const T (&coefficients)[Count],
                                                            const xsimd::batch<T, A>& x) {
  using Batch = xsimd::batch<T, A>;
  const Batch square = x * x;
  Batch upper(coefficients[Count - 1]), lower(coefficients[Count - 2]);
  for (int i = Count - 3; i >= 0; i -= 2) {
    upper = xsimd::fma(upper, square, Batch(coefficients[i]));
    if (i > 0) lower = xsimd::fma(lower, square, Batch(coefficients[i - 1]));
  }
  constexpr bool ends_even = Count % 2 == 1;  // if so, `upper` holds the even terms
  return ends_even ? xsimd::fma(lower, x, upper) : xsimd::fma(upper, x, lower);
}

// ln 2 = high + low; products of high with integers up to 2^20 are exact.
inline constexpr double ln2_high = 6.93147180369123816490e-01, ln2_low = 1.90821492927058770002e-10;

/// e^x = power + power * rest, where `power` is a power of 2. For |x| < about 709.
template <class A>
struct ExponentialParts {
  using Batch = xsimd::batch<double, A>;
  Batch power, rest;

  [[gnu::always_inline]] explicit ExponentialParts(const Batch& x) {
    using Bits = xsimd::batch<std::uint64_t, A>;
    // (e^r - 1 - r) / r^2 for |r| <= ln(2) / 2, interpolated in Chebyshev nodes, to 2e-18.
    constexpr double series[] = {0.5,
                                 0.1666666666666667,
                                 0.04166666666666668,
                                 0.008333333333326134,
                                 0.0013888888888879073,
                                 0.00019841269874822307,
                                 2.4801587336443602e-05,
                                 2.755725539833871e-06,
                                 2.7557263277791584e-07,
                                 2.5105217695684516e-08,
                                 2.091813816945801e-09};
    const Batch shift(0x1.8p52);  // adding it to a number moves the integer part to the lowest bits
    const Batch shifted = xsimd::fma(x, Batch(1.4426950408889634), shift);
    const Batch k = shifted - shift;
    const Batch r = xsimd::fnma(k, Batch(ln2_low), xsimd::fnma(k, Batch(ln2_high), x));
    rest = xsimd::fma(r * r, polynomial(series, r), r);
    power = xsimd::bitwise_cast<Batch>((xsimd::bitwise_cast<Bits>(shifted) << 52) +
                                       Bits(std::uint64_t{1023} << 52));
  }
};

/// e^x to one unit in the last place, except for x in (709, 709.8) and for subnormal results.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> exponential(const xsimd::batch<T, A>& x) {
  if constexpr (std::is_same_v<T, float>) {
    return xsimd::exp(x);
  } else {
    using Batch = xsimd::batch<T, A>;
    const ExponentialParts<A> parts(x);
    Batch result = xsimd::fma(parts.power, parts.rest, parts.power);
    result =
        xsimd::select(x > Batch(709.7), Batch(std::numeric_limits<double>::infinity()), result);
    return xsimd::select(x < Batch(-708.3), Batch(0.0), result);
  }
}

/// e^x - 1 to two units in the last place, except for x in (709, 709.8).
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> exponential_minus_1(const xsimd::batch<T, A>& x) {
  if constexpr (std::is_same_v<T, float>) {
    return xsimd::expm1(x);
  } else {
    using Batch = xsimd::batch<T, A>;
    const ExponentialParts<A> parts(xsimd::select(x < Batch(-40.0), Batch(-40.0), x));
    const Batch result = xsimd::fma(parts.power, parts.rest, parts.power - Batch(1.0));
    return xsimd::select(x > Batch(709.7), Batch(std::numeric_limits<double>::infinity()), result);
  }
}

/// tanh x = e / (2 + e) = 1 - 2 / (2 + e) with e = e^(2 |x|) - 1, to two units in the last place;
/// for large results, where 1 - tanh^2 is small, to one unit.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> hyperbolic_tangent(const xsimd::batch<T, A>& x) {
  if constexpr (std::is_same_v<T, float>) {
    return xsimd::tanh(x);
  } else {
    using Batch = xsimd::batch<T, A>;
    const Batch two(2.0), size = xsimd::abs(x);
    const Batch e = exponential_minus_1(size + size);
    const auto is_large = size > Batch(0.5);
    const Batch quotient = xsimd::select(is_large, two, e) / (two + e);
    return xsimd::copysign(xsimd::select(is_large, Batch(1.0) - quotient, quotient), x);
  }
}

/// ln(u + c) for a normal number u and a c that is small compared with it.
template <class A>
[[gnu::always_inline]] inline xsimd::batch<double, A> logarithm_of_sum(
    const xsimd::batch<double, A>& u, const xsimd::batch<double, A>& c) {
  using Batch = xsimd::batch<double, A>;
  using Bits = xsimd::batch<std::uint64_t, A>;
  // 2 (artanh(s) / s - 1) / s^2 in s^2, for the values of s that arguments from sqrt(1/2) to
  // sqrt(2) give.
  constexpr double series[] = {0.6666666666666666,  0.40000000000000896, 0.28571428570793406,
                               0.22222222393967142, 0.18181795404646028, 0.15386252270168196,
                               0.13268442080686296, 0.13090038559224643};
  constexpr std::uint64_t one = std::uint64_t{1023} << 52, root_half = 0x3fe6a09e667f3bcd,
                          // 2^52: the lowest bits are then an integer
      shift = std::uint64_t{1075} << 52;
  const Bits bits = xsimd::bitwise_cast<Bits>(u) + Bits(one - root_half);
  const Batch k = xsimd::bitwise_cast<Batch>((bits >> 52) | Bits(shift)) - Batch(0x1p52 + 1023.0);
  const Batch f =
      xsimd::bitwise_cast<Batch>((bits & Bits((std::uint64_t{1} << 52) - 1)) + Bits(root_half)) -
      Batch(1.0);
  // As in fdlibm: f - f^2 / 2 is kept separate to reduce rounding.
  const Batch s = f / (Batch(2.0) + f);
  const Batch z = s * s;
  const Batch half_square = Batch(0.5) * f * f;
  const Batch small =
      s * (half_square + z * polynomial(series, z)) + xsimd::fma(k, Batch(ln2_low), c / u);
  return xsimd::fma(k, Batch(ln2_high), f - (half_square - small));
}

/// Replaces the result at the ends of a logarithm's range, according to the argument u: `same` has
/// the same infinity and NaN as u.
template <class A>
[[gnu::always_inline]] inline xsimd::batch<double, A> with_limits(
    const xsimd::batch<double, A>& u, const xsimd::batch<double, A>& same,
    const xsimd::batch<double, A>& result) {
  using Batch = xsimd::batch<double, A>;
  const Batch below =
      xsimd::select(u == Batch(0.0), Batch(-std::numeric_limits<double>::infinity()),
                    Batch(std::numeric_limits<double>::quiet_NaN()));
  const Batch lower = xsimd::select(u <= Batch(0.0), below, result);
  return xsimd::select(u <= Batch(std::numeric_limits<double>::max()), lower, same);
}

/// ln x to one unit in the last place, except for subnormal x.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> logarithm(const xsimd::batch<T, A>& x) {
  if constexpr (std::is_same_v<T, float>)
    return xsimd::log(x);
  else
    return with_limits(x, x, logarithm_of_sum(x, xsimd::batch<T, A>(0.0)));
}

/// ln(1 + x) to two units in the last place; +0 for -0.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> logarithm_plus_1(const xsimd::batch<T, A>& x) {
  if constexpr (std::is_same_v<T, float>) {
    return xsimd::log1p(x);
  } else {
    using Batch = xsimd::batch<T, A>;
    const Batch one(1.0), u = one + x;
    const Batch lost = xsimd::select(x < one, x - (u - one), one - (u - x));
    return with_limits(u, x, logarithm_of_sum(u, lost));
  }
}

}  // namespace chainrule::detail

#endif
