// Conversion from 16-bit floating-point formats, given as bits. They occur in files only; no
// computation uses them.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "autodiff/core/language.hpp"

namespace chainrule {

/// Converts an IEEE 754 half-precision number. Exact.
inline float float_of_half(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  const float magnitude = exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                          : exponent == 31
                              ? (fraction == 0 ? std::numeric_limits<float>::infinity()
                                               : std::numeric_limits<float>::quiet_NaN())
                              : std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
  return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

/// Converts a bfloat16, which is the upper half of a float. Exact.
inline float float_of_bfloat16(std::uint16_t bits) {
  const std::uint32_t wide = std::uint32_t{bits} << 16;
  float value;
  std::memcpy(&value, &wide, sizeof value);
  return value;
}

}  // namespace chainrule
