// The functions that primitive rules call when they run on vector registers. xsimd's functions are
// accurate to 4 units in the last place over most of their range. Comments say where they are not,
// and how this is corrected.
#pragma once

#if __has_include(<xsimd/xsimd.hpp>)

#include <xsimd/xsimd.hpp>

#include "autodiff/values/error_function_xsimd.hpp"
#include "autodiff/values/lane_by_lane.hpp"

namespace chainrule::detail {

/// The numbers of a pack as rules see them. The type belongs to this namespace, so that
/// argument-dependent lookup finds the functions below and not those of xsimd.
template <class T, class Arch>
struct VectorValue {
  xsimd::batch<T, Arch> values;
};

// ---- Ranges that xsimd does not cover -----------------------------------------------------------

/// Calls the scalar function for each lane.
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

/// `result`, with the lanes of `gap` replaced by the scalar function.
template <class Rule, class T, class A, class... X>
[[gnu::always_inline]] inline VectorValue<T, A> patched(const xsimd::batch_bool<T, A>& gap,
                                                        const xsimd::batch<T, A>& result,
                                                        const X&... x) {
  if (xsimd::any(gap)) [[unlikely]]
    return {xsimd::select(gap, by_lane<Rule>(x...), result)};
  return {result};
}

/// `result`, whose sign is that of x except for zeros, with the sign of zeros corrected.
template <class T, class A>
[[gnu::always_inline]] inline VectorValue<T, A> signed_as(const xsimd::batch<T, A>& x,
                                                          const xsimd::batch<T, A>& result) {
  return {result | xsimd::bitofsign(x)};
}

/// Applies a function of packs of doubles to packs of floats.
template <class A, class Function, class... X>
[[gnu::always_inline]] inline VectorValue<float, A> in_double(Function function, const X&... x) {
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

// ---- Arithmetic and piecewise functions ---------------------------------------------------------

template <class T, class A>
[[gnu::always_inline]] inline VectorValue<T, A> operator+(const VectorValue<T, A>& x,
                                                          const VectorValue<T, A>& y) {
  return {x.values + y.values};
}
template <class T, class A>
[[gnu::always_inline]] inline VectorValue<T, A> operator-(const VectorValue<T, A>& x,
                                                          const VectorValue<T, A>& y) {
  return {x.values - y.values};
}
template <class T, class A>
[[gnu::always_inline]] inline VectorValue<T, A> operator*(const VectorValue<T, A>& x,
                                                          const VectorValue<T, A>& y) {
  return {x.values * y.values};
}
template <class T, class A>
[[gnu::always_inline]] inline VectorValue<T, A> operator/(const VectorValue<T, A>& x,
                                                          const VectorValue<T, A>& y) {
  return {x.values / y.values};
}
template <class T, class A>
[[gnu::always_inline]] inline VectorValue<T, A> operator-(const VectorValue<T, A>& x) {
  // for AVX-512, xsimd's own operator subtracts it from 0
  return {x.values ^ xsimd::batch<T, A>(T(-0.0))};
}
template <class T, class A>
[[gnu::always_inline]] inline VectorValue<T, A> abs(const VectorValue<T, A>& x) {
  return {xsimd::abs(x.values)};
}
template <class T, class A>
[[gnu::always_inline]] inline VectorValue<T, A> copysign(const VectorValue<T, A>& x,
                                                         const VectorValue<T, A>& y) {
  return {xsimd::copysign(x.values, y.values)};
}
// Without the instruction of SSE 4.1, xsimd rounds -0.5 to +0.
template <class T, class A>
[[gnu::always_inline]] inline VectorValue<T, A> floor(const VectorValue<T, A>& x) {
  return signed_as(x.values, xsimd::floor(x.values));
}
template <class T, class A>
[[gnu::always_inline]] inline VectorValue<T, A> ceil(const VectorValue<T, A>& x) {
  return signed_as(x.values, xsimd::ceil(x.values));
}
template <class T, class A>
[[gnu::always_inline]] inline VectorValue<T, A> trunc(const VectorValue<T, A>& x) {
  return signed_as(x.values, xsimd::trunc(x.values));
}
template <class T, class A>
[[gnu::always_inline]] inline VectorValue<T, A> round(const VectorValue<T, A>& x) {
  return signed_as(x.values, xsimd::round(x.values));
}
template <class T, class A>
VectorValue<T, A> fmod(const VectorValue<T, A>& x, const VectorValue<T, A>& y) {
  return {by_lane<rules::Fmod>(x.values, y.values)};
}
template <class T, class A>
VectorValue<T, A> remainder(const VectorValue<T, A>& x, const VectorValue<T, A>& y) {
  return {by_lane<rules::Remainder>(x.values, y.values)};
}

// ---- Exponentials, logarithms, powers -----------------------------------------------------------

/// The range in which xsimd's e^x becomes infinite half a binade too early.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch_bool<T, A> exp_end(const xsimd::batch<T, A>& x) {
  using Batch = xsimd::batch<T, A>;
  const T low = sizeof(T) == 8 ? T(709) : T(88.3), high = sizeof(T) == 8 ? T(709.8) : T(88.8);
  return (x > Batch(low)) & (x < Batch(high));
}
/// That range, and the one where e^x is subnormal, which xsimd flushes to 0.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch_bool<T, A> exp_gap(const xsimd::batch<T, A>& x) {
  using Batch = xsimd::batch<T, A>;
  const T low = sizeof(T) == 8 ? T(-708.3) : T(-87.3),
          smallest = sizeof(T) == 8 ? T(-745.2) : T(-104);
  return ((x < Batch(low)) & (x > Batch(smallest))) | exp_end(x);
}
template <class T, class A>
[[gnu::always_inline]] inline VectorValue<T, A> exp(const VectorValue<T, A>& x) {
  return patched<rules::Exp>(exp_gap(x.values), exponential(x.values), x.values);
}
template <class T, class A>
VectorValue<T, A> exp2(const VectorValue<T, A>& x) {
  using Batch = xsimd::batch<T, A>;
  const T low = sizeof(T) == 8 ? T(-1021) : T(-125), smallest = sizeof(T) == 8 ? T(-1076) : T(-151);
  const T high = sizeof(T) == 8 ? T(1022) : T(126), largest = sizeof(T) == 8 ? T(1024) : T(128);
  const auto& v = x.values;
  return patched<rules::Exp2>(
      ((v < Batch(low)) & (v > Batch(smallest))) | ((v > Batch(high)) & (v < Batch(largest))),
      xsimd::exp2(v), v);
}
template <class T, class A>
[[gnu::always_inline]] inline VectorValue<T, A> expm1(const VectorValue<T, A>& x) {
  return patched<rules::Expm1>(
      exp_end(x.values), exponential_minus_1(x.values) | xsimd::bitofsign(x.values), x.values);
}

/// Subnormal numbers, whose logarithms and roots xsimd gets wrong.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch_bool<T, A> is_subnormal(const xsimd::batch<T, A>& x) {
  using Batch = xsimd::batch<T, A>;
  const Batch size = xsimd::abs(x);
  return (size < Batch(std::numeric_limits<T>::min())) & (size > Batch(T(0)));
}
template <class T, class A>
[[gnu::always_inline]] inline VectorValue<T, A> log(const VectorValue<T, A>& x) {
  return patched<rules::Log>(is_subnormal(x.values), logarithm(x.values), x.values);
}
template <class T, class A>
VectorValue<T, A> log2(const VectorValue<T, A>& x) {
  return patched<rules::Log2>(is_subnormal(x.values), xsimd::log2(x.values), x.values);
}
template <class T, class A>
VectorValue<T, A> log10(const VectorValue<T, A>& x) {
  return patched<rules::Log10>(is_subnormal(x.values), xsimd::log10(x.values), x.values);
}
template <class T, class A>
[[gnu::always_inline]] inline VectorValue<T, A> log1p(const VectorValue<T, A>& x) {
  return signed_as(x.values, logarithm_plus_1(x.values));
}
template <class T, class A>
[[gnu::always_inline]] inline VectorValue<T, A> sqrt(const VectorValue<T, A>& x) {
  return {xsimd::sqrt(x.values)};
}
template <class T, class A>
VectorValue<T, A> cbrt(const VectorValue<T, A>& x) {
  return patched<rules::Cbrt>(is_subnormal(x.values), xsimd::cbrt(x.values), x.values);
}
// e^(y ln x) in the same precision loses as many digits as y ln x has before the point.
template <class T, class A>
VectorValue<T, A> pow(const VectorValue<T, A>& x, const VectorValue<T, A>& y) {
  if constexpr (std::is_same_v<T, double>) {
    return {by_lane<rules::Pow>(x.values, y.values)};
  } else {
    using Batch = xsimd::batch<float, A>;
    const auto power = [](const xsimd::batch<double, A>* v) {
      return exponential(v[1] * logarithm(v[0]));
    };
    constexpr float smallest = std::numeric_limits<float>::min(),
                    largest = std::numeric_limits<float>::max();
    const auto ordinary = (x.values >= Batch(smallest)) & (x.values <= Batch(largest)) &
                          (xsimd::abs(y.values) <= Batch(largest));
    return patched<rules::Pow>(!ordinary, in_double<A>(power, x.values, y.values).values, x.values,
                               y.values);
  }
}

// ---- Circular and hyperbolic functions ----------------------------------------------------------

template <class T, class A>
[[gnu::always_inline]] inline VectorValue<T, A> sin(const VectorValue<T, A>& x) {
  return {xsimd::sin(x.values)};
}
template <class T, class A>
[[gnu::always_inline]] inline VectorValue<T, A> cos(const VectorValue<T, A>& x) {
  return {xsimd::cos(x.values)};
}
template <class T, class A>
VectorValue<T, A> tan(const VectorValue<T, A>& x) {
  return {xsimd::tan(x.values)};
}
template <class T, class A>
VectorValue<T, A> asin(const VectorValue<T, A>& x) {
  return {xsimd::asin(x.values)};
}
template <class T, class A>
VectorValue<T, A> acos(const VectorValue<T, A>& x) {
  return {xsimd::acos(x.values)};
}
template <class T, class A>
VectorValue<T, A> atan(const VectorValue<T, A>& x) {
  return {xsimd::atan(x.values)};
}
// At the origin, and if both operands are infinite, xsimd divides and gets NaN.
template <class T, class A>
VectorValue<T, A> atan2(const VectorValue<T, A>& x, const VectorValue<T, A>& y) {
  using Batch = xsimd::batch<T, A>;
  const Batch infinite(std::numeric_limits<T>::infinity());
  const auto gap = (xsimd::abs(x.values) == xsimd::abs(y.values)) &
                   ((x.values == Batch(T(0))) | (xsimd::abs(x.values) == infinite));
  return patched<rules::Atan2>(gap, xsimd::atan2(x.values, y.values), x.values, y.values);
}
// xsimd takes the root of the sum of squares, which may overflow or underflow.
template <class T, class A>
VectorValue<T, A> hypot(const VectorValue<T, A>& x, const VectorValue<T, A>& y) {
  using Batch = xsimd::batch<T, A>;
  const T smallest = sizeof(T) == 8 ? T(1e-140) : T(1e-15),
          largest = sizeof(T) == 8 ? T(1e150) : T(1e18);
  const Batch larger = xsimd::max(xsimd::abs(x.values), xsimd::abs(y.values));
  const auto ordinary =
      ((larger >= Batch(smallest)) & (larger <= Batch(largest)) &
       (xsimd::abs(x.values) <= Batch(largest)) & (xsimd::abs(y.values) <= Batch(largest)));
  return patched<rules::Hypot>(!ordinary, xsimd::hypot(x.values, y.values), x.values, y.values);
}
/// Where sinh and cosh are near the end of the range, or their exponential is beyond it.
template <class T, class A>
[[gnu::always_inline]] inline xsimd::batch_bool<T, A> end_of_range(const xsimd::batch<T, A>& x) {
  using Batch = xsimd::batch<T, A>;
  const T low = sizeof(T) == 8 ? T(708) : T(87), high = sizeof(T) == 8 ? T(711) : T(90);
  return (xsimd::abs(x) > Batch(low)) & (xsimd::abs(x) < Batch(high));
}
template <class T, class A>
VectorValue<T, A> sinh(const VectorValue<T, A>& x) {
  return patched<rules::Sinh>(end_of_range(x.values), xsimd::sinh(x.values), x.values);
}
template <class T, class A>
VectorValue<T, A> cosh(const VectorValue<T, A>& x) {
  return patched<rules::Cosh>(end_of_range(x.values), xsimd::cosh(x.values), x.values);
}
template <class T, class A>
[[gnu::always_inline]] inline VectorValue<T, A> tanh(const VectorValue<T, A>& x) {
  return {hyperbolic_tangent(x.values)};
}
template <class T, class A>
VectorValue<T, A> asinh(const VectorValue<T, A>& x) {
  return {xsimd::asinh(x.values)};
}
// Far below the domain, xsimd's acosh gives a finite number.
template <class T, class A>
VectorValue<T, A> acosh(const VectorValue<T, A>& x) {
  using Batch = xsimd::batch<T, A>;
  return {xsimd::select(x.values < Batch(T(1)), Batch(std::numeric_limits<T>::quiet_NaN()),
                        xsimd::acosh(x.values))};
}
template <class T, class A>
VectorValue<T, A> atanh(const VectorValue<T, A>& x) {
  return {xsimd::atanh(x.values)};
}

// ---- Special functions --------------------------------------------------------------------------

template <class T, class A>
[[gnu::always_inline]] inline VectorValue<T, A> erf(const VectorValue<T, A>& x) {
  return {error_function(x.values)};
}
template <class T, class A>
[[gnu::always_inline]] inline VectorValue<T, A> erfc(const VectorValue<T, A>& x) {
  using Batch = xsimd::batch<T, A>;
  const T low = sizeof(T) == 8 ? T(26.5) : T(9.1), high = sizeof(T) == 8 ? T(27.3) : T(10.1);
  return patched<rules::Erfc>((x.values > Batch(low)) & (x.values < Batch(high)),
                              complementary_error_function(x.values), x.values);
}
template <class T, class A>
VectorValue<T, A> erfinv(const VectorValue<T, A>& x) {
  return {by_lane<rules::Erfinv>(x.values)};
}
template <class T, class A>
VectorValue<T, A> erfcx(const VectorValue<T, A>& x) {
  return {by_lane<rules::Erfcx>(x.values)};
}
template <class T, class A>
VectorValue<T, A> log_ndtr(const VectorValue<T, A>& x) {
  return {by_lane<rules::LogNdtr>(x.values)};
}
template <class T, class A>
VectorValue<T, A> tgamma(const VectorValue<T, A>& x) {
  return {by_lane<rules::Tgamma>(x.values)};
}
template <class T, class A>
VectorValue<T, A> digamma(const VectorValue<T, A>& x) {
  return {by_lane<rules::Digamma>(x.values)};
}
template <class T, class A>
VectorValue<T, A> lgamma_value(const VectorValue<T, A>& x) {
  return {by_lane<rules::Lgamma>(x.values)};
}
template <class T, class A>
VectorValue<T, A> polygamma(const VectorValue<T, A>& x, const VectorValue<T, A>& y) {
  return {by_lane<rules::Polygamma>(x.values, y.values)};
}
template <class T, class A>
VectorValue<T, A> scaled_bessel(const VectorValue<T, A>& x, const VectorValue<T, A>& y) {
  return {by_lane<rules::ScaledBessel>(x.values, y.values)};
}
template <class T, class A>
VectorValue<T, A> gamma_density(const VectorValue<T, A>& x, const VectorValue<T, A>& y) {
  return {by_lane<rules::GammaDensity>(x.values, y.values)};
}
template <class T, class A>
VectorValue<T, A> gammainc(const VectorValue<T, A>& x, const VectorValue<T, A>& y) {
  return {by_lane<rules::Gammainc>(x.values, y.values)};
}
template <class T, class A>
VectorValue<T, A> gamma_density_by_a(const VectorValue<T, A>& x, const VectorValue<T, A>& y,
                                     const VectorValue<T, A>& z) {
  return {by_lane<rules::GammaDensityByA>(x.values, y.values, z.values)};
}
template <class T, class A>
VectorValue<T, A> gammainc_by_a(const VectorValue<T, A>& x, const VectorValue<T, A>& y,
                                const VectorValue<T, A>& z) {
  return {by_lane<rules::GammaincByA>(x.values, y.values, z.values)};
}
template <class T, class A>
VectorValue<T, A> beta_density(const VectorValue<T, A>& x, const VectorValue<T, A>& y,
                               const VectorValue<T, A>& z) {
  return {by_lane<rules::BetaDensity>(x.values, y.values, z.values)};
}
template <class T, class A>
VectorValue<T, A> betainc(const VectorValue<T, A>& x, const VectorValue<T, A>& y,
                          const VectorValue<T, A>& z) {
  return {by_lane<rules::Betainc>(x.values, y.values, z.values)};
}

}  // namespace chainrule::detail

#endif
