// The outputs of a model outside of training.
#pragma once

#include "nn/model/module.hpp"

namespace chainrule::nn {

/// The outputs of a model for all rows, computed in the same way, [n, ...].
Tensor predict(const Module& model, const Tensor& x, std::int64_t batch_size = 256);

}  // namespace chainrule::nn
