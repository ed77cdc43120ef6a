// Calls of each structural operation on operands of many shapes, for tests that iterate over all
// operations. A listed operation without cases here is a compile error in these tests.
#pragma once

#include "tests/support/structural_cases/arrangement.hpp"
#include "tests/support/structural_cases/indexing.hpp"
#include "tests/support/structural_cases/normalisation.hpp"
#include "tests/support/structural_cases/products.hpp"
#include "tests/support/structural_cases/reductions.hpp"
