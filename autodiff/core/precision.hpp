// How exactly products of tensors are computed.
#pragma once

#include <cstdint>

#include "autodiff/core/language.hpp"

namespace chainrule {

/// How products of float32 matrices are computed: in float32 throughout, or from factors rounded to
/// bfloat16 (8 bits of mantissa, to nearest) whose products are summed in float32. Products of
/// float64 are not concerned.
enum class Precision : std::uint8_t { full, bfloat16 };

/// "full" or "bfloat16".
constexpr const char* name_of(Precision precision) {
  return precision == Precision::full ? "full" : "bfloat16";
}

}  // namespace chainrule
