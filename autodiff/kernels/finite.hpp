// Whether numbers are finite.
#pragma once

#include "autodiff/values/array.hpp"

namespace chainrule {

/// Whether no element is NaN or infinite. Cost: as fast as the elements can be read.
bool all_finite(const Array& x);

}  // namespace chainrule
