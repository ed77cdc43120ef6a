// Rows of any length in packs: the last pack of a row may hold fewer elements than it has lanes.
#pragma once

#include <array>
#include <limits>

#include "autodiff/core/untouched.hpp"
#include "autodiff/kernels/folds.hpp"
#include "autodiff/kernels/vector/instruction_set.hpp"
#include "autodiff/rules/piecewise.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET {

template <class T>
using PackOf = Pack<T, Architecture>;

template <class T>
inline constexpr auto lane_numbers = [] {
  std::array<T, PackOf<T>::width> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<T>(i);
  return numbers;
}();

/// x in the first `count` lanes, `other` in the remaining lanes.
template <class T>
[[gnu::always_inline]] inline PackOf<T> first_lanes(std::size_t count, const PackOf<T>& x,
                                                    T other) {
  using P = PackOf<T>;
  return (P::load(lane_numbers<T>.data()) < P(static_cast<T>(count))).select(x, P(other));
}

/// Loads `count` elements; the remaining lanes are undefined. Never reads at or beyond `end`.
template <class T>
[[gnu::always_inline]] inline PackOf<T> load_part(const T* from, std::size_t count, const T* end) {
  using P = PackOf<T>;
  if (end - from >= static_cast<std::ptrdiff_t>(P::width)) [[likely]]
    return P::load(from);
  T copy[P::width] = {};
  for (std::size_t i = 0; i < count; ++i) copy[i] = from[i];
  return P::load(copy);
}

/// Writes `count` lanes, and possibly undefined values after them, but nothing at or beyond `end`.
/// For rows that are written in order, so that the next row overwrites the excess.
template <class T>
[[gnu::always_inline]] inline void store_part(const PackOf<T>& x, T* to, std::size_t count,
                                              T* end) {
  using P = PackOf<T>;
  if (end - to >= static_cast<std::ptrdiff_t>(P::width)) [[likely]]
    return x.store(to);
  T copy[P::width];
  x.store(copy);
  for (std::size_t i = 0; i < count; ++i) to[i] = copy[i];
}

/// Combines all lanes by the fold F.
template <class F, class T>
[[gnu::always_inline]] inline T across(const PackOf<T>& x) {
  constexpr std::size_t width = PackOf<T>::width;
  T lanes[width];
  x.store(lanes);
  for (std::size_t half = width / 2; half > 0; half /= 2)
    for (std::size_t i = 0; i < half; ++i)
      lanes[i] = static_cast<T>(F::combine(lanes[i], lanes[i + half]));
  return lanes[0];
}

/// The fold F over n elements in packs from get(i, count), where `count` is the number of valid
/// lanes; the other lanes are ignored.
template <class F, class T, class Get>
[[gnu::always_inline]] inline T fold_packs(std::size_t n, Get get) {
  using P = PackOf<T>;
  constexpr std::size_t w = P::width;
  const P identity(static_cast<T>(F::identity));
  P a = identity;
  std::size_t i = 0;
  if (n >= 4 * w) {
    P b = identity, c = identity, d = identity;
    for (; i + 4 * w <= n; i += 4 * w) {
      a = F::combine(a, get(i, w));
      b = F::combine(b, get(i + w, w));
      c = F::combine(c, get(i + 2 * w, w));
      d = F::combine(d, get(i + 3 * w, w));
    }
    a = F::combine(F::combine(a, b), F::combine(c, d));
  }
  for (; i + w <= n; i += w) a = F::combine(a, get(i, w));
  if (i < n) a = F::combine(a, first_lanes<T>(n - i, get(i, n - i), static_cast<T>(F::identity)));
  return across<F, T>(a);
}

/// Calls f(i, count) for n elements, a pack at a time.
template <class T, class F>
[[gnu::always_inline]] inline void for_each_part(std::size_t n, F f) {
  constexpr std::size_t w = PackOf<T>::width;
  std::size_t i = 0;
  for (; i + w <= n; i += w) f(i, w);
  if (i < n) f(i, n - i);
}

// ---- Folds --------------------------------------------------------------------------------------

struct Adding {
  static constexpr double identity = detail::untouched;
  [[gnu::always_inline]] static auto combine(const auto& x, const auto& y) { return x + y; }
};
struct SumOf : Adding {
  static constexpr Fold kind = Fold::sum;
  [[gnu::always_inline]] static auto of(const auto& x, const auto&) { return x; }
};
struct ProductOf {
  static constexpr Fold kind = Fold::product;
  static constexpr double identity = 1.0;
  [[gnu::always_inline]] static auto combine(const auto& x, const auto& y) { return x * y; }
  [[gnu::always_inline]] static auto of(const auto& x, const auto&) { return x; }
};
struct MaximumOf {
  static constexpr Fold kind = Fold::maximum;
  static constexpr double identity = -std::numeric_limits<double>::infinity();
  [[gnu::always_inline]] static auto combine(const auto& x, const auto& y) {
    return select(y > x || !(y == y), y, x);
  }
  [[gnu::always_inline]] static auto of(const auto& x, const auto&) { return x; }
};
struct MinimumOf {
  static constexpr Fold kind = Fold::minimum;
  static constexpr double identity = std::numeric_limits<double>::infinity();
  [[gnu::always_inline]] static auto combine(const auto& x, const auto& y) {
    return select(y < x || !(y == y), y, x);
  }
  [[gnu::always_inline]] static auto of(const auto& x, const auto&) { return x; }
};
struct SumOfAbsolutes : Adding {
  static constexpr Fold kind = Fold::absolute_sum;
  [[gnu::always_inline]] static auto of(const auto& x, const auto&) { return abs(x); }
};
struct SumOfSquares : Adding {
  static constexpr Fold kind = Fold::square_sum;
  [[gnu::always_inline]] static auto of(const auto& x, const auto&) { return x * x; }
};
struct SumOfDifferences : Adding {
  static constexpr Fold kind = Fold::difference_sum;
  [[gnu::always_inline]] static auto of(const auto& x, const auto& m) { return x - m; }
};
struct SumOfDeviations : Adding {
  static constexpr Fold kind = Fold::deviation_sum;
  [[gnu::always_inline]] static auto of(const auto& x, const auto& m) {
    const auto d = x - m;
    return d * d;
  }
};
struct SumOfExponentials : Adding {
  static constexpr Fold kind = Fold::exponential_sum;
  [[gnu::always_inline]] static auto of(const auto& x, const auto& m) { return exp(x - m); }
};

struct ExtentOf {
  static constexpr Fold kind = Fold::extent;
  static constexpr double identity = MaximumOf::identity;
  // The maximum can lose a NaN; the product keeps it.
  [[gnu::always_inline]] static auto combine(const auto& x, const auto& y) {
    return select(y > x, y, x);
  }
  [[gnu::always_inline]] static auto of(const auto& x, const auto&) {
    const auto size = abs(x);
    return combine(size, 1.0 / size);
  }
};

/// The fold of a row of any length.
template <class F, class T>
double fold_row(const T* x, std::size_t n, const T* end, double m) {
  // A sum of floats loses small terms once it has grown, so no lane adds more than 32 numbers.
  constexpr std::size_t block = 4 * 32 * PackOf<T>::width;
  const PackOf<T> shift(static_cast<T>(m));
  double total = F::identity;
  for (std::size_t begin = 0; begin < n; begin += block) {
    const T* const from = x + begin;
    const T part = fold_packs<F, T>(
        n - begin < block ? n - begin : block, [&](std::size_t i, std::size_t count)
                                                   __attribute__((always_inline)) {
                                                     return F::of(
                                                         load_part<T>(from + i, count, end), shift);
                                                   });
    total = F::combine(total, static_cast<double>(part));
  }
  return total;
}

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
