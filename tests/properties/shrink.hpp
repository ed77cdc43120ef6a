// Smaller programs that fail as well.
#pragma once

#include "tests/properties/program.hpp"

namespace chainrule::testing {

/// The smallest program that was found by leaving out instructions and variables and by simpler
/// numbers, and whose forms still disagree. Cost: some hundred comparisons.
Program shrunk(const Program& failing);

}  // namespace chainrule::testing
