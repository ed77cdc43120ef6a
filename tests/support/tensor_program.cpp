#include "tests/support/tensor_program.hpp"

#include <map>
#include <stdexcept>

#include "autodiff/autodiff.hpp"
#include "tests/support/tensor_differences.hpp"

namespace chainrule::testing {
namespace {

using Operands = std::span<const Tensor>;
using Run = Tensor (*)(const Json& step, Operands x);

Extents extents(const Json& list) {
  Extents result;
  for (const Json& size : list) result.push_back(size.get<std::int64_t>());
  return result;
}

AxisList axes(const Json& step) {
  const Json& list = step.at("axes");
  if (list.is_null()) return all_axes;
  if (list.is_number_integer()) return list.get<std::int64_t>();
  return extents(list);
}

std::int64_t axis(const Json& step) { return step.at("axis").get<std::int64_t>(); }
bool keepdims(const Json& step) { return step.at("keepdims").get<bool>(); }
double real(const Json& step, const char* name) { return number(step.at(name)); }
std::int64_t whole(const Json& step, const char* name) { return step.at(name).get<std::int64_t>(); }

std::vector<std::int64_t> integers(const Json& list) {
  return list.get<std::vector<std::int64_t>>();
}
/// A list, or {shape, data}.
Indices indices(const Json& index) {
  if (index.is_array()) return Indices(std::span<const std::int64_t>(integers(index)));
  return {integers(index.at("data")), extents(index.at("shape"))};
}
Indices labels(const Json& step) {
  return Indices(std::span<const std::int64_t>(integers(step.at("labels"))));
}

Tensor sliced(const Tensor& x, const Json& spec) {
  std::vector<Slice> slices;
  for (const Json& one : spec)
    slices.push_back({one.at(0).get<std::int64_t>(), one.at(1).get<std::int64_t>(),
                      one.at(2).get<std::int64_t>()});
  return slice(x, slices);
}

Tensor huber_loss(const Tensor& difference, double delta) {
  const Tensor distance = abs(difference);
  return mean(where(distance <= delta, 0.5 * square(difference), delta * (distance - 0.5 * delta)));
}

Tensor nll_loss(const Tensor& log_probabilities, const Indices& of_rows) {
  const Indices column(std::span(of_rows.data(), static_cast<std::size_t>(of_rows.size())),
                       {of_rows.size(), 1});
  return -mean(gather(log_probabilities, 1, column));
}

Tensor bce_loss(const Tensor& p, const Tensor& t) {
  return -mean(t * max(log(p), -100.0) + (1.0 - t) * max(log(1.0 - p), -100.0));
}

// Names as in the table of the format.
const std::map<std::string, Run> operations = {
    {"neg", [](const Json&, Operands x) { return -x[0]; }},
    {"exp", [](const Json&, Operands x) { return exp(x[0]); }},
    {"log", [](const Json&, Operands x) { return log(x[0]); }},
    {"sqrt", [](const Json&, Operands x) { return sqrt(x[0]); }},
    {"square", [](const Json&, Operands x) { return square(x[0]); }},
    {"reciprocal", [](const Json&, Operands x) { return reciprocal(x[0]); }},
    {"abs", [](const Json&, Operands x) { return abs(x[0]); }},
    {"sin", [](const Json&, Operands x) { return sin(x[0]); }},
    {"cos", [](const Json&, Operands x) { return cos(x[0]); }},
    {"tanh", [](const Json&, Operands x) { return tanh(x[0]); }},
    {"sigmoid", [](const Json&, Operands x) { return sigmoid(x[0]); }},
    {"relu", [](const Json&, Operands x) { return relu(x[0]); }},
    {"softplus", [](const Json&, Operands x) { return softplus(x[0]); }},
    {"silu", [](const Json&, Operands x) { return silu(x[0]); }},
    {"gelu_tanh", [](const Json&, Operands x) { return gelu_tanh(x[0]); }},
    {"log1p", [](const Json&, Operands x) { return log1p(x[0]); }},
    {"scale", [](const Json& s, Operands x) { return x[0] * real(s, "c"); }},
    {"shift", [](const Json& s, Operands x) { return x[0] + real(s, "c"); }},
    {"powc", [](const Json& s, Operands x) { return pow(x[0], real(s, "p")); }},
    {"clamp", [](const Json& s, Operands x) { return clamp(x[0], real(s, "lo"), real(s, "hi")); }},
    {"add", [](const Json&, Operands x) { return x[0] + x[1]; }},
    {"sub", [](const Json&, Operands x) { return x[0] - x[1]; }},
    {"mul", [](const Json&, Operands x) { return x[0] * x[1]; }},
    {"div", [](const Json&, Operands x) { return x[0] / x[1]; }},
    {"pow", [](const Json&, Operands x) { return pow(x[0], x[1]); }},
    {"maximum", [](const Json&, Operands x) { return max(x[0], x[1]); }},
    {"minimum", [](const Json&, Operands x) { return min(x[0], x[1]); }},
    {"gt", [](const Json&, Operands x) { return Tensor((x[0] > x[1]).values()); }},
    {"where", [](const Json&, Operands x) { return where(x[0] != 0.0, x[1], x[2]); }},
    {"matmul", [](const Json&, Operands x) { return matmul(x[0], x[1]); }},
    {"outer", [](const Json&, Operands x) { return outer(x[0], x[1]); }},
    {"einsum",
     [](const Json& s, Operands x) { return einsum(s.at("eq").get<std::string>(), x); }},
    {"sum", [](const Json& s, Operands x) { return sum(x[0], axes(s), keepdims(s)); }},
    {"mean", [](const Json& s, Operands x) { return mean(x[0], axes(s), keepdims(s)); }},
    {"amax", [](const Json& s, Operands x) { return amax(x[0], axes(s), keepdims(s)); }},
    {"amin", [](const Json& s, Operands x) { return amin(x[0], axes(s), keepdims(s)); }},
    {"logsumexp", [](const Json& s, Operands x) { return logsumexp(x[0], axes(s), keepdims(s)); }},
    {"prod", [](const Json& s, Operands x) { return prod(x[0], axes(s), keepdims(s)); }},
    {"max_along", [](const Json& s, Operands x) { return max_along(x[0], axis(s), keepdims(s)); }},
    {"var",
     [](const Json& s, Operands x) {
       return var(x[0], axes(s), real(s, "correction"), keepdims(s));
     }},
    {"std",
     [](const Json& s, Operands x) {
       return stddev(x[0], axes(s), real(s, "correction"), keepdims(s));
     }},
    {"norm",
     [](const Json& s, Operands x) { return norm(x[0], real(s, "p"), axes(s), keepdims(s)); }},
    {"softmax", [](const Json& s, Operands x) { return softmax(x[0], axis(s)); }},
    {"log_softmax", [](const Json& s, Operands x) { return log_softmax(x[0], axis(s)); }},
    {"cumsum", [](const Json& s, Operands x) { return cumsum(x[0], axis(s)); }},
    {"cumprod", [](const Json& s, Operands x) { return cumprod(x[0], axis(s)); }},
    {"reshape", [](const Json& s, Operands x) { return reshape(x[0], extents(s.at("shape"))); }},
    {"expand", [](const Json& s, Operands x) { return expand(x[0], extents(s.at("shape"))); }},
    {"permute", [](const Json& s, Operands x) { return permute(x[0], extents(s.at("perm"))); }},
    {"transpose",
     [](const Json& s, Operands x) {
       const Extents swapped = extents(s.at("axes"));
       return transpose(x[0], swapped[0], swapped[1]);
     }},
    {"slice", [](const Json& s, Operands x) { return sliced(x[0], s.at("spec")); }},
    {"flip", [](const Json& s, Operands x) { return flip(x[0], extents(s.at("axes"))); }},
    {"roll", [](const Json& s, Operands x) { return roll(x[0], whole(s, "shift"), axis(s)); }},
    {"pad",
     [](const Json& s, Operands x) {
       return pad(x[0], extents(s.at("before")), extents(s.at("after")), real(s, "value"));
     }},
    {"concat", [](const Json& s, Operands x) { return concat(x, axis(s)); }},
    {"stack", [](const Json& s, Operands x) { return stack(x, axis(s)); }},
    {"index_select",
     [](const Json& s, Operands x) { return index_select(x[0], axis(s), indices(s.at("index"))); }},
    {"gather",
     [](const Json& s, Operands x) { return gather(x[0], axis(s), indices(s.at("index"))); }},
    {"scatter_add",
     [](const Json& s, Operands x) {
       return scatter_add(x[0], axis(s), indices(s.at("index")), extents(s.at("shape")));
     }},
    {"diag", [](const Json&, Operands x) { return diag(x[0]); }},
    {"trace", [](const Json&, Operands x) { return trace(x[0]); }},
    {"tril", [](const Json& s, Operands x) { return tril(x[0], whole(s, "k")); }},
    {"triu", [](const Json& s, Operands x) { return triu(x[0], whole(s, "k")); }},
    {"detach", [](const Json&, Operands x) { return detach(x[0]); }},
    {"layernorm",
     [](const Json& s, Operands x) { return layernorm(x[0], x[1], x[2], real(s, "eps")); }},
    {"mse_loss", [](const Json&, Operands x) { return mean(square(x[0] - x[1])); }},
    {"l1_loss", [](const Json&, Operands x) { return mean(abs(x[0] - x[1])); }},
    {"huber_loss",
     [](const Json& s, Operands x) { return huber_loss(x[0] - x[1], real(s, "delta")); }},
    {"cross_entropy",
     [](const Json& s, Operands x) { return cross_entropy_with_logits(x[0], labels(s)); }},
    {"nll_loss", [](const Json& s, Operands x) { return nll_loss(x[0], labels(s)); }},
    {"bce_loss", [](const Json&, Operands x) { return bce_loss(x[0], x[1]); }},
    {"bce_with_logits",
     [](const Json&, Operands x) { return mean(softplus(x[0]) - x[0] * x[1]); }},
};

using Values = std::map<std::string, Tensor>;

const Tensor& value_of(const Values& values, const std::string& name) {
  const auto found = values.find(name);
  if (found == values.end()) throw std::runtime_error("nothing is called " + name);
  return found->second;
}

void define(Values& values, const std::string& name, Tensor value) {
  if (!values.try_emplace(name, std::move(value)).second)
    throw std::runtime_error(name + " is defined twice");
}

/// The operation `grad`: recorded derivatives, zeros if there is no dependence.
void differentiate(const Json& step, Values& values) {
  const Tensor& of = value_of(values, step.at("of").get<std::string>());
  const Json &wrt = step.at("wrt"), &out = step.at("out");
  std::vector<Tensor> x;
  for (const Json& name : wrt) x.push_back(value_of(values, name.get<std::string>()));
  for (std::size_t k = 0; k < x.size(); ++k) {
    const bool depends = !of.is_constant() && !x[k].is_constant();
    define(values, out.at(k).get<std::string>(),
           depends ? derivative(of, x[k])
                   : Tensor(Array::filled(x[k].dtype(), x[k].value().shape(), 0.0)));
  }
}

}  // namespace

Array array_from(const Json& data, const Shape& shape) { return array_of(shape, numbers(data)); }

std::vector<std::string> program_operations() {
  std::vector<std::string> names;
  for (const auto& [name, run] : operations) names.push_back(name);
  return names;
}

TensorProgram::TensorProgram(const Json& c) : id_(c.at("id")), steps_(c.at("steps")) {
  for (const Json& input : c.at("inputs"))
    inputs_.push_back({input.at("name"), array_from(input.at("data"), extents(input.at("shape"))),
                       input.at("requires_grad")});
  for (const Json& output : c.at("outputs")) {
    const Shape shape = extents(output.at("shape"));
    const Json& cotangent = output.at("cotangent");
    outputs_.push_back(
        {output.at("name"), array_from(output.at("data"), shape),
         array_from(cotangent.is_array() ? cotangent : Json::array({cotangent}), shape)});
  }
}

std::vector<Tensor> TensorProgram::run(const std::vector<Tensor>& inputs) const {
  Values values;
  for (std::size_t k = 0; k < inputs.size(); ++k) define(values, inputs_.at(k).name, inputs[k]);
  for (const Json& step : steps_) {
    const auto name = step.at("op").get<std::string>();
    if (name == "grad") {
      differentiate(step, values);
      continue;
    }
    const auto operation = operations.find(name);
    if (operation == operations.end()) throw std::runtime_error("unknown operation: " + name);
    std::vector<Tensor> operands;
    for (const Json& operand : step.at("in"))
      operands.push_back(value_of(values, operand.get<std::string>()));
    define(values, step.at("out").get<std::string>(), operation->second(step, operands));
  }
  std::vector<Tensor> outputs;
  for (const Output& output : outputs_) outputs.push_back(value_of(values, output.name));
  return outputs;
}

}  // namespace chainrule::testing
