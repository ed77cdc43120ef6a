// The functions that rules call, for plain numbers. They are declared before any rule, so that a
// rule running on double finds these and not a C library function of the same name (POSIX has a
// `select`, too). Operand types get theirs from rules/.
#pragma once

#include <cmath>

#include "autodiff/core/incomplete.hpp"
#include "autodiff/core/operand.hpp"
#include "autodiff/core/rule.hpp"
#include "autodiff/core/special.hpp"

namespace chainrule {

using std::abs;
using std::acos;
using std::acosh;
using std::asin;
using std::asinh;
using std::atan;
using std::atan2;
using std::atanh;
using std::cbrt;
using std::ceil;
using std::copysign;
using std::cos;
using std::cosh;
using std::erf;
using std::erfc;
using std::exp;
using std::exp2;
using std::expm1;
using std::fabs;
using std::floor;
using std::fmax;
using std::fmin;
using std::fmod;
using std::hypot;
using std::isfinite;
using std::isinf;
using std::isnan;
using std::lgamma;
using std::log;
using std::log10;
using std::log1p;
using std::log2;
using std::pow;
using std::remainder;
using std::round;
using std::sin;
using std::sinh;
using std::sqrt;
using std::tan;
using std::tanh;
using std::tgamma;
using std::trunc;

namespace detail {
template <class Condition>
constexpr bool holds(const Condition& condition) {
  if constexpr (requires { condition.holds(); })
    return condition.holds();
  else
    return static_cast<bool>(condition);
}
}  // namespace detail

/// x if the condition holds, else y. Both are evaluated. The derivative flows only to the selected
/// one, so the other may be infinite or NaN. Cost: one operation.
template <class Condition, Value X, Value Y>
constexpr auto select(const Condition& condition, const X& x, const Y& y) {
  if constexpr (requires { condition.select(x, y); })
    return condition.select(x, y);
  else if constexpr (Operands<X, Y>)
    return Interpreter<Leading<X, Y>>::select(static_cast<bool>(condition), x, y);
  else
    return condition ? static_cast<double>(x) : static_cast<double>(y);
}

/// A partial where the condition holds, a structural zero elsewhere.
template <class Condition, Value Partial>
constexpr auto only_if(const Condition& condition, const Partial& partial) {
  if constexpr (requires { condition.only_if(partial); })
    return condition.only_if(partial);
  else
    return Gated<Partial>{detail::holds(condition), partial};
}

/// A formula with exceptions. `plain` is the standard formula, which is the one printed; numbers
/// use it where the condition holds. Elsewhere they use `otherwise`: an equivalent form that does
/// not lose digits there, or the convention at a point where `plain` is undefined.
template <class Condition, class Plain, class Otherwise>
constexpr auto normally(const Condition& condition, Plain plain, Otherwise otherwise) {
  if constexpr (requires { condition.normally(plain, otherwise); })
    return condition.normally(plain, otherwise);
  else
    return detail::holds(condition) ? plain() : otherwise();
}

template <class Condition, class X, class Y>
constexpr auto Choices::select(const Condition& condition, const X& x, const Y& y) {
  return chainrule::select(condition, x, y);
}
template <class Condition, class Partial>
constexpr auto Choices::only_if(const Condition& condition, const Partial& partial) {
  return chainrule::only_if(condition, partial);
}
template <class Condition, class Plain, class Otherwise>
constexpr auto Choices::normally(const Condition& condition, Plain plain, Otherwise otherwise) {
  return chainrule::normally(condition, plain, otherwise);
}

}  // namespace chainrule
