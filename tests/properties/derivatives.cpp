#include "tests/properties/derivatives.hpp"

namespace chainrule::testing {
namespace {

/// The element at a row-major position, taken in one of three equivalent ways.
Var taken_element(const Tensor& x, std::int64_t place) {
  const Tensor flat = reshape(x, {-1});
  switch (place % 3) {
    case 0:
      return flat.element({place});
    case 1:
      return Var(sum(slice(flat, 0, Slice{place, place + 1})));
    default:
      return index_select(flat, 0, {place}).element({0});
  }
}

std::int64_t size_of(const TensorValue& variable) {
  const Tensor* const x = std::get_if<Tensor>(&variable);
  return x == nullptr ? 1 : x->size();
}

template <class T>
std::vector<T> of_type(std::span<const TensorValue> variables) {
  std::vector<T> found;
  for (const TensorValue& variable : variables)
    if (const T* const x = std::get_if<T>(&variable)) found.push_back(*x);
  return found;
}

}  // namespace

std::vector<Var> recorded_derivatives(const Var& output, std::span<const TensorValue> variables) {
  const std::vector<Var> scalars = of_type<Var>(variables);
  const std::vector<Tensor> tensors = of_type<Tensor>(variables);
  const auto by_scalars = derivative(output, std::span<const Var>(scalars));
  const auto by_tensors = derivative(output, std::span<const Tensor>(tensors));
  std::vector<Var> result;
  auto next_scalar = by_scalars.begin();
  auto next_tensor = by_tensors.begin();
  for (const TensorValue& variable : variables) {
    if (std::holds_alternative<Var>(variable)) {
      result.push_back(*next_scalar++);
      continue;
    }
    for (std::int64_t k = 0; k < next_tensor->size(); ++k)
      result.push_back(taken_element(*next_tensor, k));
    ++next_tensor;
  }
  return result;
}

std::vector<double> swept_derivatives(const Var& output, std::span<const TensorValue> variables) {
  std::vector<double> result;
  if (output.is_constant()) {
    for (const TensorValue& variable : variables)
      result.insert(result.end(), std::size_t(size_of(variable)), 0.0);
    return result;
  }
  const Gradient d = gradient(output);
  for (const TensorValue& variable : variables) {
    if (const Var* const x = std::get_if<Var>(&variable)) {
      result.push_back(d[*x]);
      continue;
    }
    const std::vector<double> elements = to_vector(d[std::get<Tensor>(variable)]);
    result.insert(result.end(), elements.begin(), elements.end());
  }
  return result;
}

}  // namespace chainrule::testing
