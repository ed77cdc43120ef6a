#include "autodiff/transform/checked_function.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "autodiff/transform/rounding.hpp"

namespace chainrule::detail {

Var CheckedFunction::run(const CheckInputs& variables) {
  const Var output = f_(variables);
  if (evaluations_++ == 0) inputs_.note_names(variables);
  return output;
}

std::vector<double> CheckedFunction::swept(const CheckInputs& variables, const Var& output) const {
  if (output.is_constant()) return std::vector<double>(inputs_.size());
  return inputs_.gradient_at(variables, gradient(output));
}

void CheckedFunction::visit(int order, Graph& graph, const CheckInputs& variables,
                            const Var& output, std::span<const Coordinates> places, auto&& use) {
  if (order == 0) {
    use(std::size_t{0}, places.size(), output);
    return;
  }
  const auto first = inputs_.recorded_gradient(variables, output);
  for (std::size_t begin = 0, end = 0; begin < places.size(); begin = end) {
    while (end < places.size() && places[end][0] == places[begin][0]) ++end;
    const Mark before = graph.mark();
    const Var by_first = first->at(places[begin][0]);
    if (order == 1) {
      use(begin, end, by_first);
    } else {
      const auto second = inputs_.recorded_gradient(variables, by_first);
      for (std::size_t from = begin, to = begin; from < end; from = to) {
        while (to < end && places[to][1] == places[from][1]) ++to;
        use(from, to, second->at(places[from][1]));
      }
    }
    graph.rewind(before);
  }
}

std::vector<double> CheckedFunction::derivatives(int order, std::span<const double> x,
                                                 std::span<const Coordinates> places) {
  Graph graph;
  const CheckInputs variables = inputs_.variables(x);
  const Var output = run(variables);
  std::vector<double> result(places.size(), std::numeric_limits<double>::quiet_NaN());
  if (order == 0) {
    std::fill(result.begin(), result.end(), output.value());
    return result;
  }
  if (!std::isfinite(output.value())) return result;
  const auto last = static_cast<std::size_t>(order - 1);
  visit(order - 1, graph, variables, output, places,
        [&](std::size_t begin, std::size_t end, const Var& recorded) {
          const std::vector<double> d = swept(variables, recorded);
          for (std::size_t k = begin; k < end; ++k) result[k] = d[places[k][last]];
        });
  return result;
}

std::vector<double> CheckedFunction::rounding(int order, std::span<const Coordinates> places) {
  Graph graph;
  const CheckInputs variables = inputs_.variables(inputs_.x0());
  const Var output = run(variables);
  std::vector<double> result(places.size());
  visit(order, graph, variables, output, places,
        [&](std::size_t begin, std::size_t end, const Var& recorded) {
          const double bound = rounding_bound(graph, recorded);
          for (std::size_t k = begin; k < end; ++k) result[k] = bound;
        });
  return result;
}

}  // namespace chainrule::detail
