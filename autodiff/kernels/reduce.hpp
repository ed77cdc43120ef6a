// Reductions of arrays with any strides.
#pragma once

#include "autodiff/kernels/folds.hpp"
#include "autodiff/values/array.hpp"

namespace chainrule {

/// The shape without the given axes (ascending, counted from the front), or with size 1 for each of
/// them if `keepdims`.
Shape reduced_shape(const Shape& shape, const Axes& axes, bool keepdims);

struct FoldOptions {
  bool keepdims = false;
  double divisor = 1.0;          ///< divides each result, before it is rounded
  const Array* shift = nullptr;  ///< the numbers m of the fold, in the shape with keepdims
};
/// Folds x along the axes (ascending, counted from the front); with no axes, folds each element by
/// itself. A fold of no elements gives the identity of the fold. Cost: one pass, in memory order if
/// possible.
Array fold(Fold kind, const Array& x, const Axes& axes, const FoldOptions& options = {});

/// x with the given axes moved to the end, in row-major order: a matrix in which each row holds the
/// elements along these axes.
struct RowsAlong {
  Array matrix;
  std::size_t rows, columns;

  RowsAlong(const Array& x, const Axes& axes);
  /// Moves the axes of an array with the layout of the matrix back to their places. Row-major.
  Array restored(const Array& result) const;

 private:
  Axes order_;  // the axes of x in the order of the matrix; empty if the order is unchanged
};

}  // namespace chainrule
