// Messages for common mistakes. None of these functions can be called: a call does not compile, and
// the error says what to write instead. (`= delete` has no message in C++20.) A function of a
// user's own with the same name and types is a better match. A concept that tests such an
// expression, as in requires { x.backward(); }, finds it valid.
#pragma once

#include <initializer_list>
#include <type_traits>

#include "autodiff/core/functions.hpp"

/// Put before a declaration: a use of it is an error with this message, a string literal.
#define CHAINRULE_MISTAKE(remedy) __attribute__((unavailable(remedy)))

namespace chainrule {

class Var;
class Tensor;
class Array;
class Gradient;

namespace detail {

/// The result of a mistaken call, so that the rest of the expression causes no second error.
struct Anything {
  template <class T>
  operator T() const;
  Anything operator[](const auto&) const;
};

/// Members that users of other libraries expect in Var and Tensor. An empty base class.
struct CommonMistakes {
  CHAINRULE_MISTAKE("write `Gradient d = gradient(z);` instead: d[x] is the derivative dz/dx")
  void backward() const;
  CHAINRULE_MISTAKE("write `Gradient d = gradient(z);` instead: d[x] is the derivative dz/dx")
  double grad() const;
  CHAINRULE_MISTAKE("a gradient is a value: nothing has to be reset before the next gradient(z)")
  void zero_grad() const;
  CHAINRULE_MISTAKE("write `Var x = variable(value);`: that is something to differentiate by")
  void requires_grad_(bool = true) const;
  CHAINRULE_MISTAKE("write x.value() for the number of a Var")
  double item() const;

// clang-format off
#define CHAINRULE_FREE_FUNCTION(name)                                      \
  CHAINRULE_MISTAKE(#name " is not a member: write " #name "(x)") \
  Anything name(const auto&...) const;
  CHAINRULE_FREE_FUNCTION(abs)
  CHAINRULE_FREE_FUNCTION(cos)
  CHAINRULE_FREE_FUNCTION(exp)
  CHAINRULE_FREE_FUNCTION(log)
  CHAINRULE_FREE_FUNCTION(relu)
  CHAINRULE_FREE_FUNCTION(sigmoid)
  CHAINRULE_FREE_FUNCTION(sin)
  CHAINRULE_FREE_FUNCTION(softmax)
  CHAINRULE_FREE_FUNCTION(sqrt)
  CHAINRULE_FREE_FUNCTION(square)
  CHAINRULE_FREE_FUNCTION(tanh)
#undef CHAINRULE_FREE_FUNCTION
  CHAINRULE_MISTAKE("pow is not a member: write pow(x, y)")
  Anything pow(const auto&...) const;
  // clang-format on
};

/// An operand taken by conversion, which is a worse match than any operator of a user.
struct AnyOperand {
  template <Value T>
  AnyOperand(const T&);
};
/// The same for operands that are not tensors.
struct AnyScalar {
  template <Value T>
    requires(!Tensorial<T>)
  AnyScalar(const T&);
};

/// Whether fmt can format a T; autodiff/format.hpp says so.
template <class T>
inline constexpr bool has_formatter = false;

/// Converts to the string view that fmt expects, so that a missing header causes one error only.
struct AnyString {
  using value_type = char;
  template <class T>
  operator T() const;
};

}  // namespace detail

template <Operand Z, class X, class... More>
CHAINRULE_MISTAKE(
    "write gradient(z)[x] for the number dz/dx, or derivative(z, x) for a Var or Tensor")
detail::Anything gradient(const Z&, const X&, const More&...);
template <Operand Z>
CHAINRULE_MISTAKE("write `Gradient d = gradient(z);` instead: d[x] and d[y] are its derivatives")
detail::Anything gradient(const Z&, std::initializer_list<Var>);
template <Operand Z>
CHAINRULE_MISTAKE("write `Gradient d = gradient(z);` instead: d[x] and d[y] are its derivatives")
detail::Anything gradient(const Z&, std::initializer_list<Tensor>);
template <int = 0, Operand Z, class... None>
  requires(sizeof...(None) == 0)
CHAINRULE_MISTAKE("write derivative(z, x) for dz/dx, or gradient(z) for all derivatives of z")
detail::Anything derivative(const Z&, const None&...);

/// fmt 9 asks for this function by argument-dependent lookup before it reports a missing formatter.
template <class T>
  requires((std::is_same_v<T, Var> || std::is_same_v<T, Tensor> || std::is_same_v<T, Array> ||
            std::is_same_v<T, Gradient>)&&!detail::has_formatter<T>)
auto to_string_view(const T&) {
  static_assert(detail::has_formatter<T>, "to format this, write #include <autodiff/format.hpp>");
  return detail::AnyString();
}

// Without conversions: clang would also consider those of the deleted operator double of Var.
template <class X, class Y>
  requires(Operands<X, Y> && !Tensorial<X> && !Tensorial<Y>)
CHAINRULE_MISTAKE("write pow(x, y)")
Leading<X, Y> operator^(const X&, const Y&);
template <Tensorial X>
CHAINRULE_MISTAKE("write pow(x, y)")
X operator^(const X&, detail::AnyOperand);
template <Tensorial X>
CHAINRULE_MISTAKE("write pow(x, y)")
X operator^(detail::AnyScalar, const X&);

// clang-format off
#define CHAINRULE_NO_REMAINDER \
  CHAINRULE_MISTAKE("write fmod(x, y): tensors have no %, since NumPy's has another sign")
// clang-format on
template <Tensorial X>
CHAINRULE_NO_REMAINDER X operator%(const X&, detail::AnyOperand);
template <Tensorial X>
CHAINRULE_NO_REMAINDER X operator%(detail::AnyScalar, const X&);
template <Tensorial X>
CHAINRULE_NO_REMAINDER X& operator%=(X&, detail::AnyOperand);
#undef CHAINRULE_NO_REMAINDER

template <Number... Sizes>
  requires(sizeof...(Sizes) > 0)
CHAINRULE_MISTAKE("a shape has braces: write zeros({2, 3})")
Tensor zeros(Sizes...);
template <Number... Sizes>
  requires(sizeof...(Sizes) > 0)
CHAINRULE_MISTAKE("a shape has braces: write ones({2, 3})")
Tensor ones(Sizes...);

}  // namespace chainrule

// std::sin(x) and similar calls. The standard reserves namespace std, but only a declaration there
// can catch std::max(x, 1.0), and compilers accept that. Because of their parameter packs these
// functions are the worst match: the library's functions and those of std, such as std::max of two
// Vars, are preferred, also after `using namespace std`. The unnamed parameter excludes them from
// std::max<Var>(x, 1.0).
namespace std {
// clang-format off
#define CHAINRULE_WITHOUT_STD(name)                                          \
  template <int = 0, class X, class... More>                                 \
    requires chainrule::Operands<X, More...>                                 \
  CHAINRULE_MISTAKE("std has it for plain numbers only: write " #name "(...) without std::") \
  chainrule::Leading<X, More...>

CHAINRULE_WITHOUT_STD(abs) abs(const X&, const More&...);
CHAINRULE_WITHOUT_STD(acos) acos(const X&, const More&...);
CHAINRULE_WITHOUT_STD(acosh) acosh(const X&, const More&...);
CHAINRULE_WITHOUT_STD(asin) asin(const X&, const More&...);
CHAINRULE_WITHOUT_STD(asinh) asinh(const X&, const More&...);
CHAINRULE_WITHOUT_STD(atan) atan(const X&, const More&...);
CHAINRULE_WITHOUT_STD(atan2) atan2(const X&, const More&...);
CHAINRULE_WITHOUT_STD(atanh) atanh(const X&, const More&...);
CHAINRULE_WITHOUT_STD(cbrt) cbrt(const X&, const More&...);
CHAINRULE_WITHOUT_STD(ceil) ceil(const X&, const More&...);
CHAINRULE_WITHOUT_STD(clamp) clamp(const X&, const More&...);
CHAINRULE_WITHOUT_STD(copysign) copysign(const X&, const More&...);
CHAINRULE_WITHOUT_STD(cos) cos(const X&, const More&...);
CHAINRULE_WITHOUT_STD(cosh) cosh(const X&, const More&...);
CHAINRULE_WITHOUT_STD(erf) erf(const X&, const More&...);
CHAINRULE_WITHOUT_STD(erfc) erfc(const X&, const More&...);
CHAINRULE_WITHOUT_STD(exp) exp(const X&, const More&...);
CHAINRULE_WITHOUT_STD(exp2) exp2(const X&, const More&...);
CHAINRULE_WITHOUT_STD(expm1) expm1(const X&, const More&...);
CHAINRULE_WITHOUT_STD(fabs) fabs(const X&, const More&...);
CHAINRULE_WITHOUT_STD(floor) floor(const X&, const More&...);
CHAINRULE_WITHOUT_STD(fmax) fmax(const X&, const More&...);
CHAINRULE_WITHOUT_STD(fmin) fmin(const X&, const More&...);
CHAINRULE_WITHOUT_STD(fmod) fmod(const X&, const More&...);
CHAINRULE_WITHOUT_STD(hypot) hypot(const X&, const More&...);
CHAINRULE_WITHOUT_STD(isfinite) isfinite(const X&, const More&...);
CHAINRULE_WITHOUT_STD(isinf) isinf(const X&, const More&...);
CHAINRULE_WITHOUT_STD(isnan) isnan(const X&, const More&...);
CHAINRULE_WITHOUT_STD(lgamma) lgamma(const X&, const More&...);
CHAINRULE_WITHOUT_STD(log) log(const X&, const More&...);
CHAINRULE_WITHOUT_STD(log10) log10(const X&, const More&...);
CHAINRULE_WITHOUT_STD(log1p) log1p(const X&, const More&...);
CHAINRULE_WITHOUT_STD(log2) log2(const X&, const More&...);
CHAINRULE_WITHOUT_STD(max) max(const X&, const More&...);
CHAINRULE_WITHOUT_STD(min) min(const X&, const More&...);
CHAINRULE_WITHOUT_STD(pow) pow(const X&, const More&...);
CHAINRULE_WITHOUT_STD(remainder) remainder(const X&, const More&...);
CHAINRULE_WITHOUT_STD(round) round(const X&, const More&...);
CHAINRULE_WITHOUT_STD(sin) sin(const X&, const More&...);
CHAINRULE_WITHOUT_STD(sinh) sinh(const X&, const More&...);
CHAINRULE_WITHOUT_STD(sqrt) sqrt(const X&, const More&...);
CHAINRULE_WITHOUT_STD(tan) tan(const X&, const More&...);
CHAINRULE_WITHOUT_STD(tanh) tanh(const X&, const More&...);
CHAINRULE_WITHOUT_STD(tgamma) tgamma(const X&, const More&...);
CHAINRULE_WITHOUT_STD(trunc) trunc(const X&, const More&...);

#undef CHAINRULE_WITHOUT_STD
// clang-format on
}  // namespace std
