#include "autodiff/kernels/matrix_product.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "autodiff/core/error.hpp"
#include "autodiff/kernels/dispatch.hpp"
#include "autodiff/kernels/parallel.hpp"
#include "autodiff/kernels/product/copies.hpp"
#include "autodiff/kernels/product/libraries.hpp"
#include "autodiff/kernels/product/product.hpp"

namespace chainrule {

using namespace detail;

namespace {

ProductFunction<float> function_of(const Kernels& set, float) { return set.product_float32; }
ProductFunction<double> function_of(const Kernels& set, double) { return set.product_float64; }

std::atomic<ProductBackend> backend = ProductBackend::automatic;

[[maybe_unused]] bool has_bfloat16() {
#if CHAINRULE_HAS_AVX512BF16
  static const bool processor_has = __builtin_cpu_supports("avx512bf16") != 0;
  return processor_has && std::strcmp(instruction_set(), "avx512") == 0;
#else
  return false;
#endif
}

// Measured (docs/performance.md): this library's kernels are the fastest for every size and layout.
// So no product is passed to Eigen or oneDNN by default, except bfloat16 products if oneDNN has
// AMX.

template <class T>
ProductFunction<T> full_function() {
  switch (backend.load(std::memory_order_relaxed)) {
#if CHAINRULE_HAS_EIGEN
    case ProductBackend::eigen:
      return &eigen_product;
#endif
#if CHAINRULE_HAS_ONEDNN
    case ProductBackend::onednn:
      if constexpr (dtype_of<T> == DType::float32) return &onednn_product;
      break;
#endif
    default:
      break;
  }
  return function_of(kernels(), T{});
}

/// The function that multiplies and does the rounding to bfloat16 itself; nullptr if the factors
/// must be rounded first.
ProductFunction<float> bfloat16_function([[maybe_unused]] std::size_t work) {
  const ProductBackend wanted = backend.load(std::memory_order_relaxed);
#if CHAINRULE_HAS_ONEDNN
  constexpr std::size_t worth_a_library = std::size_t{1} << 18;
  if (wanted == ProductBackend::onednn && onednn_has_bfloat16()) return &onednn_bfloat16_product;
  if (wanted == ProductBackend::automatic && work >= worth_a_library && onednn_has_tiles() &&
      has_bfloat16())
    return &onednn_bfloat16_product;
#endif
#if CHAINRULE_HAS_AVX512BF16
  if (wanted <= ProductBackend::own && has_bfloat16()) return &bfloat16_product;
#endif
  static_cast<void>(wanted);
  return nullptr;
}

/// Rows or columns are assigned to threads in groups, so that vectors and tiles stay whole.
constexpr std::size_t group = 16;

/// Divides the longer side of the result among the threads, which share the factors.
template <class T>
void multiply(const Product<T>& whole, ProductFunction<T> function) {
  const std::size_t side = std::max(whole.m, whole.n);
  const std::size_t groups = (side + group - 1) / group;
  const std::size_t work = whole.m * whole.n * whole.k;
  if (work < 2 * product_work_of_thread) return function(whole);
  const std::size_t grain = std::max<std::size_t>(1, product_work_of_thread * groups / work);
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
void product_of(Precision precision, Product<T> product) {
  if (product.m == 0 || product.n == 0) return;
  if (product.k == 0) return start_sums(product);
  if constexpr (dtype_of<T> == DType::float32) {
    if (precision == Precision::bfloat16) {
      if (const auto function = bfloat16_function(product.m * product.n * product.k))
        return multiply(product, function);
      product = rounded_to_bfloat16(product);
    }
  }
  multiply(product, full_function<T>());
}

}  // namespace

void matrix_product(DType type, Precision precision, std::size_t m, std::size_t n, std::size_t k,
                    MatrixView a, MatrixView b, const void* bias, bool accumulate, void* out,
                    std::ptrdiff_t out_stride) {
  const auto with_type = [&]<class T>(T) {
    product_of<T>(precision,
                  {m, n, k, static_cast<const T*>(a.data), a.row_stride, a.column_stride,
                   static_cast<const T*>(b.data), b.row_stride, b.column_stride,
                   static_cast<const T*>(bias), accumulate, static_cast<T*>(out), out_stride});
  };
  if (type == DType::float32)
    with_type(float{});
  else
    with_type(double{});
}

void release_product_memory() noexcept {
  release_scratch();
#if CHAINRULE_HAS_ONEDNN
  release_onednn();
#endif
}

bool has_product_backend(ProductBackend wanted, [[maybe_unused]] DType type) noexcept {
  switch (wanted) {
#if CHAINRULE_HAS_EIGEN
    case ProductBackend::eigen:
      return true;
#endif
#if CHAINRULE_HAS_ONEDNN
    case ProductBackend::onednn:
      return type == DType::float32;
#endif
    default:
      return wanted <= ProductBackend::own;
  }
}

void select_product_backend(ProductBackend wanted) {
  if (!has_product_backend(wanted, DType::float32))
    throw Error(
        "select_product_backend: this build does not include that library; configure with "
        "-DCHAINRULE_EIGEN=ON or -DCHAINRULE_ONEDNN=ON");
  backend.store(wanted, std::memory_order_relaxed);
}

}  // namespace chainrule
