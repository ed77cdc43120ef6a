// The precision of tensor products.
#pragma once

#include <cstdint>

#include "autodiff/core/language.hpp"

namespace chainrule {

/// How products of float32 matrices are computed: entirely in float32, or with factors rounded to
/// bfloat16 (8 bits of mantissa, to nearest) and products summed in float32. Does not affect
/// products of float64.
enum class Precision : std::uint8_t { full, bfloat16 };

/// "full" or "bfloat16".
constexpr const char* name_of(Precision precision) {
  return precision == Precision::full ? "full" : "bfloat16";
}

}  // namespace chainrule
