// The form of a rule. Every struct in autodiff/rules/ has this form.
//
//   struct Sin : Unary {
//     static constexpr Notation notation = library_call("sin");
//     static auto value(const auto& x) { return sin(x); }
//     static auto dx(const auto& x, const auto& /*result*/) { return cos(x); }
//   };
//
// value() computes the operation from its operands; dx(), dy(), dz() are the partial derivatives
// with respect to the first, second and third operand, given all operands and the result. The code
// is generic: it runs on doubles, on recording variables (so every derivative can be differentiated
// again) and on Text (so every formula can be printed). A partial returns a plain double if it is
// constant, and Zero{} if no derivative ever flows to the operand.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include "autodiff/core/language.hpp"
#include "autodiff/core/real.hpp"

namespace chainrule {

/// How an operation is written: as `name(x, y)`, or infix or prefix with a precedence.
struct Notation {
  const char* name;              ///< lower-case name, unique among all operations
  const char* symbol = nullptr;  ///< infix (binary) or prefix (unary) symbol, or none
  int precedence = 100;          ///< precedence of the symbol; calls have the highest
  bool is_primitive = false;  ///< computed by the language or the C library, so it has no further
                              ///< formula
};

/// An operation computed by one call to the C library, core/special.hpp or core/incomplete.hpp.
constexpr Notation library_call(const char* name) { return {name, nullptr, 100, true}; }
/// An operation whose value() is a formula of other operations.
constexpr Notation composed(const char* name) { return {name, nullptr, 100, false}; }
/// An operator of the language, written with its symbol.
constexpr Notation written(const char* name, const char* symbol, int precedence) {
  return {name, symbol, precedence, true};
}

/// The three selection functions (core/functions.hpp) as members of every rule. Their operands may
/// all be plain numbers, for which argument-dependent lookup would not find them from a user's
/// namespace.
struct Choices {
  template <class Condition, class X, class Y>
  [[gnu::always_inline]] static constexpr auto select(const Condition& condition, const X& x,
                                                      const Y& y);
  template <class Condition, class Partial>
  [[gnu::always_inline]] static constexpr auto only_if(const Condition& condition,
                                                       const Partial& partial);
  template <class Condition, class Plain, class Otherwise>
  [[gnu::always_inline]] static constexpr auto normally(const Condition& condition, Plain plain,
                                                        Otherwise otherwise);
};

/// Number of operands; a rule inherits one of these.
struct Unary : Choices {
  static constexpr int arity = 1;
};
struct Binary : Choices {
  static constexpr int arity = 2;
};
struct Ternary : Choices {
  static constexpr int arity = 3;
};
inline constexpr int max_arity = 3;

/// The partial of an operand that never receives a derivative: a structural zero, not the number 0.
/// Nothing is multiplied, so an infinite factor elsewhere cannot turn it into NaN.
struct Zero {};

/// A partial that is a structural zero unless `open`; see only_if() in functions.hpp.
template <class Partial>
struct Gated {
  bool open;
  Partial partial;
};

/// Declares an operation from outside the library as listed:
///   template <> inline constexpr bool chainrule::listed_outside<MyRule> = true;
template <class Rule>
inline constexpr bool listed_outside = false;

// ---- Running a rule -----------------------------------------------------------------------------

namespace detail {
/// Whether a rule runs on Real: it is from outside the library, and its operands are plain doubles.
template <class Rule, class... X>
inline constexpr bool runs_on_real = listed_outside<Rule> && (std::is_same_v<X, double> && ...);

// Whether a rule has a function for doubles, besides or instead of the template for all types: a
// template cannot deduce {x}.
template <class Rule, class... X>
concept ValueOfDoubles = requires(const X&... x) {
  Rule::value({x}...);
};
template <class Rule, int k, class... X>
concept PartialOfDoubles = (k == 0 && requires(const X&... x) { Rule::dx({x}...); }) ||
                           (k == 1 && requires(const X&... x) { Rule::dy({x}...); }) ||
                           (k == 2 && requires(const X&... x) { Rule::dz({x}...); });

template <class Rule, int k, class... X>
[[gnu::always_inline]] constexpr auto partial_as_written(const X&... x) {
  if constexpr (k == 0)
    return Rule::dx(x...);
  else if constexpr (k == 1)
    return Rule::dy(x...);
  else
    return Rule::dz(x...);
}

/// Converts a result computed with Real to double.
template <class Given>
[[gnu::always_inline]] constexpr auto in_doubles(const Given& given) {
  if constexpr (std::is_same_v<Given, Real>)
    return given.value();
  else if constexpr (std::is_same_v<Given, Gated<Real>>)
    return Gated<double>{given.open, given.partial.value()};
  else
    return given;
}
}  // namespace detail

/// The value of a rule at its operands. Every pass computes values through this function and
/// partials through partial(), so both have a single definition. A rule from outside the library
/// runs on Real instead of double, unless it is a primitive or has a function for doubles.
template <class Rule, class... X>
[[gnu::always_inline]] constexpr auto value_of(const X&... x) {
  if constexpr (detail::runs_on_real<Rule, X...>) {
    if constexpr (!Rule::notation.is_primitive && !detail::ValueOfDoubles<Rule, X...>)
      return detail::in_doubles(Rule::value(Real(x)...));
    else
      return Rule::value(x...);
  } else {
    return Rule::value(x...);
  }
}

/// The partial with respect to operand k, given all operands and the result, as the rule returns
/// it: a value, a plain double, Zero or Gated. For a structural rule (core/structural.hpp): the
/// adjoint of operand k, given the parameters, the operands, the result and its adjoint.
template <class Rule, int k, class... X>
[[gnu::always_inline]] constexpr auto partial(const X&... x) {
  static_assert(k >= 0 && k < Rule::arity);
  if constexpr (detail::runs_on_real<Rule, X...> && !detail::PartialOfDoubles<Rule, k, X...>)
    return detail::in_doubles(detail::partial_as_written<Rule, k>(Real(x)...));
  else
    return detail::partial_as_written<Rule, k>(x...);
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
/// `f.operator()<k>()` for each k from 0 to count - 1.
template <int count, class F>
[[gnu::always_inline]] constexpr void for_each_place(F&& f) {
  detail::for_each_in(std::make_index_sequence<std::size_t(count)>(), f);
}
/// `f.operator()<k>()` for a k below count that is known only at run time. The result is
/// constructed in place.
template <int count, int first = 0, class F>
constexpr auto at_place(std::size_t k, const F& f) {
  if constexpr (first + 1 < count)
    if (k != first) return at_place<count, first + 1>(k, f);
  return f.template operator()<first>();
}

/// A partial at run time: its value, and whether the derivative flows at all. If not `open`, it is
/// a structural zero. A value type may specialise this template; the specialisation needs `static
/// Flow of(const auto& partial)`.
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

/// The value of a rule for an array of operands.
template <class Rule, class T>
T value_at(const T* x) {
  return unpack<Rule::arity>(x,
                             [](const auto&... operand) { return T(value_of<Rule>(operand...)); });
}

/// The partials of a rule for an array of operands. Computes those whose bit is set in `wanted` and
/// leaves the others unchanged.
template <class Rule, class T>
void partials_at(const T* x, const T& result, unsigned wanted, Flow<T>* out) {
  for_each_place<Rule::arity>([&]<int k>() {
    if ((wanted >> k & 1) == 0) return;
    unpack<Rule::arity>(x, [&](const auto&... operand) {
      out[k] = Flow<T>::of(partial<Rule, k>(operand..., result));
    });
  });
}

/// The signature of partials_at<Rule, T>.
template <class T>
using PartialsAt = void(const T* x, const T& result, unsigned wanted, Flow<T>* out);

// ---- Lists of rules -----------------------------------------------------------------------------

/// A list of rules. Its order determines the operation codes.
template <class... Rule>
struct RuleList {
  static constexpr int size = sizeof...(Rule);
};

namespace detail {
template <class... List>
struct Concatenated;
template <class... Rule>
struct Concatenated<RuleList<Rule...>> {
  using type = RuleList<Rule...>;
};
template <class... A, class... B, class... Rest>
struct Concatenated<RuleList<A...>, RuleList<B...>, Rest...>
    : Concatenated<RuleList<A..., B...>, Rest...> {};
}  // namespace detail

/// The concatenation of several lists of rules.
template <class... List>
using Concatenation = typename detail::Concatenated<List...>::type;

/// Rules with the same number of operands. They may be declared only.
template <int arity, class... Rule>
struct OfArity {
  using Rules = RuleList<Rule...>;
};

/// Related rules, by their number of operands.
template <class... Group>
struct Family {
  using Rules = Concatenation<typename Group::Rules...>;
};

/// Families, in order.
template <class... Family>
struct FamilyList {
  static constexpr int size = sizeof...(Family);
  using Rules = Concatenation<typename Family::Rules...>;
};

}  // namespace chainrule
