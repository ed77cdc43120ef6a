// Random programs.
#pragma once

#include "autodiff/core/random.hpp"
#include "tests/properties/program.hpp"

namespace chainrule::testing {

/// A program of up to three coordinates and about ten instructions. Numbers are 0, -0.0, 1, -1 or
/// random; values are sometimes infinite or NaN. No value is 0 by cancellation of rounded numbers,
/// and no choice depends on such a value, so the comparison is well defined.
Program random_program(Random& random);

}  // namespace chainrule::testing
