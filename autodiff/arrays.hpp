// Public: functions on plain arrays, which record nothing, for code that reads or changes the
// elements of arrays itself: all_finite(), contiguous() and add_into(). Not part of autodiff.hpp.
#pragma once

#include "autodiff/graph/tensor.hpp"
#include "autodiff/kernels/element_tests.hpp"
#include "autodiff/kernels/elements.hpp"
#include "autodiff/kernels/walk.hpp"

namespace chainrule {

/// Whether no element is NaN or infinite. Throws ShapeError for a Tensor that was never assigned.
/// Cost: one pass over the elements.
inline bool all_finite(const Tensor& x) {
  static_cast<void>(x.size());  // throws if there is no array
  return all_finite(x.value());
}

}  // namespace chainrule
