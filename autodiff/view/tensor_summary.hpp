// A tensor in a few words, where its elements would not fit.
#pragma once

#include <string>

#include "autodiff/values/array.hpp"

namespace chainrule {

/// So many elements are shown in full.
inline constexpr std::int64_t few_elements = 4;

/// Up to four elements in full; of more the mean and the range, and how many are not finite, if
/// any. Numbers with so many significant digits. Cost: one look at every element.
std::string summary_of(const Array& x, int digits);

/// "[2, 3]", with the element type where it is not float64.
std::string kind_of(const Array& x);

}  // namespace chainrule
