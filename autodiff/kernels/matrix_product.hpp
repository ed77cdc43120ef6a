// The product of two matrices, in which a network spends most of its time.
#pragma once

#include <cstddef>
#include <cstdint>

#include "autodiff/core/dtype.hpp"
#include "autodiff/core/precision.hpp"

namespace chainrule {

/// A matrix in memory: element (i, j) is data[i * row_stride + j * column_stride]. Strides are
/// counted in elements and may have any value. So a transpose is the view with exchanged strides,
/// and a stride of 0 repeats a row or a column.
struct MatrixView {
  const void* data;
  std::ptrdiff_t row_stride, column_stride;
};

/// out (m x n, rows out_stride apart, each contiguous) = a (m x k) * b (k x n), plus bias (n
/// elements, the same for every row) if it is not null, plus the previous contents of out if
/// `accumulate`; otherwise out is not read.
///
/// All elements have the given type; out must not overlap the other arrays. NaN and infinities
/// propagate as in IEEE arithmetic (with k = 0 the product is 0). Sums are computed in the element
/// type, in an order that depends only on the sizes, the processor and thread_count(), so the same
/// call gives the same bits. Fastest if a or its transpose, and b or its transpose, have contiguous
/// rows; contiguous rows of b itself are better than of its transpose.
///
/// Large products are divided among thread_count() threads. Memory is allocated only in the first
/// call of each size (see release_product_memory); throws std::bad_alloc if that fails.
void matrix_product(DType type, Precision precision, std::size_t m, std::size_t n, std::size_t k,
                    MatrixView a, MatrixView b, const void* bias, bool accumulate, void* out,
                    std::ptrdiff_t out_stride);

/// The number of multiplications that justifies a thread: about 30 us of work.
inline constexpr std::size_t product_work_of_thread = std::size_t{1} << 21;

/// Frees the memory that products on the calling thread keep for intermediate results.
void release_product_memory() noexcept;

/// The implementation of products: this library's own kernels, Eigen or oneDNN, or (automatic) for
/// each product the one that is fastest according to measurements.
enum class ProductBackend : std::uint8_t { automatic, own, eigen, onednn };

/// Whether this build has the backend for this element type.
bool has_product_backend(ProductBackend backend, DType type) noexcept;

/// Makes all products use one backend, for tests and measurements. Element types that the backend
/// does not support stay automatic. Throws Error if this build lacks the backend.
void select_product_backend(ProductBackend backend);

}  // namespace chainrule
