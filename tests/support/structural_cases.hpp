// Calls of each structural operation on operands of many shapes, for tests that iterate over all
// operations. A listed operation without cases here is a compile error in these tests.
#pragma once

#include "tests/support/structural_cases/arrangement.hpp"
#include "tests/support/structural_cases/indexing.hpp"
#include "tests/support/structural_cases/normalisation.hpp"
#include "tests/support/structural_cases/products.hpp"
#include "tests/support/structural_cases/reductions.hpp"

namespace chainrule::testing {

/// Calls f(name, cases) for each operation of a list. Returns their number.
template <class F, class... Rules>
int for_each_rule(RuleList<Rules...>, F&& f) {
  (f(std::string(Rules::notation.name), structural_cases<Rules>()), ...);
  return static_cast<int>(sizeof...(Rules));
}

}  // namespace chainrule::testing
