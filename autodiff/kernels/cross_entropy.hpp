// The cross-entropy loops of the selected instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

#include "autodiff/core/dtype.hpp"

namespace chainrule {

/// The matrices have `rows` rows of n logits without gaps, with one label per row. The output must
/// not overlap an input.
struct CrossEntropyLoops {
  /// One loss per row; `weights` holds one weight for each of the n classes, or is nullptr.
  void (*cross_entropy)(const void* x, const std::int64_t* labels, const void* weights,
                        double smoothing, void* out, std::size_t rows, std::size_t n);
  /// `adjoint` has one element per row; the elements are `stride` apart.
  void (*cross_entropy_adjoint)(const void* x, const std::int64_t* labels, const void* weights,
                                double smoothing, const void* adjoint, std::ptrdiff_t stride,
                                void* out, std::size_t rows, std::size_t n);
};

}  // namespace chainrule
