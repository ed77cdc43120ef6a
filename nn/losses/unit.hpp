// A unit for sums of squares.
#pragma once

#include <cmath>

#include "autodiff/core/language.hpp"

namespace chainrule::nn::detail {

/// A power of two near the largest of some numbers; 1 if that is 0 or not finite. In this unit no
/// square of the numbers overflows, and none underflows that counts. Dividing by it is exact.
inline double unit_of(double largest) {
  return largest > 0.0 && std::isfinite(largest) ? std::exp2(std::ilogb(largest)) : 1.0;
}

}  // namespace chainrule::nn::detail
