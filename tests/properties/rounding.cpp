#include "tests/properties/rounding.hpp"

#include <cmath>
#include <limits>

#include "autodiff/graph/node.hpp"

namespace chainrule::testing {
namespace {

constexpr double nearly_zero = 1e-6;

double local_error(double value) {
  if (!std::isfinite(value)) return 0.0;
  if (std::abs(value) < 0x1p20 && value * 0x1p20 == std::floor(value * 0x1p20)) return 0.0;
  return std::abs(value) * std::numeric_limits<double>::epsilon();
}

}  // namespace

double rounding_bound(const Graph& graph, const Var& x) {
  if (x.is_constant()) return 0.0;
  const Gradient d = gradient(x);
  double bound = 0.0;
  for (Id id = 0; id <= x.id(); ++id) {
    if (!d.reaches(id)) continue;
    const Node node = read_node(graph.tape(), id);
    const double error = node.is_variable() ? 0.0 : local_error(node.value);
    if (error != 0.0) bound += error * std::abs(d.adjoint(id));
  }
  return std::isnan(bound) ? std::numeric_limits<double>::infinity() : bound;
}

bool is_inexact_zero(const Graph& graph, const Var& x) {
  return std::abs(x.value()) < nearly_zero && rounding_bound(graph, x) > 0.0;
}

bool is_doubtful_order(const Graph& graph, const Var& x, const Var& y) {
  if (!(std::abs(x.value() - y.value()) < nearly_zero)) return false;
  return rounding_bound(graph, x) > 0.0 || rounding_bound(graph, y) > 0.0;
}

bool depends_on_non_finite(const Graph& graph, const Var& x) {
  if (x.is_constant()) return !std::isfinite(x.value());
  const Gradient d = gradient(x);
  for (Id id = 0; id <= x.id(); ++id)
    if (d.reaches(id) && !std::isfinite(read_node(graph.tape(), id).value)) return true;
  return false;
}

bool depends_on_inexact_zero(const Graph& graph, const Var& x) {
  if (x.is_constant()) return false;
  const Gradient d = gradient(x);
  for (Id id = 0; id <= x.id(); ++id) {
    if (!d.reaches(id)) continue;
    const Node node = read_node(graph.tape(), id);
    if (node.is_variable()) continue;
    if (is_inexact_zero(graph, Var::node(node.value, graph.tape().tag(id)))) return true;
  }
  return false;
}

}  // namespace chainrule::testing
