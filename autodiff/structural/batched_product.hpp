// Matrix products over batches, used by matmul() and einsum().
#pragma once

#include <cstddef>

#include "autodiff/core/shape.hpp"
#include "autodiff/kernels/matrix_product.hpp"
#include "autodiff/values/array.hpp"

namespace chainrule {

/// One matrix for each element of a batch: the first matrix, and the distance between consecutive
/// ones along each axis of the batch, in elements (0 if they are the same matrix).
struct BatchedMatrix {
  MatrixView first;
  Extents strides;
};

/// Sizes of a product: [m, k] x [k, n].
struct ProductSizes {
  std::size_t m, n, k;
};

/// Computes a b for every element of the batch. The results, each [m, n] in row-major order, are
/// stored one after the other in `out`. Consecutive elements that share b and whose matrices a form
/// one larger matrix are computed as a single product.
void batched_product(DType dtype, Precision precision, const ProductSizes& sizes,
                     const Shape& batch, const BatchedMatrix& a, const BatchedMatrix& b, void* out);

}  // namespace chainrule
