// Reductions of arrays of any layout.
#pragma once

#include "autodiff/kernels/folds.hpp"
#include "autodiff/values/array.hpp"

namespace chainrule {

/// The shape without the axes (ascending, counted from the front), or with size 1 in their place.
Shape reduced_shape(const Shape& shape, const Axes& axes, bool keepdims);
/// An array of a reduced shape with size 1 in the place of each axis that is not there: a view.
/// `shape` is that before the reduction.
Array with_kept_axes(const Array& x, const Shape& shape, const Axes& axes);

struct FoldOptions {
  bool keepdims = false;
  double divisor = 1.0;           ///< of each result, before it is rounded
  const Array* beside = nullptr;  ///< the numbers m of the fold: in the shape with keepdims
};
/// x folded along the axes (ascending, from the front): along none, element by element. A fold of
/// no elements is FoldLoops::none. Cost: one pass, in the order of memory where there is one.
Array fold(Fold kind, const Array& x, const Axes& axes, const FoldOptions& options = {});

/// x with the axes moved behind all others, in row-major order: a matrix whose rows are what
/// belongs together along the axes.
struct RowsAlong {
  Array matrix;
  std::size_t rows, columns;

  RowsAlong(const Array& x, const Axes& axes);
  /// An array of the matrix's layout with its axes back in their places: row-major.
  Array restored(const Array& result) const;

 private:
  Axes order_;  // the axes of x, as the matrix has them; empty if it has them as they are
};

}  // namespace chainrule
