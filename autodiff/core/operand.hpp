// What an operation may be run on. A rule is written once, over any type that has an Interpreter;
// plain numbers need none: a rule run on double is just its formula.
#pragma once

#include <concepts>
#include <type_traits>

#include "autodiff/core/rule.hpp"

namespace chainrule {

/// The machine that runs rules on values of type T (a recording Var, a Text, ...). A value type
/// joins the library by specialising it, with these static members:
///   apply<Rule>(x...)      the rule applied to operands, of which at least one is a T;
///   compare<Rule>(x, y)    a comparison, as a condition: bool, or a type with holds(), select(x,
///   y); select(b, x, y)        x where the bool b is true, else y;
///   is_plain               optional: true where the values are mere numbers (see Plain).
template <class T>
struct Interpreter;

/// A type that rules can be run on, other than a plain number.
template <class T>
concept Operand = requires {
  sizeof(Interpreter<T>);
};

/// A plain C++ number: a constant in every expression it meets.
template <class T>
concept Number = std::is_arithmetic_v<T>;

/// A value that is a mere number, or several: what is computed from it is not differentiated again,
/// so a rule may take the form that is cheapest as a number.
template <class T>
concept Plain = Number<T> || requires {
  requires Interpreter<T>::is_plain;
};

/// Anything an operation accepts.
template <class T>
concept Value = Operand<T> || Number<T>;

/// A list of values among which at least one is an Operand.
template <class... T>
concept Operands = (Value<T> && ...) && (Operand<T> || ...);

/// An operand of many elements, that whole-array operations can be run on, too. Its interpreter
/// takes scalar operands beside it, and has
///   structural<Rule>(parameters, x...)   a structural rule (core/structural.hpp) applied.
template <class T>
concept Tensorial = Operand<T> && Interpreter<T>::is_tensorial;

namespace detail {
/// Which of two operands runs an operation: the one with the greater number. Plain numbers never
/// do; an interpreter may give its type a number above 1 by a member `leads`.
template <class T>
constexpr int lead_of() {
  if constexpr (!Operand<T>)
    return 0;
  else if constexpr (requires { Interpreter<T>::leads; })
    return Interpreter<T>::leads;
  else
    return 1;
}
template <class First, class... Rest>
struct Leading {
  using type = First;
};
template <class First, class Second, class... Rest>
struct Leading<First, Second, Rest...> {
  using rest = typename Leading<Second, Rest...>::type;
  using type = std::conditional_t<(lead_of<First>() >= lead_of<rest>()), First, rest>;
};
}  // namespace detail

/// The operand type of a list: the one whose interpreter runs the operation.
template <class... T>
using Leading = typename detail::Leading<T...>::type;

/// Runs a rule: on plain numbers its formula, else by the interpreter of the operand type.
template <class Rule, Value... T>
[[gnu::always_inline]] constexpr auto apply(const T&... x) {
  if constexpr (Operands<T...>)
    return Interpreter<Leading<T...>>::template apply<Rule>(x...);
  else
    return value_of<Rule>(static_cast<double>(x)...);
}

template <>
struct Interpreter<Real> {
  static constexpr bool is_plain = true;

  template <class Rule, class... X>
  [[gnu::always_inline]] static constexpr Real apply(const X&... x) {
    return value_of<Rule>(static_cast<double>(x)...);
  }
  template <class Rule, class X, class Y>
  [[gnu::always_inline]] static constexpr RealCondition compare(const X& x, const Y& y) {
    return {Rule::holds(static_cast<double>(x), static_cast<double>(y))};
  }
  [[gnu::always_inline]] static constexpr Real select(bool condition, const Real& x,
                                                      const Real& y) {
    return condition ? x : y;
  }
};

}  // namespace chainrule
