// Shrinks failing programs.
#pragma once

#include "tests/properties/program.hpp"

namespace chainrule::testing {

/// The smallest program found, by removing instructions and variables and by simplifying numbers,
/// whose forms still disagree. Cost: some hundred comparisons.
Program shrunk(const Program& failing);

}  // namespace chainrule::testing
