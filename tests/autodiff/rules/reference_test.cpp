// Every elementary function against exact results: the value and all derivatives up to the third,
// each computed both by a numeric sweep and by a recorded derivative.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "autodiff/autodiff.hpp"
#include "autodiff/graph/node.hpp"
#include "tests/support/reference_data.hpp"

using namespace chainrule;
using chainrule::testing::Json;
using chainrule::testing::number;

namespace {

struct Unary {
  const char* name;  // in the file
  Var (*call)(const Var& x, const Json& params);
};

const Unary unary[] = {
    {"neg", [](const Var& x, const Json&) { return -x; }},
    {"exp", [](const Var& x, const Json&) { return exp(x); }},
    {"exp2", [](const Var& x, const Json&) { return exp2(x); }},
    {"expm1", [](const Var& x, const Json&) { return expm1(x); }},
    {"log", [](const Var& x, const Json&) { return log(x); }},
    {"log1p", [](const Var& x, const Json&) { return log1p(x); }},
    {"log2", [](const Var& x, const Json&) { return log2(x); }},
    {"log10", [](const Var& x, const Json&) { return log10(x); }},
    {"sqrt", [](const Var& x, const Json&) { return sqrt(x); }},
    {"rsqrt", [](const Var& x, const Json&) { return rsqrt(x); }},
    {"cbrt", [](const Var& x, const Json&) { return cbrt(x); }},
    {"square", [](const Var& x, const Json&) { return square(x); }},
    {"cube", [](const Var& x, const Json&) { return cube(x); }},
    {"reciprocal", [](const Var& x, const Json&) { return reciprocal(x); }},
    {"powc_m2", [](const Var& x, const Json& p) { return pow(x, number(p["p"])); }},
    {"powc_1p5", [](const Var& x, const Json& p) { return pow(x, number(p["p"])); }},
    {"powc_0p333", [](const Var& x, const Json& p) { return pow(x, number(p["p"])); }},
    {"powc_10", [](const Var& x, const Json& p) { return pow(x, number(p["p"])); }},
    {"abs", [](const Var& x, const Json&) { return abs(x); }},
    {"sin", [](const Var& x, const Json&) { return sin(x); }},
    {"cos", [](const Var& x, const Json&) { return cos(x); }},
    {"tan", [](const Var& x, const Json&) { return tan(x); }},
    {"asin", [](const Var& x, const Json&) { return asin(x); }},
    {"acos", [](const Var& x, const Json&) { return acos(x); }},
    {"atan", [](const Var& x, const Json&) { return atan(x); }},
    {"sinh", [](const Var& x, const Json&) { return sinh(x); }},
    {"cosh", [](const Var& x, const Json&) { return cosh(x); }},
    {"tanh", [](const Var& x, const Json&) { return tanh(x); }},
    {"asinh", [](const Var& x, const Json&) { return asinh(x); }},
    {"acosh", [](const Var& x, const Json&) { return acosh(x); }},
    {"atanh", [](const Var& x, const Json&) { return atanh(x); }},
    {"erf", [](const Var& x, const Json&) { return erf(x); }},
    {"erfc", [](const Var& x, const Json&) { return erfc(x); }},
    {"erfinv", [](const Var& x, const Json&) { return erfinv(x); }},
    {"lgamma", [](const Var& x, const Json&) { return lgamma(x); }},
    {"digamma", [](const Var& x, const Json&) { return digamma(x); }},
    {"sigmoid", [](const Var& x, const Json&) { return sigmoid(x); }},
    {"logsigmoid", [](const Var& x, const Json&) { return logsigmoid(x); }},
    {"softplus", [](const Var& x, const Json&) { return softplus(x); }},
    {"logit", [](const Var& x, const Json&) { return logit(x); }},
    {"relu", [](const Var& x, const Json&) { return relu(x); }},
    {"leaky_relu",
     [](const Var& x, const Json& p) { return leaky_relu(x, number(p["negative_slope"])); }},
    {"elu", [](const Var& x, const Json& p) { return elu(x, number(p["alpha"])); }},
    {"celu", [](const Var& x, const Json& p) { return celu(x, number(p["alpha"])); }},
    {"selu", [](const Var& x, const Json&) { return selu(x); }},
    {"gelu", [](const Var& x, const Json&) { return gelu(x); }},
    {"gelu_tanh", [](const Var& x, const Json&) { return gelu_tanh(x); }},
    {"silu", [](const Var& x, const Json&) { return silu(x); }},
    {"mish", [](const Var& x, const Json&) { return mish(x); }},
    {"softsign", [](const Var& x, const Json&) { return softsign(x); }},
    {"tanhshrink", [](const Var& x, const Json&) { return tanhshrink(x); }},
    {"hardtanh", [](const Var& x, const Json&) { return hardtanh(x); }},
    {"relu6", [](const Var& x, const Json&) { return relu6(x); }},
    {"hardsigmoid", [](const Var& x, const Json&) { return hardsigmoid(x); }},
    {"hardswish", [](const Var& x, const Json&) { return hardswish(x); }},
    {"softshrink", [](const Var& x, const Json& p) { return softshrink(x, number(p["lambda"])); }},
    {"hardshrink", [](const Var& x, const Json& p) { return hardshrink(x, number(p["lambda"])); }},
    {"floor", [](const Var& x, const Json&) { return floor(x); }},
    {"ceil", [](const Var& x, const Json&) { return ceil(x); }},
    {"round", [](const Var& x, const Json&) { return round(x); }},
    {"trunc", [](const Var& x, const Json&) { return trunc(x); }},
    {"frac", [](const Var& x, const Json&) { return frac(x); }},
    {"sign", [](const Var& x, const Json&) { return sign(x); }},
};

struct Binary {
  const char* name;
  Var (*call)(const Var& a, const Var& b);
};

const Binary binary[] = {
    {"add", [](const Var& a, const Var& b) { return a + b; }},
    {"sub", [](const Var& a, const Var& b) { return a - b; }},
    {"mul", [](const Var& a, const Var& b) { return a * b; }},
    {"div", [](const Var& a, const Var& b) { return a / b; }},
    {"pow", [](const Var& a, const Var& b) { return pow(a, b); }},
    {"atan2", [](const Var& a, const Var& b) { return atan2(a, b); }},
    {"hypot", [](const Var& a, const Var& b) { return hypot(a, b); }},
    {"max", [](const Var& a, const Var& b) { return max(a, b); }},
    {"min", [](const Var& a, const Var& b) { return min(a, b); }},
    {"fmod", [](const Var& a, const Var& b) { return fmod(a, b); }},
    {"remainder", [](const Var& a, const Var& b) { return floor_mod(a, b); }},
    {"copysign", [](const Var& a, const Var& b) { return copysign(a, b); }},
    {"logaddexp", [](const Var& a, const Var& b) { return logaddexp(a, b); }},
    {"xlogy", [](const Var& a, const Var& b) { return xlogy(a, b); }},
};

// Operations for which the file has no function: those without a derivative, those that only appear
// inside derivatives of others, and those that other tests check: difference_test.cpp,
// conventions_test.cpp, c_functions_test.cpp and special_reference_test.cpp.
const std::set<std::string> not_in_the_file = {"less",
                                               "less_equal",
                                               "greater",
                                               "greater_equal",
                                               "equal",
                                               "not_equal",
                                               "select",
                                               "clamp",
                                               "fmax",
                                               "fmin",
                                               "remainder",
                                               "erfcx",
                                               "log_ndtr",
                                               "polygamma",
                                               "tgamma",
                                               "scaled_bessel",
                                               "sinc",
                                               "gamma_density",
                                               "gamma_density_by_a",
                                               "gammainc_by_a",
                                               "gammainc",
                                               "beta_density",
                                               "betainc"};

/// Whether the file's acceptance rule allows `got` as derivative number k of a case.
bool accepted(double got, const Json& c, std::size_t k) {
  const double exact = number(c["d"][k]);
  if (got == exact) return true;
  if (!std::isfinite(exact)) return std::isnan(got) && std::isnan(exact);
  if (std::abs(got - exact) <= number(c["tol"][k])) return true;
  const Json hard = c.value("hard", Json::array());
  if (std::find(hard.begin(), hard.end(), k) == hard.end() || c["torch"][k].is_null()) return false;
  return std::abs(got - exact) <= 10.0 * std::abs(number(c["torch"][k]) - exact);
}

void check(double got, const Json& c, std::size_t k) {
  const double exact = number(c["d"][k]), tolerance = number(c["tol"][k]);
  CAPTURE(k);
  CAPTURE(got);
  CAPTURE(exact);
  CAPTURE(tolerance);
  CHECK(accepted(got, c, k));
}

/// The derivative as a Var; 0 if f is a constant.
Var next(const Var& f, const Var& x) { return f.is_constant() ? Var(0.0) : derivative(f, x); }
/// The derivative as a number, from a numeric sweep.
double swept(const Var& f, const Var& x) { return f.is_constant() ? 0.0 : gradient(f)[x]; }

std::string operation_name(const Graph& graph, const Var& f) {
  return read_node(graph.tape(), f.id()).operation->notation.name;
}

const Json& file() {
  static const Json content = chainrule::testing::read_reference("elementwise.json");
  return content;
}

template <class List>
const auto& find(const List& list, const std::string& name) {
  for (const auto& entry : list)
    if (entry.name == name) return entry;
  throw std::runtime_error("the file's function " + name + " has no counterpart in the library");
}

}  // namespace

TEST_CASE("functions of one variable agree with exact derivatives to order 3") {
  REQUIRE(file()["unary"].size() > 0);
  for (const Json& function : file()["unary"]) {
    const auto name = function["f"].get<std::string>();
    CAPTURE(name);
    REQUIRE(function["cases"].size() > 0);
    for (const Json& c : function["cases"]) {
      Graph graph;
      const Var x = variable(number(c["x"]));
      CAPTURE(x.value());
      Var f = find(unary, name).call(x, function.value("params", Json::object()));
      REQUIRE(c["d"].size() == 4);
      check(f.value(), c, 0);
      for (std::size_t order = 1; order <= 3; ++order) {
        check(swept(f, x), c, order);
        f = next(f, x);
        check(f.value(), c, order);
      }
    }
  }
}

TEST_CASE("functions of two variables agree with exact derivatives to order 3") {
  // The variables with respect to which each number of a case is differentiated, in both orders.
  const Json order = {"f", "fa", "fb", "faa", "fab", "fbb", "faaa", "faab", "fabb", "fbbb"};
  REQUIRE(file()["binary_d_order"] == order);
  REQUIRE(file()["binary"].size() > 0);
  for (const Json& function : file()["binary"]) {
    const auto name = function["f"].get<std::string>();
    CAPTURE(name);
    REQUIRE(function["cases"].size() > 0);
    for (const Json& c : function["cases"]) {
      Graph graph;
      const Var a = variable(number(c["a"])), b = variable(number(c["b"]));
      CAPTURE(a.value());
      CAPTURE(b.value());
      const Var f = find(binary, name).call(a, b);
      REQUIRE(c["d"].size() == order.size());
      check(f.value(), c, 0);
      for (std::size_t k = 1; k < order.size(); ++k) {
        std::string by = order[k].get<std::string>().substr(1);
        for (int direction = 0; direction < 2; ++direction) {
          CAPTURE(by);
          Var before = f;
          for (std::size_t i = 0; i + 1 < by.size(); ++i)
            before = next(before, by[i] == 'a' ? a : b);
          const Var& last = by.back() == 'a' ? a : b;
          check(swept(before, last), c, k);
          check(next(before, last).value(), c, k);
          std::reverse(by.begin(), by.end());
        }
      }
    }
  }
}

TEST_CASE("every operation in the list has a function in the file, or a stated reason") {
  Graph graph;
  const Var x = variable(0.5), y = variable(0.75);
  const Json params = {{"p", 2.0}, {"negative_slope", 0.1}, {"alpha", 1.0}, {"lambda", 0.25}};
  std::set<std::string> covered;
  for (const Json& function : file()["unary"])
    covered.insert(operation_name(graph, find(unary, function["f"]).call(x, params)));
  for (const Json& function : file()["binary"])
    covered.insert(operation_name(graph, find(binary, function["f"]).call(x, y)));
  for (const Operation& operation : operations()) {
    const std::string name = operation.notation.name;
    CAPTURE(name);
    CHECK((covered.count(name) == 1) != (not_in_the_file.count(name) == 1));
    covered.erase(name);
  }
  CHECK(covered.empty());
}
