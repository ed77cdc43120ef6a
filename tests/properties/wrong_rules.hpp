// Operations with faults planted into their derivatives, for tests of what is to find them.
#pragma once

#include <string_view>
#include <vector>

#include "autodiff/graph/var.hpp"

namespace chainrule::testing {

struct WrongRule {
  std::string_view name;
  int order;  ///< the lowest order of a derivative that is wrong
  Var (*apply)(const Var& x);
};

/// All of them. Their values are right and smooth everywhere, and their faults show wherever 0 < x
/// < 2.
const std::vector<WrongRule>& wrong_rules();

}  // namespace chainrule::testing
