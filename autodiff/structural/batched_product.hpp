// Matrix products over batches: what matmul() and einsum() come down to.
#pragma once

#include <cstddef>

#include "autodiff/core/shape.hpp"
#include "autodiff/kernels/matrix_product.hpp"
#include "autodiff/values/array.hpp"

namespace chainrule {

/// A matrix for each element of a batch: the first one, and how far apart they lie along each axis
/// of the batch (0 where they are the same), in elements.
struct BatchedMatrix {
  MatrixView first;
  Extents strides;
};

/// Sizes of a product: [m, k] x [k, n].
struct ProductSizes {
  std::size_t m, n, k;
};

/// a b for every element of the batch; the results, [m, n] each in row-major order, lie one after
/// the other in `out`. Batches that multiply the same b and lie like further rows of a are computed
/// as one product.
void batched_product(DType dtype, Precision precision, const ProductSizes& sizes,
                     const Shape& batch, const BatchedMatrix& a, const BatchedMatrix& b, void* out);

}  // namespace chainrule
