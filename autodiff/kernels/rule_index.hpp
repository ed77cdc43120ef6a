// The place of a rule in the list of all operations.
#pragma once

#include "autodiff/rules/operations.hpp"

namespace chainrule {

namespace detail {
template <class Rule, class... Listed>
constexpr int index_in(RuleList<Listed...>) {
  int index = 0;
  bool passed = false;
  ((passed = passed || std::is_same_v<Rule, Listed>, index += passed ? 0 : 1), ...);
  return index;
}
}  // namespace detail

/// The place of a rule in Operations: what elementwise_loops() is asked for.
template <class Rule>
  requires(detail::Listing<Rule, Operations>::found)
inline constexpr int rule_index = detail::index_in<Rule>(Operations{});

}  // namespace chainrule
