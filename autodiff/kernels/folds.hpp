// The loops of reductions, which fold many elements into one, for the selected instruction set.
#pragma once

#include <cstddef>

#include "autodiff/core/dtype.hpp"

namespace chainrule {

/// The kinds of fold over elements x. Some also use a number m for each result. The sum of no
/// elements is the identity of addition in core/untouched.hpp, so a sum of untouched adjoints is
/// untouched.
enum class Fold : unsigned char {
  sum,
  product,
  maximum,  ///< NaN if any element is NaN
  minimum,
  absolute_sum,     ///< the sum of |x|
  square_sum,       ///< the sum of x^2
  difference_sum,   ///< the sum of x - m
  deviation_sum,    ///< the sum of (x - m)^2
  exponential_sum,  ///< the sum of exp(x - m)
  extent,           ///< the maximum of all |x| and 1 / |x|
};
inline constexpr std::size_t fold_count = static_cast<std::size_t>(Fold::extent) + 1;

/// The loops of one fold for one element type. `end` is the end of the readable memory. If there is
/// more of it after a row, the last few elements of the row are cheaper.
struct FoldLoops {
  /// Folds n elements, `stride` apart, with a single m. Many elements are folded in blocks, whose
  /// results are combined in double.
  double (*row)(const void* x, std::ptrdiff_t stride, std::size_t n, const void* end, double m);
  /// Folds each column of a matrix whose columns are adjacent into block[j], with m[j] (m may be
  /// nullptr unless the fold needs it). A block should have no more than about a hundred rows.
  void (*columns)(const void* x, std::ptrdiff_t row_stride, std::size_t rows, std::size_t n,
                  const void* end, const void* m, void* block);
  double identity;  ///< the fold of no elements
  /// Combines two results of the fold.
  double (*combine)(double x, double y);
};

const FoldLoops& fold_loops(Fold fold, DType dtype);

}  // namespace chainrule
