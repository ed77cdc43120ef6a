// Products of many factors of any magnitude.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "autodiff/core/bits.hpp"

namespace chainrule {

/// A product stored as a mantissa and a separate exponent, so that no partial product overflows or
/// underflows. Zeros, infinities and NaN behave as in ordinary products.
class LongProduct {
 public:
  LongProduct& operator*=(double x) {
    const std::uint64_t bits = detail::bits_of(x), exponent = bits >> 52 & 0x7ff;
    if (exponent == 0 || exponent == 0x7ff) [[unlikely]] {  // 0 or subnormal; infinite or NaN
      multiply_special(x);
      return *this;
    }
    const std::uint64_t between_1_and_2 = (bits & 0x800f'ffff'ffff'ffffu) | std::uint64_t{1023}
                                                                                << 52;
    double factor;
    __builtin_memcpy(&factor, &between_1_and_2, sizeof factor);
    mantissa_ *= factor;
    exponent_ += static_cast<std::int64_t>(exponent) - 1023;
    if (std::abs(mantissa_) >= 0x1p512 && std::isfinite(mantissa_)) {
      mantissa_ *= 0x1p-512;
      exponent_ += 512;
    }
    return *this;
  }
  /// The product, rounded to the range of double.
  double value() const {
    return std::ldexp(mantissa_,
                      static_cast<int>(std::clamp<std::int64_t>(exponent_, -5000, 5000)));
  }

 private:
  void multiply_special(double x) {
    int exponent = 0;
    mantissa_ *= std::isfinite(x) ? 2.0 * std::frexp(x, &exponent) : x;
    if (exponent != 0) exponent_ += exponent - 1;
  }

  double mantissa_ = 1.0;
  std::int64_t exponent_ = 0;
};

}  // namespace chainrule
