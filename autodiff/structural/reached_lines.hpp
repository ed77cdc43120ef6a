// Which rows or columns of a product of matrices are reached, if one factor is an adjoint.
#pragma once

#include <optional>

#include "autodiff/values/array.hpp"

namespace chainrule::detail {

/// Which lines (rows or columns) of the adjoint become which lines of the product.
enum class LineMapping : unsigned char {
  rows_to_rows,
  columns_to_rows,  // the adjoint is on the left, transposed
  rows_to_columns,  // the adjoint is on the right, transposed
  columns_to_columns
};

/// A line of the product is reached if the line of the adjoint from which it is computed has an
/// element that is. Without a factor, everything is reached.
struct ReachedLines {
  Array factor;  ///< the elements of the adjoint; contiguous
  LineMapping mapping = LineMapping::rows_to_rows;
};

/// The lines of the product of an adjoint and another factor of this rank. Nothing if the adjoint
/// is not contiguous, or if there are batches whose lines are not exactly those of the adjoint, in
/// the same order.
std::optional<ReachedLines> reached_lines(const Array& adjoint, LineMapping mapping,
                                          std::size_t rank_of_other);

/// Sets the elements of all other lines of a product to `untouched`. Precondition: the product is
/// unique. Cost: at most one pass over the factor, and writing each marked line.
void mark_unreached_lines(const ReachedLines& lines, Array& product);

}  // namespace chainrule::detail
