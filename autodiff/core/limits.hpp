// The special values of double, by short names.
#pragma once

#include <limits>

#include "autodiff/core/language.hpp"

namespace chainrule::detail {

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

}  // namespace chainrule::detail
