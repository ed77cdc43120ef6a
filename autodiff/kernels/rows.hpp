// The loops of operations on the rows of a matrix, for the selected instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

#include "autodiff/core/dtype.hpp"

namespace chainrule {

/// The matrices have `rows` rows of n elements without gaps. The output must not overlap an input.
struct RowLoops {
  void (*softmax)(const void* x, void* out, std::size_t rows, std::size_t n);
  void (*log_softmax)(const void* x, void* out, std::size_t rows, std::size_t n);
  /// Computed from the results y and their adjoints.
  void (*softmax_adjoint)(const void* y, const void* adjoint, void* out, std::size_t rows,
                          std::size_t n);
  void (*log_softmax_adjoint)(const void* y, const void* adjoint, void* out, std::size_t rows,
                              std::size_t n);
  /// (x - mean) / sqrt(variance + epsilon), times `weight` plus `bias` unless they are nullptr.
  void (*standardise)(const void* x, const void* weight, const void* bias, double epsilon,
                      void* out, std::size_t rows, std::size_t n);
  void (*standardise_adjoint)(const void* x, const void* adjoint, double epsilon, void* out,
                              std::size_t rows, std::size_t n);
  /// 1 / sqrt(variance + epsilon) of each row; `rows` is at least 1.
  void (*standard_scale)(const void* x, double epsilon, void* out, std::size_t rows, std::size_t n);
};

const RowLoops& row_loops(DType dtype);

}  // namespace chainrule
