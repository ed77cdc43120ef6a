// Compares the derivatives of the tensor form and the scalar form of a program.
#pragma once

#include <string>
#include <vector>

#include "tests/properties/derivatives.hpp"
#include "tests/properties/program.hpp"

namespace chainrule::testing {

/// Four numbers that should be equal: a derivative by the tensor form and by the scalar form, each
/// recorded (by derivative()) and swept (by gradient()).
struct Mismatch {
  Path path;  ///< empty for the value
  double tensors_recorded = 0.0, tensors_swept = 0.0;
  double scalars_recorded = 0.0, scalars_swept = 0.0;
  double bound = 0.0;  ///< the difference that rounding can explain
};

struct Verdict {
  std::vector<Mismatch> mismatches;
  std::string error;            ///< message of an exception in the tensor form, or ""
  bool has_other_zero = false;  ///< see compare_forms(); if true, nothing was compared
  std::size_t compared = 0;     ///< number of values and derivatives compared
  std::size_t not_zero = 0;     ///< of these, those that are not 0
  std::size_t not_finite = 0;   ///< of these, those that are infinite or NaN
  std::size_t not_judged = 0;   ///< of these, those where rounding decides whether the result is
                                ///< finite

  bool agrees() const { return mismatches.empty() && error.empty(); }
};

inline constexpr std::size_t highest_order = 4;

/// Runs both forms, each in a separate graph, and compares the shapes of all values, the value of
/// the result, and its derivatives up to `order`. Infinities must agree in sign; NaN equals NaN.
/// Finite numbers may differ by a small multiple of rounding_bound(), which is computed only if
/// they differ by more than a few units in the last place. If a value is 0 in one form and -0.0 in
/// the other, which depends on the order of a sum, their reciprocals are different infinities; then
/// nothing is compared. Throws what the scalar form throws.
Verdict compare_forms(const Program& program, std::size_t order = highest_order);

/// The text of the program, and a description of its first mismatch.
std::string report(const Program& program, const Verdict& verdict);

}  // namespace chainrule::testing
