// Operations with planted faults in their derivatives, for tests of the code that should find them.
#pragma once

#include <string_view>
#include <vector>

#include "autodiff/graph/var.hpp"

namespace chainrule::testing {

struct WrongRule {
  std::string_view name;
  int order;  ///< the lowest order of derivative that is wrong
  Var (*apply)(const Var& x);
};

/// All wrong rules. Their values are correct and smooth everywhere, and their faults show for all x
/// with 0 < x < 2.
const std::vector<WrongRule>& wrong_rules();

}  // namespace chainrule::testing
