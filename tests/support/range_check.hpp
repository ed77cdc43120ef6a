// Measures functions at all magnitudes of their operands: values, first and second derivatives.
#pragma once

#include <vector>

#include "tests/support/range_bounds.hpp"
#include "tests/support/range_cases.hpp"
#include "tests/support/tensor_differences.hpp"

namespace chainrule::testing {

/// The value f(x), the gradient of S = sum(c f(x)) and that of T = sum(e dS/dx), for fixed weights
/// c and e. Each is one list with the numbers of all operands. A derivative that is a structural
/// zero is 0.
struct ValueAndDerivatives {
  ValueAndDerivatives(const TensorFunction& f, const std::vector<Array>& point);

  std::vector<double> parts[3];
};

/// The largest error, in units in the last place of the largest expected number, or of `scale` if
/// that is larger. If an expected number is beyond the range of T, any non-finite result is
/// correct.
template <class T>
double worst_error(const std::vector<double>& found, const std::vector<double>& expected,
                   double scale = 0.0);

/// The bound of the value (part 0), the gradient (1) or the second derivatives (2).
double bound_of(const Bounds& bounds, int part);

/// Checks (doctest) each case in float32 and float64 against its reference in long double, at
/// magnitudes from one end of the range to the other.
void check_cases(const std::vector<RangeCase>& cases);

}  // namespace chainrule::testing
