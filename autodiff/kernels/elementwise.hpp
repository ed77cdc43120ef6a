// Every operation of the list as loops over arrays, for the processor at hand.
#pragma once

#include <cstddef>

#include "autodiff/core/dtype.hpp"

namespace chainrule {

/// One operand of a loop: n elements in a row, or one element that counts n times. The element type
/// is that of the loop; no alignment is asked for.
struct Stream {
  const void* data;
  bool repeated = false;
};

/// The loops of one operation on elements of one type. `out` has room for n elements and may be one
/// of the operands (that is not repeated), from its first element on; otherwise nothing may
/// overlap. Elements never influence each other. Nothing is allocated or thrown.
///
/// An adjoint may be untouched (core/untouched.hpp). So is a contribution where the adjoint is, and
/// where the partial is a structural zero (only_if() that is not open): nothing is multiplied
/// there, whatever is infinite. Any other contribution is adjoint * partial.
///
/// Cost: value and pullback read each array once. Sums and products run at the speed of memory;
/// docs/performance.md has the functions. Elements of float32 are computed in double where the
/// formula would lose digits in float.
struct ElementwiseLoops {
  int arity = 0;
  /// out[i] = value(x[0][i], ...)
  void (*value)(const Stream* x, void* out, std::size_t n) = nullptr;
  /// The contribution to operand k: out[i] = adjoint[i] * partial_k(x[0][i], ..., result[i]), or
  /// += with `accumulate`. nullptr where that partial is always a structural zero.
  void (*pullback[3])(const Stream* x, Stream result, Stream adjoint, void* out, bool accumulate,
                      std::size_t n) = {};
};

/// The loops of an operation, given by its place in the list Operations (index_of<Rule>), from
/// the chosen instruction set. Throws Error the first time if the environment asks for an
/// instruction set that is not there (see select_instruction_set).
const ElementwiseLoops& elementwise_loops(int rule_index, DType type);

}  // namespace chainrule
