#include "autodiff/transform/checked_function.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "autodiff/core/error.hpp"
#include "autodiff/graph/make_tensor.hpp"
#include "autodiff/transform/rounding.hpp"

namespace chainrule::detail {
namespace {

/// The recorded derivatives of one output with respect to all coordinates.
class RecordedGradient {
 public:
  RecordedGradient(const CheckInputs& inputs, const Var& output) {
    if (!inputs.scalars.empty())
      scalars_ = derivative(output, std::span<const Var>(inputs.scalars));
    else
      tensors_ = derivative(output, std::span<const Tensor>(inputs.tensors));
  }
  /// The derivative with respect to one element of an input.
  Var at(std::size_t input, std::size_t place) const {
    if (!scalars_.empty()) return scalars_[input];
    return tensors_[input].flatten().element({static_cast<std::int64_t>(place)});
  }

 private:
  std::vector<Var> scalars_;
  std::vector<Tensor> tensors_;
};

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

}  // namespace

Var checked_output(const Tensor& output) {
  if (output.value().is_null()) throw_unassigned("check_gradient");
  if (output.size() != 1)
    throw ShapeError(fmt::format(
        "check_gradient: the function returned shape {}, not one element. Reduce it with sum() or "
        "mean().",
        text_of(output.shape())));
  return output;
}

CheckedFunction::CheckedFunction(FunctionRef f, std::span<const double> x0)
    : f_(f), takes_tensors_(false), inputs_(x0.size()), x0_(x0.begin(), x0.end()) {
  for (std::size_t i = 0; i < x0.size(); ++i) first_.push_back(i);
}

CheckedFunction::CheckedFunction(FunctionRef f, std::span<const Tensor> x0)
    : f_(f), takes_tensors_(true) {
  for (const Tensor& x : x0) {
    if (x.value().is_null()) throw_unassigned("check_gradient");
    first_.push_back(x0_.size());
    inputs_.push_back({x.shape(), x.dtype(), x.is_constant() ? "" : std::string(x.name())});
    const std::vector<double> elements = to_vector(x);
    x0_.insert(x0_.end(), elements.begin(), elements.end());
  }
}

std::size_t CheckedFunction::input_of(std::size_t coordinate) const {
  const auto after = std::upper_bound(first_.begin(), first_.end(), coordinate);
  return static_cast<std::size_t>(after - first_.begin()) - 1;
}

double CheckedFunction::representable(std::size_t coordinate, double x) const {
  if (inputs_[input_of(coordinate)].dtype == DType::float64) return x;
  return static_cast<float>(x);
}

double CheckedFunction::spacing(std::size_t coordinate) const {
  if (inputs_[input_of(coordinate)].dtype == DType::float64)
    return std::numeric_limits<double>::epsilon();
  return std::numeric_limits<float>::epsilon();
}

std::vector<std::string> CheckedFunction::names() const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < x0_.size(); ++i) {
    const std::size_t input = input_of(i);
    const Input& x = inputs_[input];
    const std::string whole = !x.name.empty()                         ? x.name
                              : takes_tensors_ && inputs_.size() == 1 ? "x"
                                                                      : fmt::format("x{}", input);
    names.push_back(whole + index_text(x.shape, i - first_[input]));
  }
  return names;
}

CheckInputs CheckedFunction::inputs(std::span<const double> x) const {
  CheckInputs result;
  if (!takes_tensors_) {
    result.scalars = variables(x);
    return result;
  }
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const auto count = static_cast<std::size_t>(element_count(inputs_[i].shape, "check_gradient"));
    result.tensors.push_back(
        variable(tensor(x.subspan(first_[i], count), inputs_[i].shape).astype(inputs_[i].dtype)));
  }
  return result;
}

Var CheckedFunction::run(const CheckInputs& inputs) {
  ++evaluations_;
  const Var output = f_(inputs);
  if (evaluations_ > 1) return output;
  const auto note = [](std::string& name, std::string_view given) {
    if (!given.empty()) name = given;
  };
  for (std::size_t i = 0; i < inputs.scalars.size(); ++i)
    note(inputs_[i].name, inputs.scalars[i].name());
  for (std::size_t i = 0; i < inputs.tensors.size(); ++i)
    note(inputs_[i].name, inputs.tensors[i].name());
  return output;
}

std::vector<double> CheckedFunction::swept(const CheckInputs& inputs, const Var& output) const {
  std::vector<double> result;
  if (output.is_constant()) return std::vector<double>(size());
  result.reserve(size());
  const Gradient d = gradient(output);
  for (const Var& x : inputs.scalars) result.push_back(d[x]);
  for (const Tensor& x : inputs.tensors) {
    const std::vector<double> elements = to_vector(d[x]);
    result.insert(result.end(), elements.begin(), elements.end());
  }
  return result;
}

void CheckedFunction::visit(int order, Graph& graph, const CheckInputs& inputs, const Var& output,
                            std::span<const Coordinates> places, auto&& use) {
  if (order == 0) {
    use(std::size_t{0}, places.size(), output);
    return;
  }
  const auto at = [this](const RecordedGradient& recorded, std::size_t coordinate) {
    const std::size_t input = input_of(coordinate);
    return recorded.at(input, coordinate - first_[input]);
  };
  const RecordedGradient first(inputs, output);
  for (std::size_t begin = 0, end = 0; begin < places.size(); begin = end) {
    while (end < places.size() && places[end][0] == places[begin][0]) ++end;
    const Mark before = graph.mark();
    const Var by_first = at(first, places[begin][0]);
    if (order == 1) {
      use(begin, end, by_first);
    } else {
      const RecordedGradient second(inputs, by_first);
      for (std::size_t from = begin, to = begin; from < end; from = to) {
        while (to < end && places[to][1] == places[from][1]) ++to;
        use(from, to, at(second, places[from][1]));
      }
    }
    graph.rewind(before);
  }
}

std::vector<double> CheckedFunction::derivatives(int order, std::span<const double> x,
                                                 std::span<const Coordinates> places) {
  Graph graph;
  const CheckInputs variables = inputs(x);
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
  const CheckInputs variables = inputs(x0_);
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
