#include "autodiff/transform/gradient.hpp"
#include "autodiff/transform/requests.hpp"

namespace chainrule {
using namespace detail;

namespace {

std::vector<Tensor> tensors(const std::vector<RecordedAdjoint>& values, std::span<const Tensor> x) {
  std::vector<Tensor> result;
  for (std::size_t i = 0; i < x.size(); ++i)
    result.push_back(values[i].is_set
                         ? values[i].tensor.numbers()
                         : Tensor(Array::filled(x[i].dtype(), x[i].value().shape(), 0.0)));
  return result;
}

}  // namespace

Tensor derivative(const Var& output, const Tensor& x) { return derivative(output, one(x)).front(); }

std::vector<Tensor> derivative(const Var& output, std::span<const Tensor> x) {
  return tensors(recorded_derivatives(one(output), one(Var(1.0)), x), x);
}

Tensor derivative(const Tensor& output, const Tensor& x) {
  return derivative(one(output), one(unit_seed(output, "derivative")), one(x)).front();
}

Var derivative(const Tensor& output, const Var& x) {
  const Tensor seed = unit_seed(output, "derivative");
  return recorded_derivatives(one(output), one(seed), one(x)).front().scalar;
}

std::vector<Tensor> derivative(std::span<const Tensor> outputs, std::span<const Tensor> seeds,
                               std::span<const Tensor> x) {
  return tensors(recorded_derivatives(outputs, seeds, x), x);
}

}  // namespace chainrule
