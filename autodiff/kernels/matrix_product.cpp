#include "autodiff/kernels/matrix_product.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "autodiff/core/error.hpp"
#include "autodiff/kernels/dispatch.hpp"
#include "autodiff/kernels/parallel.hpp"
#include "autodiff/kernels/product/product.hpp"

namespace chainrule {

using namespace detail;

namespace {

ProductFunction<float> function_of(const Kernels& set, float) { return set.product_float32; }
ProductFunction<double> function_of(const Kernels& set, double) { return set.product_float64; }

std::atomic<ProductBackend> backend = ProductBackend::automatic;

/// Multiplications that are worth a thread: some 30 us.
constexpr std::size_t work_of_thread = std::size_t{1} << 21;
/// Rows or columns go to threads in groups, so that vectors and tiles stay whole.
constexpr std::size_t group = 16;

/// Divides the longer side of the result among the threads. The factors are shared.
template <class T>
void multiply(const Product<T>& whole, ProductFunction<T> function) {
  const std::size_t side = std::max(whole.m, whole.n);
  const std::size_t groups = (side + group - 1) / group;
  const std::size_t work = whole.m * whole.n * whole.k;
  if (work < 2 * work_of_thread) return function(whole);
  const std::size_t grain = std::max<std::size_t>(1, work_of_thread * groups / work);
  parallel_for(groups, grain, [&](std::size_t first, std::size_t last) {
    Product<T> part = whole;
    const std::size_t start = first * group, size = std::min(last * group, side) - start;
    const auto offset = static_cast<std::ptrdiff_t>(start);
    if (whole.n >= whole.m) {
      part.n = size;
      part.b += offset * whole.b_column;
      if (part.bias != nullptr) part.bias += offset;
      part.out += offset;
    } else {
      part.m = size;
      part.a += offset * whole.a_row;
      part.out += offset * whole.out_row;
    }
    function(part);
  });
}

template <class T>
void product_of(std::size_t m, std::size_t n, std::size_t k, MatrixView a, MatrixView b,
                const void* bias, bool accumulate, void* out, std::ptrdiff_t out_stride) {
  const Product<T> product = {m,
                              n,
                              k,
                              static_cast<const T*>(a.data),
                              a.row_stride,
                              a.column_stride,
                              static_cast<const T*>(b.data),
                              b.row_stride,
                              b.column_stride,
                              static_cast<const T*>(bias),
                              accumulate,
                              static_cast<T*>(out),
                              out_stride};
  if (m == 0 || n == 0) return;
  if (k == 0) return plain_product(product);
  multiply(product, function_of(kernels(), T{}));
}

}  // namespace

void matrix_product(DType type, Precision, std::size_t m, std::size_t n, std::size_t k,
                    MatrixView a, MatrixView b, const void* bias, bool accumulate, void* out,
                    std::ptrdiff_t out_stride) {
  if (type == DType::float32)
    product_of<float>(m, n, k, a, b, bias, accumulate, out, out_stride);
  else
    product_of<double>(m, n, k, a, b, bias, accumulate, out, out_stride);
}

void release_product_memory() noexcept { release_scratch(); }

bool has_product_backend(ProductBackend wanted, DType) noexcept {
  return wanted == ProductBackend::automatic || wanted == ProductBackend::own;
}

void select_product_backend(ProductBackend wanted) {
  if (!has_product_backend(wanted, DType::float32))
    throw Error("select_product_backend: this build was made without that library");
  backend.store(wanted);
}

}  // namespace chainrule
