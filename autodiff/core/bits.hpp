// The bits of numbers. (Some of the supported compilers lack std::bit_cast.)
#pragma once

#include <cstdint>
#include <type_traits>

#include "autodiff/core/language.hpp"

namespace chainrule::detail {

/// The unsigned integer that has as many bits as T, float or double.
template <class T>
using WordOf = std::conditional_t<sizeof(T) == sizeof(std::uint32_t), std::uint32_t, std::uint64_t>;

/// The bit pattern of x, float or double. Equal numbers have equal bits, except +0 and -0, which
/// differ in the sign bit. NaNs differ by their payload.
template <class T>
[[gnu::always_inline]] inline WordOf<T> bits_of(T x) {
  WordOf<T> bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return bits;
}
/// The number with these bits.
inline double double_of(std::uint64_t bits) {
  double x;
  __builtin_memcpy(&x, &bits, sizeof x);
  return x;
}

}  // namespace chainrule::detail
