// The product of two matrices: what most of the time of a network goes into.
#pragma once

#include <cstddef>
#include <cstdint>

#include "autodiff/core/dtype.hpp"
#include "autodiff/core/precision.hpp"

namespace chainrule {

/// A matrix somewhere in memory: element (i, j) is data[i * row_stride + j * column_stride],
/// counted in elements. Strides may be any, so a transpose is the view with its strides exchanged,
/// and a stride of 0 repeats a row or a column.
struct MatrixView {
  const void* data;
  std::ptrdiff_t row_stride, column_stride;
};

/// out (m x n, rows out_stride apart, each contiguous) = a (m x k) * b (k x n),
/// plus bias (n elements, the same for every row) if it is not null,
/// plus what out held before if `accumulate`; otherwise out is not read.
///
/// All elements are of the given type; out must not overlap the others. NaN and infinities go where
/// IEEE arithmetic takes them (with k = 0 the product is 0). Sums are made in the type of the
/// elements, in an order that depends on the sizes, the processor and thread_count() only: the same
/// call gives the same bits. Fastest where a or its transpose, and b or its transpose, are
/// contiguous in a row; b itself before its transpose.
///
/// Large products are divided among thread_count() threads. Memory is asked for in the first call
/// of a size only (see release_product_memory); std::bad_alloc if there is none.
void matrix_product(DType type, Precision precision, std::size_t m, std::size_t n, std::size_t k,
                    MatrixView a, MatrixView b, const void* bias, bool accumulate, void* out,
                    std::ptrdiff_t out_stride);

/// Gives back the memory that products keep for intermediate results, of the calling thread.
void release_product_memory() noexcept;

/// Who computes products: this library's own kernels, Eigen's or oneDNN's, or for each product the
/// one that measurements say is fastest.
enum class ProductBackend : std::uint8_t { automatic, own, eigen, onednn };

/// Whether this build has the backend, for this type of elements.
bool has_product_backend(ProductBackend backend, DType type) noexcept;

/// Makes all products go through one backend, for tests and measurements; those of a type that it
/// does not have stay automatic. Throws Error if this build lacks the backend.
void select_product_backend(ProductBackend backend);

}  // namespace chainrule
