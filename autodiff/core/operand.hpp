// The types that an operation can run on. A rule is written once and runs on any type that has an
// Interpreter. Plain numbers need none: on double, a rule is just its formula.
#pragma once

#include <concepts>
#include <type_traits>

#include "autodiff/core/rule.hpp"

namespace chainrule {

/// Runs rules on values of type T (a recording Var, a Text, ...). A new value type specialises this
/// template with these static members:
///   apply<Rule>(x...)      applies the rule to operands, at least one of which is a T
///   compare<Rule>(x, y)    a comparison, returned as a condition: a bool, or a type with holds()
///                          and select(x, y)
///   select(b, x, y)        x if the bool b is true, else y
///   is_plain               optional: true if the values are plain numbers (see Plain)
template <class T>
struct Interpreter;

/// A type other than a plain number that rules can run on.
template <class T>
concept Operand = requires {
  sizeof(Interpreter<T>);
};

/// A plain C++ number. It is a constant in every expression.
template <class T>
concept Number = std::is_arithmetic_v<T>;

/// A plain number, or a pack or array of them. Results computed from it are not differentiated
/// again, so a rule may choose the form that is cheapest to evaluate.
template <class T>
concept Plain = Number<T> || requires {
  requires Interpreter<T>::is_plain;
};

/// Any type that an operation accepts.
template <class T>
concept Value = Operand<T> || Number<T>;

/// A list of values of which at least one is an Operand.
template <class... T>
concept Operands = (Value<T> && ...) && (Operand<T> || ...);

/// An operand with many elements, which whole-array operations accept as well. Its interpreter also
/// accepts scalar operands, and has
///   structural<Rule>(parameters, x...)   applies a structural rule (core/structural.hpp)
template <class T>
concept Tensorial = Operand<T> && Interpreter<T>::is_tensorial;

namespace detail {
/// The priority of an operand type: the operand with the highest priority runs the operation. Plain
/// numbers have priority 0, operands 1 unless their interpreter has a member `priority`.
template <class T>
constexpr int priority_of() {
  if constexpr (!Operand<T>)
    return 0;
  else if constexpr (requires { Interpreter<T>::priority; })
    return Interpreter<T>::priority;
  else
    return 1;
}
template <class First, class... Rest>
struct LeadingType {
  using type = First;
};
template <class First, class Second, class... Rest>
struct LeadingType<First, Second, Rest...> {
  using rest = typename LeadingType<Second, Rest...>::type;
  using type = std::conditional_t<(priority_of<First>() >= priority_of<rest>()), First, rest>;
};
}  // namespace detail

/// The operand type whose interpreter runs an operation on these types.
template <class... T>
using Leading = typename detail::LeadingType<T...>::type;

/// Applies a rule: evaluates its formula on plain numbers, otherwise calls the interpreter of the
/// operand type.
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
