// The loops of reductions: many elements folded into one, for the processor at hand.
#pragma once

#include <cstddef>

#include "autodiff/core/dtype.hpp"

namespace chainrule {

/// What is done with elements x, beside each of which a number m may stand. A sum of nothing
/// is the identity of addition, core/untouched.hpp: so a sum of untouched adjoints is untouched.
enum class Fold : unsigned char {
  sum,
  product,
  greatest,  ///< NaN if one is
  least,
  absolutes,     ///< the sum of |x|
  squares,       ///< the sum of x^2
  differences,   ///< the sum of x - m
  deviations,    ///< the sum of (x - m)^2
  exponentials,  ///< the sum of exp(x - m)
  extent,        ///< the greatest |x| or 1 / |x|: how far from 1 a factor is
};
inline constexpr std::size_t fold_count = static_cast<std::size_t>(Fold::extent) + 1;

/// The loops of one fold for one element type. `end` is where memory that may be read ends; behind
/// each row there may be more of it, which makes its last few elements cheaper.
struct FoldLoops {
  /// Of n elements, `stride` apart, with one m. Many elements are folded in blocks whose results
  /// are put together in double.
  double (*row)(const void* x, std::ptrdiff_t stride, std::size_t n, const void* end, double m);
  /// Folds each column of a matrix of neighbouring columns into block[j], with m[j] (m may be
  /// nullptr unless the fold needs it). No more than a hundred rows or so should meet
  /// in a block.
  void (*columns)(const void* x, std::ptrdiff_t row_stride, std::size_t rows, std::size_t n,
                  const void* end, const void* m, void* block);
  double none;  ///< the fold of no elements
  /// Two results of the fold put together.
  double (*together)(double x, double y);
};

const FoldLoops& fold_loops(Fold fold, DType dtype);

}  // namespace chainrule
