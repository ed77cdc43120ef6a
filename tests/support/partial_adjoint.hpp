// Adjoints of which some elements are not reached.
#pragma once

#include <vector>

#include "autodiff/structural/adjoint.hpp"
#include "tests/support/tensor_differences.hpp"

namespace chainrule::testing {

/// An adjoint with these numbers; `reached` has 1 for each element that is reached, else 0.
inline Adjoint<Array> partial(const Array& numbers, const std::vector<double>& reached) {
  return Adjoint<Array>(numbers).only_where(
      array_of(Shape(numbers.shape()), reached, numbers.dtype()));
}

}  // namespace chainrule::testing
