// Packs on the vector registers that xsimd supports. One program must not contain code for
// different processors under the same name. So a build for a processor other than the default one
// renames the namespace `xsimd` on the command line, and with it everything below
// (autodiff/CMakeLists.txt).
#pragma once

#if __has_include(<xsimd/xsimd.hpp>)

#include <xsimd/xsimd.hpp>

#include "autodiff/values/functions_xsimd.hpp"
#include "autodiff/values/lanes.hpp"

namespace chainrule::detail {

template <class T, class Arch>
  requires std::is_base_of_v<xsimd::generic, Arch>
struct Lanes<T, Arch> {
  using Values = xsimd::batch<T, Arch>;
  using Mask = xsimd::batch_bool<T, Arch>;
  static constexpr std::size_t width = Values::size;

  [[gnu::always_inline]] static Values broadcast(T number) { return Values(number); }
  [[gnu::always_inline]] static Values load(const T* from) { return Values::load_unaligned(from); }
  [[gnu::always_inline]] static void store(const Values& x, T* to) { x.store_unaligned(to); }
  [[gnu::always_inline]] static Values load_first(const T* from, std::size_t count) {
    return count == 1 ? broadcast(*from) : first_lanes(Arch(), from, count);
  }
  [[gnu::always_inline]] static void store_first(const Values& x, T* to, std::size_t count) {
    store_first_lanes(Arch(), x, to, count);
  }

  template <class Rule, class... X>
  [[gnu::always_inline]] static Values run(const X&... x) {
    return value_of<Rule>(VectorValue<T, Arch>{x}...).values;
  }
  template <class Rule>
  [[gnu::always_inline]] static Mask compare(const Values& x, const Values& y) {
    if constexpr (std::is_same_v<Rule, rules::Less>)
      return x < y;
    else if constexpr (std::is_same_v<Rule, rules::LessEqual>)
      return x <= y;
    else if constexpr (std::is_same_v<Rule, rules::Greater>)
      return x > y;
    else if constexpr (std::is_same_v<Rule, rules::GreaterEqual>)
      return x >= y;
    else if constexpr (std::is_same_v<Rule, rules::Equal>)
      return x == y;
    else
      return !(x == y);  // xsimd's != is false for NaN
  }

  [[gnu::always_inline]] static Values select(const Mask& condition, const Values& x,
                                              const Values& y) {
    return xsimd::select(condition, x, y);
  }
  [[gnu::always_inline]] static Mask both(const Mask& x, const Mask& y) { return x & y; }
  [[gnu::always_inline]] static Mask either(const Mask& x, const Mask& y) { return x | y; }
  [[gnu::always_inline]] static Mask negated(const Mask& x) { return !x; }
  [[gnu::always_inline]] static bool all(const Mask& x) { return xsimd::all(x); }
  [[gnu::always_inline]] static bool any(const Mask& x) { return xsimd::any(x); }
  [[gnu::always_inline]] static Mask is_untouched(const Values& x) {
    return (x == Values(T(0))) & (xsimd::copysign(Values(T(1)), x) < Values(T(0)));
  }

 private:
  // Storing lanes one by one and loading them as a vector prevents store forwarding, which takes
  // longer than most operations. So masks are used if the processor has them.
  [[gnu::always_inline]] static Values first_lanes(xsimd::generic, const T* from,
                                                   std::size_t count) {
    T numbers[width];
    for (std::size_t i = 0; i < width; ++i) numbers[i] = from[i < count ? i : 0];
    return load(numbers);
  }
  [[gnu::always_inline]] static void store_first_lanes(xsimd::generic, const Values& x, T* to,
                                                       std::size_t count) {
    T numbers[width];
    store(x, numbers);
    for (std::size_t i = 0; i < count; ++i) to[i] = numbers[i];
  }
#if defined(__AVX512F__)
  [[gnu::always_inline]] static Values first_lanes(xsimd::avx512f, const T* from,
                                                   std::size_t count) {
    const unsigned mask = (1U << count) - 1U;
    if constexpr (sizeof(T) == sizeof(float))
      return _mm512_mask_loadu_ps(_mm512_set1_ps(*from), static_cast<__mmask16>(mask), from);
    else
      return _mm512_mask_loadu_pd(_mm512_set1_pd(*from), static_cast<__mmask8>(mask), from);
  }
  // Data stored under a mask is slow to load again soon; a single number is not.
  [[gnu::always_inline]] static void store_first_lanes(xsimd::avx512f, const Values& x, T* to,
                                                       std::size_t count) {
    const unsigned mask = (1U << count) - 1U;
    if constexpr (sizeof(T) == sizeof(float)) {
      if (count == 1)
        *to = _mm512_cvtss_f32(x);
      else
        _mm512_mask_storeu_ps(to, static_cast<__mmask16>(mask), x);
    } else {
      if (count == 1)
        *to = _mm512_cvtsd_f64(x);
      else
        _mm512_mask_storeu_pd(to, static_cast<__mmask8>(mask), x);
    }
  }
#elif defined(__AVX2__)
  [[gnu::always_inline]] static Values first_lanes(xsimd::avx, const T* from, std::size_t count) {
    if constexpr (sizeof(T) == sizeof(float)) {
      const __m256i position = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
      const __m256i mask = _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), position);
      return _mm256_blendv_ps(_mm256_set1_ps(*from), _mm256_maskload_ps(from, mask),
                              _mm256_castsi256_ps(mask));
    } else {
      const __m256i position = _mm256_setr_epi64x(0, 1, 2, 3);
      const __m256i mask =
          _mm256_cmpgt_epi64(_mm256_set1_epi64x(static_cast<long long>(count)), position);
      return _mm256_blendv_pd(_mm256_set1_pd(*from), _mm256_maskload_pd(from, mask),
                              _mm256_castsi256_pd(mask));
    }
  }
#endif
};

}  // namespace chainrule::detail

#endif
