// How numbers carry "nothing has reached this adjoint": the one place that knows the
// representation.
#pragma once

#include "autodiff/core/bits.hpp"

namespace chainrule {

/// The adjoint that no contribution has reached, a structural zero: the sweep skips it. It is the
/// identity of addition (-0 + c is c, for every c), so a sum starts with it, and a sum of
/// contributions is never -0 as long as no contribution is: see contribution().
inline constexpr double untouched = -0.0;
inline bool is_untouched(double adjoint) { return bits_of(adjoint) == 0x8000'0000'0000'0000u; }

/// A number as a contribution to an adjoint: a zero of either sign is the number 0. P is a number
/// or a pack of them.
template <class P>
[[gnu::always_inline]] inline P contribution(const P& number) {
  return number + P(0.0);
}

}  // namespace chainrule
