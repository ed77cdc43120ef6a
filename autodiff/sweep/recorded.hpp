// The recorded reverse sweep: runs the rules on Vars and Tensors, so that the derivatives are
// themselves recorded.
#pragma once

#include <span>
#include <vector>

#include "autodiff/sweep/recorded_adjoints.hpp"

namespace chainrule::detail {

/// A node and the initial value of its adjoint, of the same kind and shape.
struct RecordedSeed {
  Tag output;
  RecordedAdjoint weight;
};

/// The derivatives of the weighted sum of the outputs with respect to each of `inputs` (any nodes
/// of the same, current graph). Records only paths from an input to an output; the result for an
/// input without such a path is not set. Factors 1 and -1 make no nodes. Cost: linear in the number
/// of nodes that the outputs depend on and that are not older than the oldest input, whatever else
/// the graph contains.
std::vector<RecordedAdjoint> recorded_sweep(std::span<const RecordedSeed> seeds,
                                            std::span<const Tag> inputs);

}  // namespace chainrule::detail
