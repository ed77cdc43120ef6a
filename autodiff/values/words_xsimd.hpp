// The words that the text of primitive rules finds where it runs on vector registers. xsimd's
// functions are within 4 units in the last place of the true value over most of their range; each
// word here says where they are not, and what is done about it.
#pragma once

#if __has_include(<xsimd/xsimd.hpp>)

#include <xsimd/xsimd.hpp>

#include "autodiff/values/error_function_xsimd.hpp"
#include "autodiff/values/lane_by_lane.hpp"

namespace chainrule::detail {

/// The numbers of a pack as rule text sees them: a type of this namespace, so that the words below
/// are found, and none of xsimd's own.
template <class T, class Arch>
struct Word {
  xsimd::batch<T, Arch> values;
};

// ---- Where xsimd does not reach
// ------------------------------------------------------------------

/// The scalar function of each lane.
template <class Rule, class T, class A, class... Rest>
[[gnu::noinline]] xsimd::batch<T, A> by_lane(const xsimd::batch<T, A>& x, const Rest&... rest) {
  constexpr int width = static_cast<int>(xsimd::batch<T, A>::size);
  const xsimd::batch<T, A> operands[] = {x, rest...};
  T numbers[width];
  double in[1 + sizeof...(rest)][width], out[width];
  const double* rows[1 + sizeof...(rest)];
  for (std::size_t k = 0; k < 1 + sizeof...(rest); ++k) {
    operands[k].store_unaligned(numbers);
    for (int i = 0; i < width; ++i) in[k][i] = static_cast<double>(numbers[i]);
    rows[k] = in[k];
  }
  lane_by_lane<Rule>(rows, out, width);
  for (int i = 0; i < width; ++i) numbers[i] = static_cast<T>(out[i]);
  return xsimd::batch<T, A>::load_unaligned(numbers);
}

/// `result`, but the scalar function in the lanes of `gap`.
template <class Rule, class T, class A, class... X>
[[gnu::always_inline]] inline Word<T, A> patched(const xsimd::batch_bool<T, A>& gap,
                                                 const xsimd::batch<T, A>& result, const X&... x) {
  if (xsimd::any(gap)) [[unlikely]]
    return {xsimd::select(gap, by_lane<Rule>(x...), result)};
  return {result};
}

/// A result that has the sign of x anyway, with the sign of zeros set right, too.
template <class T, class A>
[[gnu::always_inline]] inline Word<T, A> signed_as(const xsimd::batch<T, A>& x,
                                                   const xsimd::batch<T, A>& result) {
  return {result | xsimd::bitofsign(x)};
}

/// A function of packs of doubles, on packs of floats.
template <class A, class Function, class... X>
[[gnu::always_inline]] inline Word<float, A> in_double(Function function, const X&... x) {
  using Halves = xsimd::batch<double, A>;
  constexpr std::size_t half = Halves::size;
  float in[sizeof...(x)][2 * half], out[2 * half];
  std::size_t row = 0;
  (x.store_unaligned(in[row++]), ...);
  for (std::size_t begin = 0; begin < 2 * half; begin += half) {
    Halves wide[sizeof...(x)];
    double numbers[half];
    for (std::size_t k = 0; k < sizeof...(x); ++k) {
      for (std::size_t i = 0; i < half; ++i) numbers[i] = static_cast<double>(in[k][begin + i]);
      wide[k] = Halves::load_unaligned(numbers);
    }
    function(wide).store_unaligned(numbers);
    for (std::size_t i = 0; i < half; ++i) out[begin + i] = static_cast<float>(numbers[i]);
  }
  return {xsimd::batch<float, A>::load_unaligned(out)};
}

// ---- Arithmetic and pieces
// -----------------------------------------------------------------------

template <class T, class A>
[[gnu::always_inline]] inline Word<T, A> operator+(const Word<T, A>& x, const Word<T, A>& y) {
  return {x.values + y.values};
}
template <class T, class A>
[[gnu::always_inline]] inline Word<T, A> operator-(const Word<T, A>& x, const Word<T, A>& y) {
  return {x.values - y.values};
}
template <class T, class A>
[[gnu::always_inline]] inline Word<T, A> operator*(const Word<T, A>& x, const Word<T, A>& y) {
  return {x.values * y.values};
}
template <class T, class A>
[[gnu::always_inline]] inline Word<T, A> operator/(const Word<T, A>& x, const Word<T, A>& y) {
  return {x.values / y.values};
}
template <class T, class A>
[[gnu::always_inline]] inline Word<T, A> operator-(const Word<T, A>& x) {
  return {x.values ^ xsimd::batch<T, A>(T(-0.0))};  // xsimd's own takes it from 0 for AVX-512
}
template <class T, class A>
[[gnu::always_inline]] inline Word<T, A> abs(const Word<T, A>& x) {
  return {xsimd::abs(x.values)};
}
template <class T, class A>
[[gnu::always_inline]] inline Word<T, A> copysign(const Word<T, A>& x, const Word<T, A>& y) {
  return {xsimd::copysign(x.values, y.values)};
}
// Without the instruction of SSE 4.1 xsimd rounds -0.5 to +0.
template <class T, class A>
[[gnu::always_inline]] inline Word<T, A> floor(const Word<T, A>& x) {
  return signed_as(x.values, xsimd::floor(x.values));
}
template <class T, class A>
[[gnu::always_inline]] inline Word<T, A> ceil(const Word<T, A>& x) {
  return signed_as(x.values, xsimd::ceil(x.values));
}
template <class T, class A>
[[gnu::always_inline]] inline Word<T, A> trunc(const Word<T, A>& x) {
  return signed_as(x.values, xsimd::trunc(x.values));
}
template <class T, class A>
[[gnu::always_inline]] inline Word<T, A> round(const Word<T, A>& x) {
  return signed_as(x.values, xsimd::round(x.values));
}
template <class T, class A>
Word<T, A> fmod(const Word<T, A>& x, const Word<T, A>& y) {
  return {by_lane<rules::Fmod>(x.values, y.values)};
}
template <class T, class A>
Word<T, A> remainder(const Word<T, A>& x, const Word<T, A>& y) {
  return {by_lane<rules::Remainder>(x.values, y.values)};
}

// ---- Exponentials, logarithms, powers
// ------------------------------------------------------------

/// Where xsimd takes e^x for infinite half a binade too early.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch_bool<T, A> exp_end(const xsimd::batch<T, A>& x) {
  using Batch = xsimd::batch<T, A>;
  const T low = sizeof(T) == 8 ? T(709) : T(88.3), high = sizeof(T) == 8 ? T(709.8) : T(88.8);
  return (x > Batch(low)) & (x < Batch(high));
}
/// There, and where e^x is subnormal, which xsimd takes for 0.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch_bool<T, A> exp_gap(const xsimd::batch<T, A>& x) {
  using Batch = xsimd::batch<T, A>;
  const T low = sizeof(T) == 8 ? T(-708.3) : T(-87.3), least = sizeof(T) == 8 ? T(-745.2) : T(-104);
  return ((x < Batch(low)) & (x > Batch(least))) | exp_end(x);
}
template <class T, class A>
[[gnu::always_inline]] inline Word<T, A> exp(const Word<T, A>& x) {
  return patched<rules::Exp>(exp_gap(x.values), exponential(x.values), x.values);
}
template <class T, class A>
Word<T, A> exp2(const Word<T, A>& x) {
  using Batch = xsimd::batch<T, A>;
  const T low = sizeof(T) == 8 ? T(-1021) : T(-125), least = sizeof(T) == 8 ? T(-1076) : T(-151);
  const T high = sizeof(T) == 8 ? T(1022) : T(126), most = sizeof(T) == 8 ? T(1024) : T(128);
  const auto& v = x.values;
  return patched<rules::Exp2>(
      ((v < Batch(low)) & (v > Batch(least))) | ((v > Batch(high)) & (v < Batch(most))),
      xsimd::exp2(v), v);
}
template <class T, class A>
[[gnu::always_inline]] inline Word<T, A> expm1(const Word<T, A>& x) {
  return patched<rules::Expm1>(
      exp_end(x.values), exponential_minus_1(x.values) | xsimd::bitofsign(x.values), x.values);
}

/// Subnormal numbers, whose logarithms and roots xsimd does not find.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch_bool<T, A> is_subnormal(const xsimd::batch<T, A>& x) {
  using Batch = xsimd::batch<T, A>;
  const Batch size = xsimd::abs(x);
  return (size < Batch(std::numeric_limits<T>::min())) & (size > Batch(T(0)));
}
template <class T, class A>
[[gnu::always_inline]] inline Word<T, A> log(const Word<T, A>& x) {
  return patched<rules::Log>(is_subnormal(x.values), logarithm(x.values), x.values);
}
template <class T, class A>
Word<T, A> log2(const Word<T, A>& x) {
  return patched<rules::Log2>(is_subnormal(x.values), xsimd::log2(x.values), x.values);
}
template <class T, class A>
Word<T, A> log10(const Word<T, A>& x) {
  return patched<rules::Log10>(is_subnormal(x.values), xsimd::log10(x.values), x.values);
}
template <class T, class A>
[[gnu::always_inline]] inline Word<T, A> log1p(const Word<T, A>& x) {
  return signed_as(x.values, logarithm_plus_1(x.values));
}
template <class T, class A>
[[gnu::always_inline]] inline Word<T, A> sqrt(const Word<T, A>& x) {
  return {xsimd::sqrt(x.values)};
}
template <class T, class A>
Word<T, A> cbrt(const Word<T, A>& x) {
  return patched<rules::Cbrt>(is_subnormal(x.values), xsimd::cbrt(x.values), x.values);
}
// e^(y ln x) in the same precision loses as many digits as the result has digits before the point.
template <class T, class A>
Word<T, A> pow(const Word<T, A>& x, const Word<T, A>& y) {
  if constexpr (std::is_same_v<T, double>) {
    return {by_lane<rules::Pow>(x.values, y.values)};
  } else {
    using Batch = xsimd::batch<float, A>;
    const auto power = [](const xsimd::batch<double, A>* v) {
      return exponential(v[1] * logarithm(v[0]));
    };
    constexpr float least = std::numeric_limits<float>::min(),
                    most = std::numeric_limits<float>::max();
    const auto ordinary = (x.values >= Batch(least)) & (x.values <= Batch(most)) &
                          (xsimd::abs(y.values) <= Batch(most));
    return patched<rules::Pow>(!ordinary, in_double<A>(power, x.values, y.values).values, x.values,
                               y.values);
  }
}

// ---- Circular and hyperbolic functions
// -----------------------------------------------------------

template <class T, class A>
[[gnu::always_inline]] inline Word<T, A> sin(const Word<T, A>& x) {
  return {xsimd::sin(x.values)};
}
template <class T, class A>
[[gnu::always_inline]] inline Word<T, A> cos(const Word<T, A>& x) {
  return {xsimd::cos(x.values)};
}
template <class T, class A>
Word<T, A> tan(const Word<T, A>& x) {
  return {xsimd::tan(x.values)};
}
template <class T, class A>
Word<T, A> asin(const Word<T, A>& x) {
  return {xsimd::asin(x.values)};
}
template <class T, class A>
Word<T, A> acos(const Word<T, A>& x) {
  return {xsimd::acos(x.values)};
}
template <class T, class A>
Word<T, A> atan(const Word<T, A>& x) {
  return {xsimd::atan(x.values)};
}
// At the origin and where both are infinite, xsimd takes the quotient for NaN.
template <class T, class A>
Word<T, A> atan2(const Word<T, A>& x, const Word<T, A>& y) {
  using Batch = xsimd::batch<T, A>;
  const Batch infinity(std::numeric_limits<T>::infinity());
  const auto gap = (xsimd::abs(x.values) == xsimd::abs(y.values)) &
                   ((x.values == Batch(T(0))) | (xsimd::abs(x.values) == infinity));
  return patched<rules::Atan2>(gap, xsimd::atan2(x.values, y.values), x.values, y.values);
}
// xsimd takes the root of the sum of the squares, which may leave the range.
template <class T, class A>
Word<T, A> hypot(const Word<T, A>& x, const Word<T, A>& y) {
  using Batch = xsimd::batch<T, A>;
  const T least = sizeof(T) == 8 ? T(1e-140) : T(1e-15), most = sizeof(T) == 8 ? T(1e150) : T(1e18);
  const Batch larger = xsimd::max(xsimd::abs(x.values), xsimd::abs(y.values));
  const auto ordinary =
      ((larger >= Batch(least)) & (larger <= Batch(most)) & (xsimd::abs(x.values) <= Batch(most)) &
       (xsimd::abs(y.values) <= Batch(most)));
  return patched<rules::Hypot>(!ordinary, xsimd::hypot(x.values, y.values), x.values, y.values);
}
/// Where sinh and cosh are near the end of the range, or their exponential beyond it.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch_bool<T, A> end_of_range(const xsimd::batch<T, A>& x) {
  using Batch = xsimd::batch<T, A>;
  const T low = sizeof(T) == 8 ? T(708) : T(87), high = sizeof(T) == 8 ? T(711) : T(90);
  return (xsimd::abs(x) > Batch(low)) & (xsimd::abs(x) < Batch(high));
}
template <class T, class A>
Word<T, A> sinh(const Word<T, A>& x) {
  return patched<rules::Sinh>(end_of_range(x.values), xsimd::sinh(x.values), x.values);
}
template <class T, class A>
Word<T, A> cosh(const Word<T, A>& x) {
  return patched<rules::Cosh>(end_of_range(x.values), xsimd::cosh(x.values), x.values);
}
template <class T, class A>
[[gnu::always_inline]] inline Word<T, A> tanh(const Word<T, A>& x) {
  return {hyperbolic_tangent(x.values)};
}
template <class T, class A>
Word<T, A> asinh(const Word<T, A>& x) {
  return {xsimd::asinh(x.values)};
}
// Far below its domain xsimd takes acosh for finite.
template <class T, class A>
Word<T, A> acosh(const Word<T, A>& x) {
  using Batch = xsimd::batch<T, A>;
  return {xsimd::select(x.values < Batch(T(1)), Batch(std::numeric_limits<T>::quiet_NaN()),
                        xsimd::acosh(x.values))};
}
template <class T, class A>
Word<T, A> atanh(const Word<T, A>& x) {
  return {xsimd::atanh(x.values)};
}

// ---- Special functions
// ---------------------------------------------------------------------------

template <class T, class A>
[[gnu::always_inline]] inline Word<T, A> erf(const Word<T, A>& x) {
  return {error_function(x.values)};
}
template <class T, class A>
[[gnu::always_inline]] inline Word<T, A> erfc(const Word<T, A>& x) {
  using Batch = xsimd::batch<T, A>;
  const T low = sizeof(T) == 8 ? T(26.5) : T(9.1), high = sizeof(T) == 8 ? T(27.3) : T(10.1);
  return patched<rules::Erfc>((x.values > Batch(low)) & (x.values < Batch(high)),
                              complementary_error_function(x.values), x.values);
}
template <class T, class A>
Word<T, A> erfinv(const Word<T, A>& x) {
  return {by_lane<rules::Erfinv>(x.values)};
}
template <class T, class A>
Word<T, A> erfcx(const Word<T, A>& x) {
  return {by_lane<rules::Erfcx>(x.values)};
}
template <class T, class A>
Word<T, A> log_ndtr(const Word<T, A>& x) {
  return {by_lane<rules::LogNdtr>(x.values)};
}
template <class T, class A>
Word<T, A> tgamma(const Word<T, A>& x) {
  return {by_lane<rules::Tgamma>(x.values)};
}
template <class T, class A>
Word<T, A> digamma(const Word<T, A>& x) {
  return {by_lane<rules::Digamma>(x.values)};
}
template <class T, class A>
Word<T, A> lgamma_value(const Word<T, A>& x) {
  return {by_lane<rules::Lgamma>(x.values)};
}
template <class T, class A>
Word<T, A> polygamma(const Word<T, A>& x, const Word<T, A>& y) {
  return {by_lane<rules::Polygamma>(x.values, y.values)};
}
template <class T, class A>
Word<T, A> scaled_bessel(const Word<T, A>& x, const Word<T, A>& y) {
  return {by_lane<rules::ScaledBessel>(x.values, y.values)};
}
template <class T, class A>
Word<T, A> gamma_density(const Word<T, A>& x, const Word<T, A>& y) {
  return {by_lane<rules::GammaDensity>(x.values, y.values)};
}
template <class T, class A>
Word<T, A> gammainc(const Word<T, A>& x, const Word<T, A>& y) {
  return {by_lane<rules::Gammainc>(x.values, y.values)};
}
template <class T, class A>
Word<T, A> gamma_density_by_a(const Word<T, A>& x, const Word<T, A>& y, const Word<T, A>& z) {
  return {by_lane<rules::GammaDensityByA>(x.values, y.values, z.values)};
}
template <class T, class A>
Word<T, A> gammainc_by_a(const Word<T, A>& x, const Word<T, A>& y, const Word<T, A>& z) {
  return {by_lane<rules::GammaincByA>(x.values, y.values, z.values)};
}
template <class T, class A>
Word<T, A> beta_density(const Word<T, A>& x, const Word<T, A>& y, const Word<T, A>& z) {
  return {by_lane<rules::BetaDensity>(x.values, y.values, z.values)};
}
template <class T, class A>
Word<T, A> betainc(const Word<T, A>& x, const Word<T, A>& y, const Word<T, A>& z) {
  return {by_lane<rules::Betainc>(x.values, y.values, z.values)};
}

}  // namespace chainrule::detail

#endif
