// Checks that losses and metrics share.
#pragma once

#include "autodiff/autodiff.hpp"

namespace chainrule::nn::detail {

/// Throws ShapeError, which names the loss or metric, unless both tensors were assigned and have
/// the same shape.
void check_same_shape(const Tensor& prediction, const Tensor& target, const char* name);

}  // namespace chainrule::nn::detail
