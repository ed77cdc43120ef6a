// The outputs of a model in evaluation mode.
#pragma once

#include "nn/model/module.hpp"

namespace chainrule::nn {

/// The outputs [n, ...] of a model for all n rows of x, computed batch by batch (0: all rows at
/// once) in evaluation mode. Nothing is recorded in the caller's graph, and the model's mode is
/// restored. Throws ShapeError if x has no rows, DomainError for a negative batch size.
Tensor predict(const Module& model, const Tensor& x, std::int64_t batch_size = 256);

}  // namespace chainrule::nn
