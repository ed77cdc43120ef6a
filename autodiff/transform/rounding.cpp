#include "autodiff/transform/rounding.hpp"

#include <cmath>
#include <limits>

#include "autodiff/core/limits.hpp"
#include "autodiff/graph/node.hpp"
#include "autodiff/transform/gradient.hpp"

namespace chainrule::detail {
namespace {

/// |value * adjoint|, where 0 times anything is 0.
double product(double value, double adjoint) {
  return value == 0.0 || adjoint == 0.0 ? 0.0 : std::abs(value * adjoint);
}

double unit_of(DType dtype) {
  return dtype == DType::float64 ? std::numeric_limits<double>::epsilon() / 2.0
                                 : double{std::numeric_limits<float>::epsilon()} / 2.0;
}

double tensor_bound(const Array& value, const Array& adjoint) {
  if (adjoint.is_null()) return 0.0;
  double sum = 0.0;
  for (std::int64_t i = 0; i < value.size(); ++i)
    sum += product(value.element(i), adjoint.element(i));
  return sum * unit_of(value.dtype());
}

}  // namespace

double rounding_bound(const Graph& graph, const Var& x) {
  if (x.is_constant()) return 0.0;
  const Gradient d = gradient(x);
  double sum = 0.0;
  for (Id id = 0; id <= x.id(); ++id) {
    const Node node = read_node(graph.tape(), id);
    if (node.is_tensor())
      sum += tensor_bound(tensor_of_node(graph.tape(), id).value(), d.tensor_adjoint(id));
    else
      sum += product(node.value, d.adjoint(id)) * unit_of(DType::float64);
  }
  return std::isnan(sum) ? infinity : sum;
}

}  // namespace chainrule::detail
