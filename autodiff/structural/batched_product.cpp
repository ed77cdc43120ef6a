#include "autodiff/structural/batched_product.hpp"

#include <algorithm>

#include "autodiff/kernels/parallel.hpp"
#include "autodiff/kernels/walk.hpp"

namespace chainrule {
void batched_product(DType dtype, Precision precision, const ProductSizes& sizes,
                     const Shape& batch, const BatchedMatrix& a, const BatchedMatrix& b,
                     void* out) {
  const std::size_t m = sizes.m, n = sizes.n, k = sizes.k;
  if (m == 0 || n == 0) return;
  Extents out_strides = row_major_strides(batch);
  const auto out_size = static_cast<std::int64_t>(m * n);
  for (std::int64_t& stride : out_strides) stride *= out_size;
  const Walk<3> walk(batch, {a.strides, b.strides, out_strides});

  // Matrices that share b, each starting where the rows of the previous one end, form one matrix.
  const std::int64_t a_stride = walk.stride(0), b_stride = walk.stride(1);
  std::size_t rows = m, count = walk.row();
  MatrixView first = a.first;
  if (b_stride == 0 && (m == 1 || a_stride == static_cast<std::int64_t>(m) * a.first.row_stride)) {
    if (m == 1) first.row_stride = a_stride;
    rows = m * count;
    count = 1;
  }
  const auto bytes = static_cast<std::int64_t>(size_of(dtype));
  const auto at = [bytes](const void* data, std::int64_t offset) {
    return static_cast<const std::byte*>(data) + offset * bytes;
  };
  // Products too small to be divided are assigned to threads as a whole.
  const std::size_t work = std::max<std::size_t>(rows * n * k, 1);
  const std::size_t grain = work >= product_work_of_thread ? std::max<std::size_t>(count, 1)
                                                           : product_work_of_thread / work;
  walk.for_each_row([&](const auto& offsets) {
    parallel_for(count, grain, [&](std::size_t begin, std::size_t end) {
      for (auto i = static_cast<std::int64_t>(begin); i < static_cast<std::int64_t>(end); ++i)
        matrix_product(
            dtype, precision, rows, n, k,
            {at(first.data, offsets[0] + i * a_stride), first.row_stride, first.column_stride},
            {at(b.first.data, offsets[1] + i * b_stride), b.first.row_stride,
             b.first.column_stride},
            nullptr, false, static_cast<std::byte*>(out) + (offsets[2] + i * out_size) * bytes,
            static_cast<std::ptrdiff_t>(n));
    });
  });
}

}  // namespace chainrule
