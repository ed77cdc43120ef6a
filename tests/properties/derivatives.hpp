// All derivatives of a recorded output up to a given order, for every sequence of variables.
#pragma once

#include <span>
#include <vector>

#include "tests/properties/operation.hpp"

namespace chainrule::testing {

/// The coordinate of each differentiation, starting with the first.
using Path = std::vector<std::size_t>;

/// The recorded derivatives of the output with respect to each coordinate (a scalar variable, or an
/// element of a tensor). Derivatives of a constant are 0.
std::vector<Var> recorded_derivatives(const Var& output, std::span<const TensorValue> variables);
/// The same by one numeric sweep; also zeros for a constant.
std::vector<double> swept_derivatives(const Var& output, std::span<const TensorValue> variables);

/// Calls `visit(path, recorded, swept)` for each derivative of orders 1 to `order`; a derivative is
/// visited before its own derivatives. The graph is restored afterwards.
template <class Visit>
void visit_derivatives(Graph& graph, const Var& output, std::span<const TensorValue> variables,
                       std::size_t order, Visit& visit, Path& path) {
  if (path.size() == order) return;
  const Mark before = graph.mark();
  const std::vector<Var> recorded = recorded_derivatives(output, variables);
  const std::vector<double> swept = swept_derivatives(output, variables);
  for (std::size_t i = 0; i < recorded.size(); ++i) {
    path.push_back(i);
    visit(path, recorded[i], swept[i]);
    visit_derivatives(graph, recorded[i], variables, order, visit, path);
    path.pop_back();
  }
  graph.rewind(before);
}

}  // namespace chainrule::testing
