// The recorded sweep at tensor nodes.
#pragma once

#include <memory>

#include "autodiff/sweep/tensor_passes.hpp"

namespace chainrule::detail {

/// See TensorPasses::begin_recorded.
std::unique_ptr<RecordedTensors> begin_recorded_tensors(RecordedAdjoints& adjoints);

}  // namespace chainrule::detail
