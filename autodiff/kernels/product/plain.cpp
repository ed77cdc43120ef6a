#include "autodiff/kernels/product/product.hpp"

namespace chainrule::detail {
namespace {

template <class T>
void multiply(const Product<T>& product) {
  for (std::size_t i = 0; i < product.m; ++i) {
    T* out = product.out + static_cast<std::ptrdiff_t>(i) * product.out_row;
    for (std::size_t j = 0; j < product.n; ++j) {
      const T start = product.accumulate ? out[j] : T{};
      out[j] = product.bias != nullptr ? start + product.bias[j] : start;
    }
    const T* a = product.a + static_cast<std::ptrdiff_t>(i) * product.a_row;
    const T* b = product.b;
    for (std::size_t p = 0; p < product.k; ++p, a += product.a_column, b += product.b_row) {
      const T x = *a;
      if (product.b_column == 1)  // said apart, for compilers that make vectors of it
        for (std::size_t j = 0; j < product.n; ++j) out[j] += x * b[j];
      else
        for (std::size_t j = 0; j < product.n; ++j)
          out[j] += x * b[static_cast<std::ptrdiff_t>(j) * product.b_column];
    }
  }
}

}  // namespace

void plain_product(const Product<float>& product) { multiply(product); }
void plain_product(const Product<double>& product) { multiply(product); }

}  // namespace chainrule::detail
