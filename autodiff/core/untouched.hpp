// The structural zero among adjoints.
#pragma once

#include "autodiff/core/bits.hpp"

namespace chainrule {

/// The adjoint that no contribution has reached, a structural zero: the sweep passes it by. As the
/// start of a sum it changes nothing (-0 + c is c), and a sum that something reached is never -0.
inline constexpr double untouched = -0.0;
inline bool is_untouched(double adjoint) { return bits_of(adjoint) == 0x8000'0000'0000'0000u; }

}  // namespace chainrule
