// For each structural operation, calls of it on operands of many shapes: for tests that go through
// all of them. An operation of the list that has no cases here is a compile error there.
#pragma once

#include "tests/support/structural_cases/arrangement.hpp"
#include "tests/support/structural_cases/indexing.hpp"
#include "tests/support/structural_cases/normalisation.hpp"
#include "tests/support/structural_cases/products.hpp"
#include "tests/support/structural_cases/reductions.hpp"
