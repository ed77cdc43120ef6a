// How a number represents "no contribution has reached this adjoint". Only this file knows the
// representation, and Lanes::is_untouched() (values/) for vectors of numbers.
#pragma once

#include "autodiff/core/bits.hpp"

namespace chainrule::detail {

/// An adjoint that no contribution has reached: a structural zero, which the sweep skips. It is the
/// identity of addition (-0 + c is c, for every c), so a sum starts with it. A sum of contributions
/// is never -0 as long as no contribution is; see contribution().
inline constexpr double untouched = -0.0;
template <class T>
[[gnu::always_inline]] inline bool is_untouched(T adjoint) {
  return bits_of(adjoint) == bits_of(static_cast<T>(untouched));
}

/// A number as a contribution to an adjoint: turns -0 into +0. P is a number or a pack.
template <class P>
[[gnu::always_inline]] inline P contribution(const P& number) {
  return number + P(0.0);
}

}  // namespace chainrule::detail
