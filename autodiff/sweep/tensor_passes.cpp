#include "autodiff/sweep/tensor_passes.hpp"

#include "autodiff/sweep/recorded_tensors.hpp"
#include "autodiff/sweep/tensor_reverse.hpp"

namespace chainrule::detail {

constinit const TensorPasses tensor_passes{pass_tensor, add_to_element, begin_recorded_tensors};

}  // namespace chainrule::detail
