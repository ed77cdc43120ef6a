// Every listed operation as loops over arrays, for the selected instruction set.
#pragma once

#include <cstddef>

#include "autodiff/core/dtype.hpp"

namespace chainrule {

/// One operand of a loop: n contiguous elements, or one element that is used n times. The element
/// type is that of the loop; no alignment is required.
struct Stream {
  const void* data;
  bool repeated = false;
};

/// The loops of one operation for one element type. `out` has room for n elements. It may be
/// exactly one of the operands (which must not be `repeated`); otherwise no arrays may overlap.
/// Elements are independent of each other. The loops allocate nothing and throw nothing.
///
/// An adjoint may be untouched (core/untouched.hpp). A contribution is untouched where the adjoint
/// is, and where the partial is a structural zero (a closed only_if()): nothing is multiplied
/// there, even if a factor is infinite. Any other contribution is adjoint * partial.
///
/// Cost: value and pullback read each array once. Sums and products are limited by memory
/// bandwidth; docs/performance.md lists the functions. Elements of float32 are computed in double
/// where the formula would lose digits in float.
struct ElementwiseLoops {
  int arity = 0;
  /// out[i] = value(x[0][i], ...)
  void (*value)(const Stream* x, void* out, std::size_t n) = nullptr;
  /// The contribution to operand k: out[i] = adjoint[i] * partial_k(x[0][i], ..., result[i]), or +=
  /// with `accumulate`. nullptr if that partial is always a structural zero.
  void (*pullback[3])(const Stream* x, Stream result, Stream adjoint, void* out, bool accumulate,
                      std::size_t n) = {};
};

/// The loops of an operation for the selected instruction set; `rule_index` is its index in the
/// list Operations (index_of<Rule>). The first call throws Error if the environment requests an
/// instruction set that is not available (see select_instruction_set).
const ElementwiseLoops& elementwise_loops(int rule_index, DType type);

}  // namespace chainrule
