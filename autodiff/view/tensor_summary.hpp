// A short summary of a tensor that is too large to show in full.
#pragma once

#include <string>

#include "autodiff/values/array.hpp"

namespace chainrule::detail {

/// Arrays with at most this many elements are shown in full.
inline constexpr std::int64_t few_elements = 4;

/// Up to four elements in full; for more, the mean and range, and the number of non-finite elements
/// if there are any. Numbers have `digits` significant digits. Cost: one pass over the elements.
std::string summary_of(const Array& x, int digits);

/// "[2, 3]", with the element type if it is not float64.
std::string kind_of(const Array& x);

}  // namespace chainrule::detail
