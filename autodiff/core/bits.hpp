// The bits of a double. (Some of the supported compilers lack std::bit_cast.)
#pragma once

#include <cstdint>

#include "autodiff/core/language.hpp"

namespace chainrule {

/// The bit pattern of x. Equal doubles have equal bits, except +0 and -0, which differ in the sign
/// bit. NaNs differ by their payload.
inline std::uint64_t bits_of(double x) {
  std::uint64_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return bits;
}

}  // namespace chainrule
