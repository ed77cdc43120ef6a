// The list of every operation, and the number each has in a record.
#pragma once

#include <cstdint>

#include "autodiff/rules/activation.hpp"

namespace chainrule {

/// The families of built-in operations: the one place that gives their order.
using Families = FamilyList<rules::Arithmetic, rules::Piecewise, rules::Exponential,
                            rules::Trigonometric, rules::Special, rules::Activation>;

/// Every built-in operation, in the order of the codes.
using Operations = AllOf<Families>;

/// What a node is: a variable, an operation on one or two operands together with their form,
/// `wide`, a tensor of any kind, or an element of one. An enumeration, not a character type, so
/// that storing one is not taken for storing anything at all by the optimiser.
enum class OpCode : std::uint8_t { variable, wide, tensor, element };

/// Which of two operands are nodes; the other is a constant. One operand is always a node.
enum class Form : std::uint8_t { nodes, constant_right, constant_left };

namespace detail {
inline constexpr int first_code = 4;
/// Codes an operation takes: one per form. Three operands and more are recorded as `wide`.
constexpr int code_count(int arity) { return arity == 1 ? 1 : arity == 2 ? 3 : 0; }

template <class Rule, class List>
struct Listing;
template <class Rule, class... Listed>
struct Listing<Rule, RuleList<Listed...>> {
  static constexpr bool found = (std::is_same_v<Rule, Listed> || ...);
  static constexpr int index = [] {
    int index = 0;
    bool passed = false;
    ((passed = passed || std::is_same_v<Rule, Listed>, index += passed ? 0 : 1), ...);
    return index;
  }();
  static constexpr int code = [] {
    int code = first_code;
    bool passed = false;
    ((passed = passed || std::is_same_v<Rule, Listed>,
      code += passed ? 0 : code_count(Listed::arity)),
     ...);
    return code;
  }();
};
}  // namespace detail

/// An operation of the list, or one declared listed from outside.
template <class Rule>
concept Listed = detail::Listing<Rule, Operations>::found || listed_outside<Rule>;

/// The place of a rule in the list.
template <class Rule>
  requires(detail::Listing<Rule, Operations>::found)
inline constexpr int index_of = detail::Listing<Rule, Operations>::index;

/// Recorded with a code of its own; any other operation is recorded as `wide`.
template <class Rule>
inline constexpr bool has_code = detail::Listing<Rule, Operations>::found&& Rule::arity <= 2;

/// The code of a rule with its operands in the given form.
template <class Rule>
  requires has_code<Rule>
constexpr OpCode code_of(Form form = Form::nodes) {
  constexpr int code = detail::Listing<Rule, Operations>::code;
  static_assert(code + 2 < 256, "more operations than a one-byte code can tell apart");
  return OpCode(code + static_cast<int>(form));
}

}  // namespace chainrule
