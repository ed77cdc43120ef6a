// The bits of a double. (std::bit_cast is more than some of the compilers have.)
#pragma once

#include <cstdint>

#include "autodiff/core/language.hpp"

namespace chainrule {

/// Equal for equal doubles, but for zeros, which differ by their sign, and NaNs, by their payload.
inline std::uint64_t bits_of(double x) {
  std::uint64_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return bits;
}

}  // namespace chainrule
