// What the parts of the matrix product tell each other.
#pragma once

#include <cstddef>

#include "autodiff/core/language.hpp"

namespace chainrule::detail {

/// out (m x n) = a (m x k) * b (k x n) [+ bias in every row] [+ out]. Strides are in elements;
/// those of a and b are any, out is contiguous in a row. None of m, n, k is 0.
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

/// Of factors rounded to bfloat16, for processors with AVX512_BF16.
void bfloat16_product(const Product<float>& product);

/// Memory of this thread for intermediate results, one block for each purpose: at least `bytes`
/// long, aligned for vectors, its contents undefined. It stays until the thread ends or
/// release_scratch(), so that the same request does not ask the system again. Throws
/// std::bad_alloc.
enum class Scratch { panel, block, result, left, right, count };
void* scratch(Scratch purpose, std::size_t bytes);
void release_scratch() noexcept;

}  // namespace chainrule::detail
