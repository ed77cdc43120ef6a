// Error bounds of structural operations, in units in the last place, for operands of any magnitude.
// Those of elementwise rules are in loops.hpp.
#pragma once

#include <string_view>

namespace chainrule::testing {

/// Bounds for a value, its gradient and its second derivatives: the largest error, in units in the
/// last place of the largest element of the exact result; for sums, of the sum of the absolute
/// values of the terms. 0 means that the result is exact. Derivatives are checked only if the
/// values are finite.
struct Bounds {
  double value, gradient, second;
};

/// For an operation f that is homogeneous of degree d, f(2^k x) = 2^(dk) f(x): multiplying all
/// operands by a power of two, up to the end of the range, may change only the exponents. The
/// bounds apply to the difference, which is not 0 if large and small elements take different code
/// paths.
struct ScalingRow {
  const char* operation;
  int degree;  ///< total degree in all operands; per_operand: their number; or one of the values
               ///< below
  Bounds bounds = {0, 0, 0};
};
inline constexpr int per_operand = -1;    ///< a product of its operands
inline constexpr int inhomogeneous = -2;  ///< measured against references only (range_test.cpp)
inline constexpr int per_element = -3;    ///< a product of elements: also measured against
                                          ///< references

/// All structural operations. A missing one fails range_test.cpp.
inline constexpr ScalingRow scaling_rows[] = {
    // Operations that move, copy and add elements.
    {"expand", 1},
    {"sum_to", 1},
    {"reshape", 1},
    {"permute", 1},
    {"flip", 1},
    {"slice", 1},
    {"pad", 1},
    {"roll", 1},
    {"concat", 1},
    {"stack", 1},
    {"diagonal", 1},
    {"diag", 1},
    {"trace", 1},
    {"triangle", 1},
    {"index_select", 1},
    {"index_add", 1},
    {"gather", 1},
    {"scatter_add", 1},
    {"astype", inhomogeneous},  // rounds; see conversion_test.cpp
    {"collect_indices", 1},
    {"spread_indices", 1},
    {"spread", 1},
    {"shift", 1},
    // Products. Bounds hold if no product of two elements and no partial sum leaves the range.
    {"matmul", 2},
    {"linear", inhomogeneous},
    {"outer", 2},
    {"einsum", per_operand},
    {"recurrence", inhomogeneous},
    // Reductions.
    {"sum", 1},
    {"mean", 1},
    {"amax", 1},
    {"amin", 1},
    {"max_along", 1},
    {"min_along", 1},
    {"prod", per_element},
    {"cumsum", 1},
    {"cumprod", per_element},
    {"norm", 1, {4, 8, 32}},
    {"centred", 1},
    {"var", 2, {2, 2, 2}},
    {"stddev", 1, {2, 4, 64}},
    // Normalisation and losses.
    {"softmax_adjoint", inhomogeneous},
    {"softmax", inhomogeneous},
    {"log_softmax_adjoint", inhomogeneous},
    {"log_softmax", inhomogeneous},
    {"logsumexp", inhomogeneous},
    {"standard_scale", inhomogeneous},
    {"standardised_adjoint", inhomogeneous},
    {"standardised", inhomogeneous},
    {"layernorm", inhomogeneous},
    {"cross_entropy_adjoint", inhomogeneous},
    {"cross_entropy", inhomogeneous},
};

inline const ScalingRow* scaling_row(std::string_view operation) {
  for (const ScalingRow& row : scaling_rows)
    if (operation == row.operation) return &row;
  return nullptr;
}

}  // namespace chainrule::testing
