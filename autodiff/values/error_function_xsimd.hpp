// erf and erfc on vector registers. Those of xsimd lose up to half of the digits of a double.
#pragma once

#if __has_include(<xsimd/xsimd.hpp>)

#include <cstdint>
#include <type_traits>
#include <xsimd/xsimd.hpp>

#include "autodiff/values/exponential_xsimd.hpp"

namespace chainrule::detail {

template <class T>
struct ErrorFunction;

/// Coefficients, starting with the constant term. The Chebyshev interpolants were computed for this
/// project.
template <>
struct ErrorFunction<double> {
  /// (1 + 2 z) e^(z^2) erfc(z) in t = (z - pivot) / (z + pivot), for all z >= 0; to 2e-18.
  static constexpr double pivot = 4.0;
  static constexpr double scaled[] = {
      1.2329951186255526,     -0.1396211168405623,     0.015379652102619604,
      0.06809705425466908,    -0.10103906603630056,    0.0937328349990944,
      -0.06633036581218697,   0.03716751552655567,     -0.016197734059799265,
      0.005031970067657489,   -0.0007577732613730956,  -0.00019925714661091188,
      0.0001506214900124047,  -2.4397746422436416e-05, -1.1221287012353486e-05,
      5.706604414895734e-06,  2.919733377963012e-07,   -8.210939042560568e-07,
      7.746992727017941e-08,  1.0633855618594884e-07,  -2.05606492756992e-08,
      -1.234686604382353e-08, 3.1695881915648173e-09,  9.311744978232572e-10,
      -2.659599690242689e-10};
  /// erf(z) / z in z^2, for 0 <= z <= 1; to 1e-19.
  static constexpr double central[] = {
      1.1283791670955126,      -0.3761263890318375,     0.11283791670954882,
      -0.026866170645077334,   0.005223977624823223,    -0.0008548326981129666,
      0.00012055331122299266,  -1.4925595519506043e-05, 1.6461004480962034e-06,
      -1.6350354461959655e-07, 1.4660051998394848e-08,  -1.1373902296430911e-09,
      5.958930743134941e-11};
  static constexpr std::int64_t upper_half = ~0x7ffffffLL;  // of the bits of the mantissa
};
template <>
struct ErrorFunction<float> {
  static constexpr float pivot = 2.0f;
  static constexpr float scaled[] = {1.27697839f,      -0.0927637628f,  -0.166031096f,
                                     0.164049454f,     -0.0542119585f,  -0.00801896308f,
                                     0.00868915966f,   0.00121741059f,  -0.00139570695f,
                                     -0.000357920448f, 0.000160803582f, 6.33694584e-5f};
  static constexpr float central[] = {1.12837917f,     -0.376126385f,  0.112837826f,
                                      -0.0268654383f,  0.00522105341f, -0.000848439655f,
                                      0.000112682539f, -9.67359081e-6f};
  static constexpr std::int32_t upper_half = ~0xfff;
};

/// erfc(z) for z >= 0, after Shepherd and Laframboise, "Chebyshev approximation of (1 + 2x)
/// exp(x^2) erfc x in 0 <= x < inf", Math. Comp. 36 (1981). Subnormal results are not supported.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> upper_error_function(
    const xsimd::batch<T, A>& size) {
  using Batch = xsimd::batch<T, A>;
  using Table = ErrorFunction<T>;
  using Bits = xsimd::batch<xsimd::as_integer_t<T>, A>;
  const Batch z = xsimd::select(size > Batch(T(30)), Batch(T(30)), size);
  // The exact rounding error of z^2, which the exponential would amplify.
  const Batch square = z * z;
  const Batch high =
      xsimd::bitwise_cast<Batch>(xsimd::bitwise_cast<Bits>(z) & Bits(Table::upper_half));
  const Batch low = z - high;
  const Batch error = ((high * high - square) + (high + high) * low) + low * low;
  const Batch power = exponential(-square);
  const Batch t = (z - Batch(Table::pivot)) / (z + Batch(Table::pivot));
  return (power - power * error) * (polynomial(Table::scaled, t) / (Batch(T(1)) + (z + z)));
}

/// erfc(x) except for subnormal results. Accurate to 4 units in the last place.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> complementary_error_function(
    const xsimd::batch<T, A>& x) {
  using Batch = xsimd::batch<T, A>;
  const Batch upper = upper_error_function(xsimd::abs(x));
  return xsimd::select(x < Batch(T(0)), Batch(T(2)) - upper, upper);
}

/// erf(x). Accurate to 2 units in the last place.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch<T, A> error_function(const xsimd::batch<T, A>& x) {
  using Batch = xsimd::batch<T, A>;
  const Batch size = xsimd::abs(x);
  const auto is_central = size < Batch(T(1));
  const Batch central = x * polynomial(ErrorFunction<T>::central, x * x);
  if (xsimd::all(is_central)) return central;
  const Batch outer = (Batch(T(1)) - upper_error_function(size)) | xsimd::bitofsign(x);
  return xsimd::select(is_central, central, outer);
}

}  // namespace chainrule::detail

#endif
