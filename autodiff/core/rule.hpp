// The form of a rule: what every struct in autodiff/rules/ consists of.
//
//   struct Sin : Unary {
//     static constexpr Notation notation = library_call("sin");
//     static auto value(const auto& x) { return sin(x); }
//     static auto dx(const auto& x, const auto& /*result*/) { return cos(x); }
//   };
//
// value() computes the operation from its operands; dx(), dy(), dz() are the partial derivatives
// with respect to the first, second and third operand, given all operands and the result. The text
// is generic: it is run on doubles, on recording variables (so every derivative has derivatives),
// on Text (so every formula can be printed). A partial returns a plain double where it is constant,
// and Zero{} where nothing ever flows.
#pragma once

namespace chainrule {

/// How an operation is written: `name(x, y)`, or infix or prefix with a precedence.
struct Notation {
  const char* name;              ///< lower-case word, unique among all operations
  const char* symbol = nullptr;  ///< infix (binary) or prefix (unary) sign, or none
  int precedence = 100;          ///< binding strength of the symbol; calls bind strongest
  bool is_primitive = false;     ///< computed by the language or the C library: no further formula
};

/// An operation computed by one call of the C library (or one of core/special.hpp).
constexpr Notation library_call(const char* name) { return {name, nullptr, 100, true}; }
/// An operation whose value() spells out a formula in other operations.
constexpr Notation composed(const char* name) { return {name, nullptr, 100, false}; }
/// An operator of the language, written with its symbol.
constexpr Notation written(const char* name, const char* symbol, int precedence) {
  return {name, symbol, precedence, true};
}

/// Number of operands; a rule inherits one of these.
struct Unary {
  static constexpr int arity = 1;
};
struct Binary {
  static constexpr int arity = 2;
};
struct Ternary {
  static constexpr int arity = 3;
};

/// The partial of an operand through which no derivative flows, whatever the numbers: a structural
/// zero, not the number 0. Nothing is multiplied, so an infinite factor elsewhere cannot poison it.
struct Zero {};

/// A partial that is a structural zero unless `open`: see only_if() in words.hpp.
template <class Partial>
struct Gated {
  bool open;
  Partial partial;
};

/// A list of rules; its order is the order of their codes.
template <class... Rule>
struct RuleList {
  static constexpr int size = sizeof...(Rule);
};

namespace detail {
template <class... List>
struct Concatenation;
template <class... Rule>
struct Concatenation<RuleList<Rule...>> {
  using type = RuleList<Rule...>;
};
template <class... A, class... B, class... Rest>
struct Concatenation<RuleList<A...>, RuleList<B...>, Rest...>
    : Concatenation<RuleList<A..., B...>, Rest...> {};
}  // namespace detail

/// The rules of several lists, in order.
template <class... List>
using Concatenation = typename detail::Concatenation<List...>::type;

}  // namespace chainrule
