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

#include <cstddef>
#include <type_traits>
#include <utility>

#include "autodiff/core/language.hpp"

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
inline constexpr int max_arity = 3;

/// The partial of an operand through which no derivative flows, whatever the numbers: a structural
/// zero, not the number 0. Nothing is multiplied, so an infinite factor elsewhere cannot poison it.
struct Zero {};

/// A partial that is a structural zero unless `open`: see only_if() in words.hpp.
template <class Partial>
struct Gated {
  bool open;
  Partial partial;
};

// ---- Running a rule -----------------------------------------------------------------------------

/// The value of a rule at its operands. Every pass computes values by this function and partials by
/// partial(), so what holds for all rules is said here once.
template <class Rule, class... X>
[[gnu::always_inline]] constexpr auto value_of(const X&... x) {
  return Rule::value(x...);
}

/// The partial with respect to operand k, given all operands and then the result, as the rule
/// returns it: a value, a plain double, Zero or Gated. Of a structural rule (core/structural.hpp):
/// the adjoint of operand k, given the parameters, the operands, the result and its adjoint.
template <class Rule, int k, class... X>
[[gnu::always_inline]] constexpr auto partial(const X&... x) {
  static_assert(k >= 0 && k < Rule::arity);
  if constexpr (k == 0)
    return Rule::dx(x...);
  else if constexpr (k == 1)
    return Rule::dy(x...);
  else
    return Rule::dz(x...);
}

namespace detail {
template <class T, class F, std::size_t... k>
[[gnu::always_inline]] constexpr decltype(auto) unpack_in(std::index_sequence<k...>, const T* x,
                                                          F& f) {
  return f(x[k]...);
}
template <class F, std::size_t... k>
[[gnu::always_inline]] constexpr void for_each_in(std::index_sequence<k...>, F& f) {
  (f.template operator()<static_cast<int>(k)>(), ...);
}
}  // namespace detail

/// f(x[0], ..., x[count - 1]).
template <int count, class T, class F>
[[gnu::always_inline]] constexpr decltype(auto) unpack(const T* x, F&& f) {
  return detail::unpack_in(std::make_index_sequence<std::size_t(count)>(), x, f);
}
/// f.operator()<k>() for each k from 0 to count - 1.
template <int count, class F>
[[gnu::always_inline]] constexpr void for_each_place(F&& f) {
  detail::for_each_in(std::make_index_sequence<std::size_t(count)>(), f);
}

/// A partial as it is at run time: a number or its like, and whether anything flows along it. A
/// closed one is a structural zero. A type of values may have a specialisation of its own, with
/// `static Flow of(const auto& partial)`.
template <class T>
struct Flow {
  bool open = false;
  T partial{};

  template <class Partial>
  static Flow of(const Partial& given) {
    if constexpr (std::is_same_v<Partial, Zero>)
      return {};
    else if constexpr (requires { given.open; })
      return {given.open, T(given.partial)};
    else
      return {true, T(given)};
  }
};

/// The value of a rule at an array of operands.
template <class Rule, class T>
T value_at(const T* x) {
  return unpack<Rule::arity>(x,
                             [](const auto&... operand) { return T(value_of<Rule>(operand...)); });
}

/// The partials of a rule at an array of operands: those whose bit is set in `wanted`. The others
/// are left as they are.
template <class Rule, class T>
void partials_at(const T* x, const T& result, unsigned wanted, Flow<T>* out) {
  for_each_place<Rule::arity>([&]<int k>() {
    if ((wanted >> k & 1) == 0) return;
    unpack<Rule::arity>(x, [&](const auto&... operand) {
      out[k] = Flow<T>::of(partial<Rule, k>(operand..., result));
    });
  });
}

/// The type of partials_at<Rule, T>.
template <class T>
using PartialsAt = void(const T* x, const T& result, unsigned wanted, Flow<T>* out);

// ---- Lists of rules -----------------------------------------------------------------------------

/// A list of rules; its order is the order of their codes.
template <class... Rule>
struct RuleList {
  static constexpr int size = sizeof...(Rule);
};

/// Lists of rules, in order.
template <class... Family>
struct FamilyList {
  static constexpr int size = sizeof...(Family);
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

template <class Families>
struct AllOf;
template <class... Family>
struct AllOf<FamilyList<Family...>> : Concatenation<Family...> {};
}  // namespace detail

/// The rules of several lists, in order.
template <class... List>
using Concatenation = typename detail::Concatenation<List...>::type;

/// The rules of all families of a list, in order.
template <class Families>
using AllOf = typename detail::AllOf<Families>::type;

}  // namespace chainrule
