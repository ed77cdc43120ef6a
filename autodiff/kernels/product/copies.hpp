// Copies of the factors of a product, for backends that cannot use them in place.
#pragma once

#include <cstdint>

#include "autodiff/kernels/product/product.hpp"

namespace chainrule::detail {

/// The layout of a factor as libraries accept it: contiguous lines, `leading` elements apart.
struct Lines {
  bool are_rows = false, are_columns = false;  // if both are false, the factor must be copied
  std::ptrdiff_t leading = 0;
};
Lines lines_of(std::size_t rows, std::size_t columns, std::ptrdiff_t row_stride,
               std::ptrdiff_t column_stride) noexcept;

/// The same product with factors that have contiguous rows or columns; other factors are copied to
/// scratch memory.
Product<float> with_lines(const Product<float>& product);
Product<double> with_lines(const Product<double>& product);

/// The same product with factors rounded to bfloat16 (to nearest, ties to even) and copied to
/// scratch memory as floats. The copies have contiguous rows, or contiguous columns if the
/// originals did.
Product<float> rounded_to_bfloat16(const Product<float>& product);

/// The same rounding for one factor, to the 16 bits of bfloat16. The copy has contiguous columns if
/// row_stride is 1 and column_stride is not, otherwise contiguous rows.
const std::uint16_t* bfloat16_copy(const float* from, std::size_t rows, std::size_t columns,
                                   std::ptrdiff_t row_stride, std::ptrdiff_t column_stride,
                                   Scratch purpose);

/// Sets out to bias [+ out], or to 0: the initial value for a library that can only add to out.
void start_sums(const Product<float>& product) noexcept;
void start_sums(const Product<double>& product) noexcept;

}  // namespace chainrule::detail
