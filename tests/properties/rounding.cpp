#include "tests/properties/rounding.hpp"

#include <cmath>
#include <limits>

#include "autodiff/graph/node.hpp"

namespace chainrule::testing {
namespace {

constexpr double nearly_zero = 1e-6;
// Constants of programs are 0 or larger than this; one that is smaller is what rounding leaves of
// 0, such as 1/3 + 1/3 + 1/3 - 1.
constexpr double smallest_constant = 1e-12;

/// Whether a number has so few significant bits that it was probably computed without rounding.
bool is_short(double value) {
  return std::abs(value) < 0x1p20 && value * 0x1p20 == std::floor(value * 0x1p20);
}

/// Sums the errors of all results that x was computed from; if short_is_exact, short results count
/// as exact.
double bound(const Graph& graph, const Var& x, bool short_is_exact) {
  if (x.is_constant()) return 0.0;
  const Gradient d = gradient(x);
  double sum = 0.0;
  for (Id id = 0; id <= x.id(); ++id) {
    if (!d.reaches(id)) continue;
    const detail::Node node = read_node(graph.tape(), id);
    const double size = std::abs(node.value);
    if (node.is_variable() || size == 0.0 || !std::isfinite(size)) continue;
    if (short_is_exact && is_short(size)) continue;
    sum += size * std::numeric_limits<double>::epsilon() * std::abs(d.adjoint(id));
  }
  return std::isnan(sum) ? std::numeric_limits<double>::infinity() : sum;
}

bool is_inexact(const Graph& graph, const Var& x) { return bound(graph, x, true) > 0.0; }

}  // namespace

double rounding_bound(const Graph& graph, const Var& x) { return bound(graph, x, false); }

bool is_inexact_zero(const Graph& graph, const Var& x) {
  return std::abs(x.value()) < nearly_zero && is_inexact(graph, x);
}

bool is_doubtful_order(const Graph& graph, const Var& x, const Var& y) {
  if (!(std::abs(x.value() - y.value()) < nearly_zero)) return false;
  return is_inexact(graph, x) || is_inexact(graph, y);
}

bool depends_on_inexact_zero(const Graph& graph, const Var& x) {
  if (x.is_constant()) return false;
  const Gradient d = gradient(x);
  for (Id id = 0; id <= x.id(); ++id) {
    if (!d.reaches(id)) continue;
    const detail::Node node = read_node(graph.tape(), id);
    if (node.is_variable()) continue;
    for (int k = 0; k < node.arity; ++k) {
      const detail::NodeOperand operand = node_operand(graph.tape(), node, k);
      const double size = std::abs(operand.value);
      if (operand.is_constant && size > 0.0 && size < smallest_constant) return true;
    }
    if (is_inexact_zero(graph, Var::node(node.value, graph.tape().tag(id)))) return true;
  }
  return false;
}

}  // namespace chainrule::testing
