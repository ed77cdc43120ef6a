// The reverse sweep over Vars and Tensors: the same rules, run so that the derivatives are
// themselves recorded.
#pragma once

#include <span>
#include <vector>

#include "autodiff/graph/tensor.hpp"

namespace chainrule {

/// A scalar or a tensor, or nothing yet.
struct RecordedValue {
  bool is_set = false;
  Var scalar;
  Tensor tensor;
};

/// A node and the weight its derivative starts with: of the same kind, and shape.
struct RecordedSeed {
  Tag output;
  RecordedValue weight;
};

/// The derivatives of the weighted sum of the outputs with respect to each of `inputs` (any nodes
/// of the same, current graph). Only paths that lead from an input to an output are recorded; what
/// no path leaves is not set. Factors 1 and -1 make no nodes. Cost: linear in the nodes between the
/// oldest input and the youngest output.
std::vector<RecordedValue> recorded_sweep(std::span<const RecordedSeed> seeds,
                                          std::span<const Tag> inputs);

}  // namespace chainrule
