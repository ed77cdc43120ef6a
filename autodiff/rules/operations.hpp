// All operations with their rules.
#pragma once

#include "autodiff/rules/activation.hpp"
#include "autodiff/rules/arithmetic.hpp"
#include "autodiff/rules/exponential.hpp"
#include "autodiff/rules/list.hpp"
#include "autodiff/rules/piecewise.hpp"
#include "autodiff/rules/special.hpp"
#include "autodiff/rules/trigonometric.hpp"

namespace chainrule::detail {

template <class... Rule>
constexpr bool are_listed_with_their_arity(RuleList<Rule...>) {
  return ((Rule::arity == place_of<Rule>.arity) && ...);
}
static_assert(are_listed_with_their_arity(Operations{}),
              "autodiff/rules/list.hpp lists an operation with a wrong number of operands");

}  // namespace chainrule::detail
