// The loops of elementwise rules over arrays.
#pragma once

#include <cstddef>

#include "autodiff/core/dtype.hpp"

namespace chainrule {

/// One operand of a loop: n elements in a row, or one element that counts n times.
struct Stream {
  const void* data;
  bool repeated;
};

/// The loops of one rule for one element type.
struct ElementwiseLoops {
  int arity;
  /// out[i] = value(x[i], ...). `out` may be an operand.
  void (*value)(const Stream* x, void* out, std::size_t n);
  /// out[i] = (or, with accumulate, +=) adjoint[i] * partial k, and -0.0 where nothing flows.
  /// nullptr for a partial that is a structural zero everywhere.
  void (*pullback[3])(const Stream* x, Stream result, Stream adjoint, void* out, bool accumulate,
                      std::size_t n);
};

/// The loops of a rule, by its place in Operations.
const ElementwiseLoops& elementwise_loops(int rule_index, DType dtype);

}  // namespace chainrule
