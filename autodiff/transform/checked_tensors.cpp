// check_gradient for functions of tensors.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "autodiff/core/error.hpp"
#include "autodiff/graph/make_tensor.hpp"
#include "autodiff/transform/checked_inputs.hpp"

namespace chainrule::detail {

Var checked_output(const Tensor& output) {
  if (output.value().is_null()) throw_unassigned("check_gradient");
  if (output.size() != 1)
    throw ShapeError(fmt::format(
        "check_gradient: the function returned shape {}, not one element. Reduce it with sum() or "
        "mean().",
        text_of(output.shape())));
  return output;
}

namespace {

/// One tensor among the inputs.
struct Input {
  Shape shape;
  DType dtype = DType::float64;
  std::string name;       // "" if neither the caller nor the function gave one
  std::size_t first = 0;  // coordinate
};

/// The input to which a coordinate belongs.
std::size_t input_of(const std::vector<Input>& inputs, std::size_t coordinate) {
  const auto after =
      std::upper_bound(inputs.begin(), inputs.end(), coordinate,
                       [](std::size_t place, const Input& x) { return place < x.first; });
  return static_cast<std::size_t>(after - inputs.begin()) - 1;
}

/// "[3, 1]", the index of an element from its row-major position; "" for rank 0.
std::string index_text(const Shape& shape, std::size_t place) {
  std::string text;
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    const auto size = static_cast<std::size_t>(shape[axis]);
    text = fmt::format("{}{}{}", place % size, text.empty() ? "" : ", ", text);
    place /= size;
  }
  return text.empty() ? "" : "[" + text + "]";
}

class TensorGradient final : public RecordedGradient {
 public:
  TensorGradient(const std::vector<Input>& inputs, std::vector<Tensor> derivatives)
      : inputs_(inputs), derivatives_(std::move(derivatives)) {}
  Var at(std::size_t coordinate) const override {
    const std::size_t i = input_of(inputs_, coordinate);
    const auto place = static_cast<std::int64_t>(coordinate - inputs_[i].first);
    return derivatives_[i].flatten().element({place});
  }

 private:
  const std::vector<Input>& inputs_;
  std::vector<Tensor> derivatives_;
};

/// The elements of the tensors, in row-major order.
std::vector<double> elements_of_all(std::span<const Tensor> x0) {
  std::vector<double> all;
  for (const Tensor& x : x0) {
    if (x.value().is_null()) throw_unassigned("check_gradient");
    const std::vector<double> elements = to_vector(x);
    all.insert(all.end(), elements.begin(), elements.end());
  }
  return all;
}

class TensorInputs final : public CheckedInputs {
 public:
  explicit TensorInputs(std::span<const Tensor> x0) : CheckedInputs(elements_of_all(x0)) {
    std::size_t first = 0;
    for (const Tensor& x : x0) {
      const std::string name(x.is_constant() ? "" : x.name());
      inputs_.push_back({x.shape(), x.dtype(), name, first});
      first += static_cast<std::size_t>(x.size());
    }
  }

  double representable(std::size_t coordinate, double x) const override {
    return is_double(coordinate) ? x : double{static_cast<float>(x)};
  }
  double spacing(std::size_t coordinate) const override {
    return is_double(coordinate) ? std::numeric_limits<double>::epsilon()
                                 : double{std::numeric_limits<float>::epsilon()};
  }
  std::string name(std::size_t coordinate) const override {
    const std::size_t i = input_of(inputs_, coordinate);
    const Input& x = inputs_[i];
    const std::string whole = !x.name.empty()       ? x.name
                              : inputs_.size() == 1 ? "x"
                                                    : fmt::format("x{}", i);
    return whole + index_text(x.shape, coordinate - x.first);
  }

  CheckInputs variables(std::span<const double> x) const override {
    CheckInputs result;
    for (const Input& input : inputs_) {
      const auto count = static_cast<std::size_t>(element_count(input.shape, "check_gradient"));
      const Tensor numbers = tensor(x.subspan(input.first, count), input.shape);
      result.tensors.push_back(variable(numbers.astype(input.dtype)));
    }
    return result;
  }
  void note_names(const CheckInputs& variables) override {
    for (std::size_t i = 0; i < inputs_.size(); ++i)
      if (const std::string_view given = variables.tensors[i].name(); !given.empty())
        inputs_[i].name = given;
  }
  std::vector<double> gradient_at(const CheckInputs& variables, const Gradient& d) const override {
    std::vector<double> result;
    for (const Tensor& x : variables.tensors) {
      const std::vector<double> elements = to_vector(d[x]);
      result.insert(result.end(), elements.begin(), elements.end());
    }
    return result;
  }
  std::unique_ptr<RecordedGradient> recorded_gradient(const CheckInputs& variables,
                                                      const Var& output) const override {
    return std::make_unique<TensorGradient>(
        inputs_, derivative(output, std::span<const Tensor>(variables.tensors)));
  }

 private:
  bool is_double(std::size_t coordinate) const {
    return inputs_[input_of(inputs_, coordinate)].dtype == DType::float64;
  }

  std::vector<Input> inputs_;
};

}  // namespace

GradientCheck check_gradient(FunctionRef f, std::span<const Tensor> x0,
                             const GradientCheckOptions& options) {
  TensorInputs inputs(x0);
  return check_gradient(f, inputs, options);
}

}  // namespace chainrule::detail
