// The reverse sweep over Vars: the same rules, run so that the derivatives are themselves recorded.
#pragma once

#include <span>
#include <vector>

#include "autodiff/graph/var.hpp"

namespace chainrule {

/// A node and the weight its derivative starts with.
struct RecordedSeed {
  Var output, weight;
};

/// The derivatives of the weighted sum of the outputs with respect to each of `inputs` (any nodes
/// of the same, current graph), as Vars. Only paths that lead from an input to an output are
/// recorded; an input that no path leaves has the constant 0. Factors 1 and -1 make no nodes. Cost:
/// linear in the nodes between the oldest input and the youngest output.
std::vector<Var> recorded_sweep(std::span<const RecordedSeed> seeds, std::span<const Var> inputs);

}  // namespace chainrule
