// Tests of all elements of an array, and their loops for the selected instruction set.
#pragma once

#include <cstddef>

#include "autodiff/values/array.hpp"

namespace chainrule {

/// Whether no element is NaN or infinite. Cost: limited by memory bandwidth.
bool all_finite(const Array& x);
/// Whether some element is `untouched` (core/untouched.hpp). Cost: at most one pass.
bool any_untouched(const Array& x);

/// The elements are n numbers without gaps.
struct ElementTestLoops {
  bool (*all_finite)(const void* x, std::size_t n);
  bool (*any_untouched)(const void* x, std::size_t n);
};

}  // namespace chainrule
