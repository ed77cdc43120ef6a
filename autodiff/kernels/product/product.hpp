// The interfaces between the parts of the matrix product.
#pragma once

#include <cstddef>

#include "autodiff/core/language.hpp"

namespace chainrule::detail {

/// out (m x n) = a (m x k) * b (k x n) [+ bias in every row] [+ out]. Strides are in elements; a
/// and b may have any strides, the rows of out are contiguous. None of m, n, k is 0.
template <class T>
struct Product {
  std::size_t m, n, k;
  const T* a;
  std::ptrdiff_t a_row, a_column;
  const T* b;
  std::ptrdiff_t b_row, b_column;
  const T* bias;
  bool accumulate;
  T* out;
  std::ptrdiff_t out_row;
};

template <class T>
using ProductFunction = void (*)(const Product<T>&);

/// The product of factors rounded to bfloat16, for processors with AVX512_BF16.
void bfloat16_product(const Product<float>& product);

/// Scratch memory of this thread for intermediate results, one block for each purpose: at least
/// `bytes` long, aligned for vectors, contents undefined. It is kept until release_scratch() or the
/// end of the thread, so that a repeated request does not allocate. Throws std::bad_alloc.
enum class Scratch { panel, block, result, left, right, count };
void* scratch(Scratch purpose, std::size_t bytes);
void release_scratch() noexcept;

}  // namespace chainrule::detail
