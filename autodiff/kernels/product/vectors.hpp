// Vectors of the width of the target instruction set, for the kernels of the matrix product. This
// file calls no function of the standard library: if such a function were not inlined, it would be
// compiled for this instruction set, and the linker could choose that copy for all code.
#pragma once

#include <cstddef>
#include <utility>

#if defined(__AVX__)
#include <immintrin.h>
#endif

#include "autodiff/kernels/product/product.hpp"

#ifndef CHAINRULE_INSTRUCTION_SET
#define CHAINRULE_INSTRUCTION_SET portable
#endif

#define CHAINRULE_INLINE __attribute__((always_inline))

namespace chainrule::CHAINRULE_INSTRUCTION_SET::product {

#if defined(__AVX512F__)
constexpr int vector_bytes = 64;
#elif defined(__AVX__)
constexpr int vector_bytes = 32;
#else
constexpr int vector_bytes = 16;
#endif

template <class T>
struct VectorOf {
  typedef T type __attribute__((vector_size(vector_bytes)));
  typedef T unaligned __attribute__((vector_size(vector_bytes), aligned(alignof(T)), may_alias));
};
template <class T>
using Vector = typename VectorOf<T>::type;

template <class T>
constexpr int lanes = vector_bytes / static_cast<int>(sizeof(T));

/// A compile-time number as a function argument.
template <int i>
struct Index {
  constexpr CHAINRULE_INLINE operator int() const { return i; }
};

/// f(Index<0>), f(Index<1>), ..., f(Index<count - 1>), unrolled.
template <int count, class F>
CHAINRULE_INLINE constexpr void unroll(const F& f) {
  [&]<int... i>(std::integer_sequence<int, i...>) CHAINRULE_INLINE { (f(Index<i>{}), ...); }
  (std::make_integer_sequence<int, count>{});
}

template <class T>
CHAINRULE_INLINE inline Vector<T> load(const T* from) {
  return *reinterpret_cast<const typename VectorOf<T>::unaligned*>(from);
}
template <class T>
CHAINRULE_INLINE inline void store(T* to, Vector<T> x) {
  *reinterpret_cast<typename VectorOf<T>::unaligned*>(to) = x;
}

/// A vector with x in every lane; keeps the bits of x unchanged.
template <class T>
CHAINRULE_INLINE inline Vector<T> broadcast(T x) {
  return [&]<int... i>(std::integer_sequence<int, i...>) CHAINRULE_INLINE {
    return Vector<T>{(static_cast<void>(i), x)...};
  }
  (std::make_integer_sequence<int, lanes<T>>{});
}

// load_first and store_first access only the first `count` lanes (at least 1); the other lanes are
// 0.
#if defined(__AVX512F__)
CHAINRULE_INLINE inline __mmask16 first(int count) {
  return static_cast<__mmask16>((1U << count) - 1U);
}
CHAINRULE_INLINE inline Vector<float> load_first(const float* from, int count) {
  return (Vector<float>)_mm512_maskz_loadu_ps(first(count), from);
}
CHAINRULE_INLINE inline void store_first(float* to, Vector<float> x, int count) {
  _mm512_mask_storeu_ps(to, first(count), (__m512)x);
}
CHAINRULE_INLINE inline Vector<double> load_first(const double* from, int count) {
  return (Vector<double>)_mm512_maskz_loadu_pd(static_cast<__mmask8>(first(count)), from);
}
CHAINRULE_INLINE inline void store_first(double* to, Vector<double> x, int count) {
  _mm512_mask_storeu_pd(to, static_cast<__mmask8>(first(count)), (__m512d)x);
}
#elif defined(__AVX2__)
CHAINRULE_INLINE inline __m256i first_of_8(int count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
CHAINRULE_INLINE inline __m256i first_of_4(int count) {
  return _mm256_cmpgt_epi64(_mm256_set1_epi64x(count), _mm256_setr_epi64x(0, 1, 2, 3));
}
CHAINRULE_INLINE inline Vector<float> load_first(const float* from, int count) {
  return (Vector<float>)_mm256_maskload_ps(from, first_of_8(count));
}
CHAINRULE_INLINE inline void store_first(float* to, Vector<float> x, int count) {
  _mm256_maskstore_ps(to, first_of_8(count), (__m256)x);
}
CHAINRULE_INLINE inline Vector<double> load_first(const double* from, int count) {
  return (Vector<double>)_mm256_maskload_pd(from, first_of_4(count));
}
CHAINRULE_INLINE inline void store_first(double* to, Vector<double> x, int count) {
  _mm256_maskstore_pd(to, first_of_4(count), (__m256d)x);
}
#else
template <class T>
CHAINRULE_INLINE inline Vector<T> load_first(const T* from, int count) {
  if (count == lanes<T>) return load(from);
  Vector<T> x{};
  for (int i = 0; i < count; ++i) x[i] = from[i];
  return x;
}
template <class T>
CHAINRULE_INLINE inline void store_first(T* to, Vector<T> x, int count) {
  if (count == lanes<T>)
    store(to, x);
  else
    for (int i = 0; i < count; ++i) to[i] = x[i];
}
#endif

/// A short vector, of which the first `count` elements are loaded or stored.
template <class T, int size>
struct PartOf {
  typedef T type __attribute__((vector_size(size * static_cast<int>(sizeof(T)))));
};
template <class T, int size>
using Part = typename PartOf<T, size>::type;
template <class T, int size, int count>
CHAINRULE_INLINE inline Part<T, size> load_part(const T* from) {
  Part<T, size> x{};
  __builtin_memcpy(&x, from, count * sizeof(T));
  return x;
}
template <class T, int size, int count>
CHAINRULE_INLINE inline void store_part(T* to, Part<T, size> x) {
  __builtin_memcpy(to, &x, count * sizeof(T));
}

/// lower_blocks keeps the lanes e of x whose bit `step` is clear, upper_blocks those of x whose bit
/// `step` is set, moved down; lanes of y fill the remaining places. (The two halves of exchanging
/// blocks of `step` lanes.)
template <class T, int step>
CHAINRULE_INLINE inline Vector<T> lower_blocks(Vector<T> x, Vector<T> y) {
  return [&]<int... e>(std::integer_sequence<int, e...>) CHAINRULE_INLINE {
    return __builtin_shufflevector(x, y, ((e & step) != 0 ? lanes<T> + (e ^ step) : e)...);
  }
  (std::make_integer_sequence<int, lanes<T>>{});
}
template <class T, int step>
CHAINRULE_INLINE inline Vector<T> upper_blocks(Vector<T> x, Vector<T> y) {
  return [&]<int... e>(std::integer_sequence<int, e...>) CHAINRULE_INLINE {
    return __builtin_shufflevector(x, y, ((e & step) != 0 ? lanes<T> + e : (e ^ step))...);
  }
  (std::make_integer_sequence<int, lanes<T>>{});
}

/// Transposes the square matrix formed by lanes<T> vectors: exchanges off-diagonal blocks of half
/// the size, then of a quarter, and so on down to single lanes.
template <class T, int step = lanes<T> / 2>
CHAINRULE_INLINE inline void transpose(Vector<T>* x) {
  unroll<lanes<T>>([&](auto at) CHAINRULE_INLINE {
    constexpr int i = decltype(at){};
    if constexpr ((i & step) == 0) {
      const Vector<T> lower = lower_blocks<T, step>(x[i], x[i + step]);
      x[i + step] = upper_blocks<T, step>(x[i], x[i + step]);
      x[i] = lower;
    }
  });
  if constexpr (step > 1) transpose<T, step / 2>(x);
}

/// Alternates `step` lanes of x with `step` lanes of y: lanes of x where bit `step` of the lane
/// number is clear. The lanes are taken from the same place, or from the neighbouring block.
template <class T, int step, int from>
CHAINRULE_INLINE inline Vector<T> interleaved(Vector<T> x, Vector<T> y) {
  return [&]<int... e>(std::integer_sequence<int, e...>) CHAINRULE_INLINE {
    return __builtin_shufflevector(x, y, (((e & step) != 0 ? lanes<T> : 0) + (e ^ from))...);
  }
  (std::make_integer_sequence<int, lanes<T>>{});
}

/// A vector whose lane i is the sum of all lanes of x[i].
template <class T, int step = lanes<T> / 2>
CHAINRULE_INLINE inline Vector<T> sums(Vector<T>* x) {
  unroll<step>([&](auto i) CHAINRULE_INLINE {
    x[i] =
        interleaved<T, step, 0>(x[i], x[i + step]) + interleaved<T, step, step>(x[i], x[i + step]);
  });
  if constexpr (step > 1)
    return sums<T, step / 2>(x);
  else
    return x[0];
}

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET::product
