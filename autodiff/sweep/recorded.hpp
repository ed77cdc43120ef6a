// The reverse sweep over Vars and Tensors: the same rules, run so that the derivatives are
// themselves recorded.
#pragma once

#include <span>
#include <vector>

#include "autodiff/graph/tensor_adjoint.hpp"

namespace chainrule {

/// The adjoint of a scalar or of a tensor; not set if nothing has reached it.
struct RecordedAdjoint {
  bool is_set = false;
  Var scalar;
  Adjoint<Tensor> tensor;
};

/// A node and the weight that its derivative starts with: of the same kind, and shape.
struct RecordedSeed {
  Tag output;
  RecordedAdjoint weight;
};

/// The derivatives of the weighted sum of the outputs with respect to each of `inputs` (any nodes
/// of the same, current graph). Only paths that lead from an input to an output are recorded; an
/// input that no path leaves is not set. Factors 1 and -1 make no nodes. Cost: linear in the nodes
/// that the outputs depend on and that are not older than the oldest input, whatever else the graph
/// holds.
std::vector<RecordedAdjoint> recorded_sweep(std::span<const RecordedSeed> seeds,
                                            std::span<const Tag> inputs);

}  // namespace chainrule
