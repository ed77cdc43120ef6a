// Tests whether numbers are finite.
#pragma once

#include "autodiff/values/array.hpp"

namespace chainrule {

/// Whether no element is NaN or infinite. Cost: limited by memory bandwidth.
bool all_finite(const Array& x);

}  // namespace chainrule
