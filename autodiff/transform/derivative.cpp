// Derivatives of numbers, recorded; see tensor_derivative.cpp for those of tensors.
#include "autodiff/transform/gradient.hpp"
#include "autodiff/transform/requests.hpp"

namespace chainrule {
using namespace detail;

Var derivative(const Var& output, const Var& x) { return derivative(output, one(x)).front(); }

std::vector<Var> derivative(const Var& output, std::span<const Var> x) {
  return derivative(one(output), one(Var(1.0)), x);
}

std::vector<Var> derivative(std::span<const Var> outputs, std::span<const Var> seeds,
                            std::span<const Var> x) {
  std::vector<Var> result;
  result.reserve(x.size());
  for (const RecordedAdjoint& adjoint : recorded_derivatives(outputs, seeds, x))
    result.push_back(adjoint.scalar);
  return result;
}

}  // namespace chainrule
