// The list of all operations and their codes in a record.
#pragma once

#include <cstdint>

#include "autodiff/rules/activation.hpp"

namespace chainrule {

/// The families of built-in operations. Only this list determines their order.
using Families = FamilyList<rules::Arithmetic, rules::Piecewise, rules::Exponential,
                            rules::Trigonometric, rules::Special, rules::Activation>;

/// All built-in operations, in the order of their codes.
using Operations = AllOf<Families>;

/// The kind of a node: a variable, an operation on one or two operands together with their form,
/// `wide`, a tensor of any kind, or an element of a tensor. This is an enumeration and not a
/// character type, because the optimiser must assume that a store to a character type can alias any
/// object.
enum class OpCode : std::uint8_t { variable, wide, tensor, element };

/// Which of two operands are nodes; the other one is a constant. At least one operand is a node.
enum class Form : std::uint8_t { nodes, constant_right, constant_left };

namespace detail {
inline constexpr int first_code = 4;
/// The number of codes of an operation: one per form. Operations of three or more operands are
/// recorded as `wide`.
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

/// An operation that is in the list or is declared as listed from outside.
template <class Rule>
concept Listed = detail::Listing<Rule, Operations>::found || listed_outside<Rule>;

namespace detail {
/// Fails to compile if an operation is not listed.
template <class Rule>
constexpr void check_is_listed() {
  constexpr bool is_listed = Listed<Rule>;  // of a concept, the compiler would explain each part
  static_assert(is_listed,
                "this operation is not listed: add it to the list of its family in "
                "autodiff/rules/, or declare chainrule::listed_outside<Rule> = true");
}
}  // namespace detail

/// The index of a rule in the list.
template <class Rule>
  requires(detail::Listing<Rule, Operations>::found)
inline constexpr int index_of = detail::Listing<Rule, Operations>::index;

/// Whether a rule is recorded with a code of its own; any other is recorded as `wide`.
template <class Rule>
inline constexpr bool has_code = detail::Listing<Rule, Operations>::found&& Rule::arity <= 2;

/// The code of a rule whose operands have the given form.
template <class Rule>
  requires has_code<Rule>
constexpr OpCode code_of(Form form = Form::nodes) {
  constexpr int code = detail::Listing<Rule, Operations>::code;
  static_assert(code + 2 < 256, "more operations than a one-byte code can tell apart");
  return OpCode(code + static_cast<int>(form));
}

}  // namespace chainrule
