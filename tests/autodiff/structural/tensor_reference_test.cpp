// Programs of tensors with known values and derivatives up to third order (tests/data/tensor.json).
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "autodiff/autodiff.hpp"
#include "tests/support/tensor_differences.hpp"
#include "tests/support/tensor_program.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {

using Numbers = std::vector<double>;
using Tensors = std::vector<Tensor>;

/// The results of evaluating a program: one list per output, or per differentiated input.
struct Derivatives {
  std::vector<Numbers> outputs;
  std::vector<Numbers> swept, recorded;  ///< the gradient from both sweeps
  std::vector<bool> reached;             ///< in the numeric sweep
  std::vector<Numbers> jvp, hvp;
  Numbers hessian;
  double d3 = 0.0;
};

/// How a program is evaluated. Inputs, cotangents and directions are rounded to the given type.
struct Evaluation {
  DType dtype = DType::float64;
  bool is_rounded_to_float32 = false;

  Tensor tensor(const Array& x) const {
    Numbers numbers = numbers_of(x);
    if (is_rounded_to_float32)
      for (double& number : numbers) number = static_cast<double>(static_cast<float>(number));
    return array_of(Shape(x.shape()), numbers, dtype);
  }
};

/// The sum of the products of all elements; the constant 0 if there are no tensors.
Tensor inner(const Tensors& x, const Tensors& y, DType dtype) {
  Tensor total = Array::scalar(dtype, 0.0);
  for (std::size_t k = 0; k < x.size(); ++k) total = total + sum(x[k] * y[k]);
  return total;
}

/// Recorded derivatives of a scalar; zeros if it is a constant.
Tensors derivatives(const Tensor& f, const Tensors& x) {
  Tensors zeros;
  for (const Tensor& one : x) zeros.push_back(zeros_like(one));
  if (f.is_constant()) return zeros;
  const Tensor one = Array::filled(f.dtype(), f.value().shape(), 1.0);
  return derivative(std::span(&f, 1), std::span(&one, 1), x);
}

std::vector<Numbers> numbers_of(const Tensors& x) {
  std::vector<Numbers> numbers;
  for (const Tensor& one : x) numbers.push_back(testing::numbers_of(one.value()));
  return numbers;
}

/// Row by row: each element of the gradient is differentiated by a numeric sweep.
Numbers hessian_of(const Tensors& slopes, const Tensors& x) {
  Numbers hessian;
  for (const Tensor& slope : slopes)
    for (std::int64_t i = 0; i < slope.size(); ++i) {
      Numbers unit(static_cast<std::size_t>(slope.size()), 0.0);
      unit[static_cast<std::size_t>(i)] = 1.0;
      const Tensor seed = array_of(slope.shape(), unit, slope.dtype());
      for (const Tensor& one : x) {
        Numbers row(static_cast<std::size_t>(one.size()), 0.0);
        if (!slope.is_constant())
          row =
              testing::numbers_of(gradient(std::span(&slope, 1), std::span(&seed, 1))[one].value());
        hessian.insert(hessian.end(), row.begin(), row.end());
      }
    }
  return hessian;
}

/// J v = d/dw <J' w, v>: the derivative of a derivative that is linear in w.
Tensors jacobian_times(const Tensors& outputs, const Tensors& x, const Tensors& v) {
  Tensors weights, of_nodes, nodes;
  for (const Tensor& output : outputs) {
    weights.push_back(variable(zeros_like(output)));
    if (output.is_constant()) continue;
    nodes.push_back(output);
    of_nodes.push_back(weights.back());
  }
  Tensor along = Array::scalar(outputs.at(0).dtype(), 0.0);
  if (!nodes.empty()) along = inner(derivative(nodes, of_nodes, x), v, along.dtype());
  return derivatives(along, weights);
}

Tensors tensors_of(const Json& by_name, const std::vector<TensorProgram::Input>& inputs,
                   const Evaluation& how) {
  Tensors tensors;
  for (const auto& input : inputs)
    if (input.requires_grad)
      tensors.push_back(how.tensor(array_from(by_name.at(input.name), Shape(input.value.shape()))));
  return tensors;
}

Derivatives evaluate(const TensorProgram& program, const Json& c, const Evaluation& how) {
  Graph graph;
  Tensors inputs, x;
  for (const auto& input : program.inputs()) {
    const Tensor value = how.tensor(input.value);
    inputs.push_back(input.requires_grad ? variable(value) : value);
    if (input.requires_grad) x.push_back(inputs.back());
  }
  const Tensors outputs = program.run(inputs);
  Tensors cotangents;
  for (const auto& output : program.outputs()) cotangents.push_back(how.tensor(output.cotangent));

  Derivatives result;
  result.outputs = numbers_of(outputs);
  const Tensor s = inner(outputs, cotangents, how.dtype);
  if (s.is_constant()) {
    result.swept = numbers_of(derivatives(s, x));
    result.reached.assign(x.size(), false);
  } else {
    const Gradient d = gradient(s);
    for (const Tensor& one : x) {
      result.swept.push_back(testing::numbers_of(d[one].value()));
      result.reached.push_back(d.reaches(one.id()));
    }
  }
  const Tensors slopes = derivatives(s, x);
  result.recorded = numbers_of(slopes);
  if (c.contains("jvp"))
    result.jvp = numbers_of(
        jacobian_times(outputs, x, tensors_of(c["jvp"].at("tangents"), program.inputs(), how)));
  if (c.contains("hvp")) {
    const Tensors v = tensors_of(c["hvp"].at("direction"), program.inputs(), how);
    const Tensors products = derivatives(inner(slopes, v, how.dtype), x);
    result.hvp = numbers_of(products);
    if (c.contains("d3"))
      result.d3 = inner(derivatives(inner(products, v, how.dtype), x), v, how.dtype).item();
  }
  if (c.contains("hessian")) result.hessian = hessian_of(slopes, x);
  return result;
}

/// The expected results from the file.
Derivatives expected_of(const TensorProgram& program, const Json& c) {
  Derivatives expected;
  for (const auto& output : program.outputs()) {
    expected.outputs.push_back(testing::numbers_of(output.value));
    if (c.contains("jvp")) expected.jvp.push_back(numbers(c["jvp"].at("out").at(output.name)));
  }
  const auto none = c.at("none_grads").get<std::set<std::string>>();
  Json order = Json::array();
  for (const auto& input : program.inputs()) {
    if (!input.requires_grad) continue;
    expected.swept.push_back(numbers(c.at("grads").at(input.name)));
    expected.reached.push_back(none.count(input.name) == 0);
    if (c.contains("hvp")) expected.hvp.push_back(numbers(c["hvp"].at("result").at(input.name)));
    order.push_back(input.name);
  }
  expected.recorded = expected.swept;
  if (c.contains("d3")) expected.d3 = number(c["d3"]);
  if (c.contains("hessian")) {
    REQUIRE(c["hessian"].at("order") == order);
    expected.hessian = numbers(c["hessian"].at("data"));
  }
  return expected;
}

/// Checks that max|got - expected| <= tolerance * max(1, max|expected|) where both are finite;
/// numbers that are not finite must be equal.
void check_close(const std::string& what, const Numbers& got, const Numbers& expected,
                 double tolerance) {
  CAPTURE(what);
  REQUIRE(got.size() == expected.size());
  double largest = 1.0;
  for (const double x : expected)
    if (std::isfinite(x)) largest = std::max(largest, std::abs(x));
  for (std::size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i);
    if (std::isnan(expected[i]))
      CHECK(std::isnan(got[i]));
    else if (got[i] != expected[i])
      CHECK(std::abs(got[i] - expected[i]) <= tolerance * largest);
  }
}

void check_close(const std::string& what, const std::vector<Numbers>& got,
                 const std::vector<Numbers>& expected, double tolerance) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t k = 0; k < got.size(); ++k)
    check_close(what + " " + std::to_string(k), got[k], expected[k], tolerance);
}

/// The tolerance is `first` for values and first derivatives, `higher` for the others.
void check_close(const Derivatives& got, const Derivatives& expected, double first, double higher) {
  check_close("output", got.outputs, expected.outputs, first);
  check_close("gradient of input", got.swept, expected.swept, first);
  check_close("recorded gradient of input", got.recorded, expected.recorded, first);
  check_close("J v of output", got.jvp, expected.jvp, first);
  check_close("H v of input", got.hvp, expected.hvp, higher);
  check_close("Hessian", got.hessian, expected.hessian, higher);
  check_close("third derivative", Numbers{got.d3}, Numbers{expected.d3}, higher);
  CHECK(got.reached == expected.reached);
}

const Json& cases() {
  static const Json file = read_reference("tensor.json");
  return file.at("cases");
}

/// Calls f(case, program) for every case, each as a subcase with its name.
template <class F>
void for_each_program(F&& f) {
  REQUIRE(cases().size() > 0);
  for (const Json& c : cases()) {
    const std::string id = c.at("id");
    SUBCASE(id.c_str()) {
      const TensorProgram program(c);
      // Gradients within the program lose a digit of accuracy.
      const auto operations = c.at("ops").get<std::set<std::string>>();
      f(c, program, operations.count("grad") != 0 ? 10.0 : 1.0);
    }
  }
}

}  // namespace

TEST_CASE("programs of tensors agree with their reference to third order") {
  for_each_program([](const Json& c, const TensorProgram& program, double slack) {
    const Derivatives got = evaluate(program, c, {});
    check_close(got, expected_of(program, c), slack * 1e-12, slack * 1e-11);
  });
}

TEST_CASE("programs in float32 agree with float64 to rounding") {
  // The same inputs, rounded to float32, in both types. A rounding error in float32 is 2^29 times
  // one in float64, so the tolerances above become 5e-4 and 5e-3 here.
  constexpr double first = 1e-12 * 0x1p29, higher = 1e-11 * 0x1p29;
  for_each_program([](const Json& c, const TensorProgram& program, double slack) {
    const Derivatives exact = evaluate(program, c, {DType::float64, true});
    const Derivatives got = evaluate(program, c, {DType::float32, true});
    check_close(got, exact, slack * first, slack * higher);
  });
}

TEST_CASE("exactly the operations of the format can be run") {
  const std::vector<std::string> known = program_operations();
  for (const Json& c : cases())
    for (const Json& step : c.at("steps")) {
      const auto name = step.at("op").get<std::string>();
      CAPTURE(name);
      CHECK((name == "grad" || std::find(known.begin(), known.end(), name) != known.end()));
    }
  Json unknown = cases().at(0);
  unknown["steps"][0]["op"] = "no_such_operation";
  Tensors inputs;
  const TensorProgram program(unknown);
  for (const auto& input : program.inputs()) inputs.emplace_back(input.value);
  CHECK_THROWS_AS(program.run(inputs), std::runtime_error);
}
