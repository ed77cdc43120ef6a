// The list of all operations and their codes in a record. The rules are only declared here. So code
// that names operations without running them includes this file, and need not be compiled again
// when a rule changes; rules/operations.hpp defines all rules.
#pragma once

#include <cstdint>
#include <type_traits>

#include "autodiff/core/rule.hpp"

namespace chainrule {

namespace rules {

using Arithmetic = Family<OfArity<2, struct Add, struct Subtract, struct Multiply, struct Divide>,
                          OfArity<1, struct Negate, struct Square, struct Cube, struct Reciprocal>>;

using Piecewise =
    Family<OfArity<1, struct Sign, struct Abs, struct Floor, struct Ceil, struct Round,
                   struct Trunc, struct Frac>,
           OfArity<2, struct Less, struct LessEqual, struct Greater, struct GreaterEqual,
                   struct Equal, struct NotEqual, struct Max, struct Min, struct Fmax, struct Fmin,
                   struct Fmod, struct Remainder, struct FloorMod, struct Copysign>,
           OfArity<3, struct Select, struct Clamp>>;

using Exponential =
    Family<OfArity<1, struct Exp, struct Exp2, struct Expm1, struct Log, struct Log2, struct Log10,
                   struct Log1p, struct Sqrt, struct Rsqrt, struct Cbrt>,
           OfArity<2, struct Pow, struct Xlogy>>;

using Trigonometric =
    Family<OfArity<1, struct Sin, struct Cos, struct Tan, struct Asin, struct Acos, struct Atan,
                   struct Sinh, struct Cosh, struct Tanh, struct Asinh, struct Acosh, struct Atanh>,
           OfArity<2, struct Hypot, struct Atan2>>;

using Special = Family<
    OfArity<1, struct Erf, struct Erfc, struct Erfcx, struct LogNdtr, struct Erfinv, struct Digamma,
            struct Lgamma, struct Tgamma, struct Sinc>,
    OfArity<2, struct Polygamma, struct ScaledBessel, struct GammaDensity, struct Gammainc>,
    OfArity<3, struct GammaDensityByA, struct GammaincByA, struct BetaDensity, struct Betainc>>;

using Activation =
    Family<OfArity<1, struct Sigmoid, struct Softplus, struct Logsigmoid, struct Logit, struct Relu,
                   struct Relu6, struct Selu, struct Gelu, struct GeluTanh, struct Silu,
                   struct Mish, struct Softsign, struct Tanhshrink, struct Hardtanh,
                   struct Hardsigmoid, struct Hardswish>,
           OfArity<2, struct Logaddexp, struct LeakyRelu, struct Elu, struct Celu,
                   struct Softshrink, struct Hardshrink>>;
}  // namespace rules

/// The families of built-in operations. Only this list determines their order.
using Families = FamilyList<rules::Arithmetic, rules::Piecewise, rules::Exponential,
                            rules::Trigonometric, rules::Special, rules::Activation>;

/// All built-in operations, in the order of their codes.
using Operations = Families::Rules;

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

/// The place of a rule in the list: its index, its code and its number of operands.
struct Place {
  bool found = false;
  int index = 0, code = first_code, arity = 0;

  template <class Rule, int operands, class... Listed>
  constexpr void look_in(OfArity<operands, Listed...>) {
    const bool is_it[] = {std::is_same_v<Rule, Listed>...};
    for (const bool is : is_it) {
      if (found) return;
      found = is;
      if (is) {
        arity = operands;
      } else {
        ++index;
        code += code_count(operands);
      }
    }
  }
};
template <class Rule, class... Group>
constexpr void look_in(Place& place, Family<Group...>) {
  (place.look_in<Rule>(Group{}), ...);
}
template <class Rule, class... Family>
constexpr Place find_place(FamilyList<Family...>) {
  Place place;
  (look_in<Rule>(place, Family{}), ...);
  return place;
}
template <class Rule>
inline constexpr Place place_of = find_place<Rule>(Families{});
}  // namespace detail

/// Whether the list contains a rule.
template <class Rule>
inline constexpr bool is_built_in = detail::place_of<Rule>.found;

/// An operation that is in the list or is declared as listed from outside.
template <class Rule>
concept Listed = is_built_in<Rule> || listed_outside<Rule>;

namespace detail {
/// Fails to compile if an operation is not listed.
template <class Rule>
constexpr void check_is_listed() {
  constexpr bool is_listed = Listed<Rule>;  // of a concept, the compiler would explain each part
  static_assert(is_listed,
                "this operation is not listed: add it to its family in autodiff/rules/list.hpp, or "
                "declare chainrule::listed_outside<Rule> = true");
}
}  // namespace detail

/// The index of a rule in the list.
template <class Rule>
  requires is_built_in<Rule>
inline constexpr int index_of = detail::place_of<Rule>.index;

/// Whether a rule is recorded with a code of its own; any other is recorded as `wide`.
template <class Rule>
inline constexpr bool has_code =
    is_built_in<Rule>&& detail::code_count(detail::place_of<Rule>.arity) > 0;

/// The code of a rule whose operands have the given form.
template <class Rule>
  requires has_code<Rule>
constexpr OpCode code_of(Form form = Form::nodes) {
  constexpr int code = detail::place_of<Rule>.code;
  static_assert(code + 2 < 256, "more operations than a one-byte code can tell apart");
  return OpCode(code + static_cast<int>(form));
}

}  // namespace chainrule
