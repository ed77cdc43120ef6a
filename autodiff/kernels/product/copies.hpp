// Copies of a product's factors, for what cannot take them as they are.
#pragma once

#include <cstdint>

#include "autodiff/kernels/product/product.hpp"

namespace chainrule::detail {

/// A factor as libraries take it: contiguous lines, `leading` elements apart.
struct Lines {
  bool are_rows = false, are_columns = false;  // both false: it is neither, and has to be copied
  std::ptrdiff_t leading = 0;
};
Lines lines_of(std::size_t rows, std::size_t columns, std::ptrdiff_t row_stride,
               std::ptrdiff_t column_stride) noexcept;

/// The same product of factors that are contiguous in rows or columns, copied to scratch memory
/// where they are not.
Product<float> with_lines(const Product<float>& product);
Product<double> with_lines(const Product<double>& product);

/// The same product of factors rounded to bfloat16 (to nearest, ties to even), copied to scratch
/// memory as floats, contiguous in rows, or in columns if they were.
Product<float> rounded_to_bfloat16(const Product<float>& product);

/// The same rounding of one factor, to the 16 bits of bfloat16. The copy is contiguous in columns
/// if row_stride is 1 and column_stride is not, otherwise in rows.
const std::uint16_t* bfloat16_copy(const float* from, std::size_t rows, std::size_t columns,
                                   std::ptrdiff_t row_stride, std::ptrdiff_t column_stride,
                                   Scratch purpose);

/// out = bias [+ out], or 0: what a library that can only add starts from.
void start_sums(const Product<float>& product) noexcept;
void start_sums(const Product<double>& product) noexcept;

}  // namespace chainrule::detail
