// The loops of cross entropy, for the processor at hand.
#pragma once

#include <cstddef>
#include <cstdint>

#include "autodiff/core/dtype.hpp"

namespace chainrule {

/// Matrices of `rows` rows of n logits without gaps, with one label for each row. The output
/// overlaps no input.
struct CrossEntropyLoops {
  /// One loss per row; weights are those of the n classes, or nullptr.
  void (*cross_entropy)(const void* x, const std::int64_t* labels, const void* weights,
                        double smoothing, void* out, std::size_t rows, std::size_t n);
  /// `adjoint` has one element per row, `stride` apart.
  void (*cross_entropy_adjoint)(const void* x, const std::int64_t* labels, const void* weights,
                                double smoothing, const void* adjoint, std::ptrdiff_t stride,
                                void* out, std::size_t rows, std::size_t n);
};

}  // namespace chainrule
