#include "tests/properties/operations/common.hpp"

namespace chainrule::testing {
namespace {

Type broadcast_type(Types types) {
  Type type{Kind::scalar, {}};
  for (const Type& t : types) {
    if (is_tensor(t)) type.kind = Kind::tensor;
    type.shape = broadcast(type.shape, t.shape, "properties");
  }
  return type;
}

Type broadcast_type(ScalarValues values) {
  std::vector<Type> types;
  for (const ScalarValue& value : values) types.push_back(value.type);
  return broadcast_type(types);
}

bool is_constant_list(Types types) {
  for (const Type& type : types)
    if (type.kind != Kind::number) return false;
  return true;
}

MaybeSettings any_operands(Random&, Types types) {
  if (is_constant_list(types)) return std::nullopt;
  return Settings{};
}

/// A function of one value, generic over numbers, Vars and Tensors.
template <class F>
ProgramOperation unary(std::string_view name, int weight, F f) {
  ProgramOperation operation{.name = name, .weight = weight, .settings = any_operands};
  operation.tensors = [f](const Settings&, TensorValues x) {
    return std::visit([&](const auto& value) { return TensorValue(f(value)); }, x[0]);
  };
  operation.scalars = [f](const Settings&, ScalarValues x, Decisions&) {
    ScalarValue result{x[0].type, {}};
    for (const Var& element : x[0].elements) result.elements.push_back(f(element));
    return result;
  };
  return operation;
}

/// A function of two values that broadcast; `decides` if their order determines the result.
template <class F>
ProgramOperation binary(std::string_view name, int weight, F f, bool decides = false) {
  ProgramOperation operation{.name = name,
                             .min_operands = 2,
                             .max_operands = 2,
                             .weight = weight,
                             .settings = any_operands};
  operation.tensors = [f](const Settings&, TensorValues x) {
    return std::visit([&](const auto& a, const auto& b) { return TensorValue(f(a, b)); }, x[0],
                      x[1]);
  };
  operation.scalars = [f, decides](const Settings&, ScalarValues x, Decisions& decisions) {
    ScalarValue result{broadcast_type(x), {}};
    const auto a = broadcast_elements(x[0], result.type.shape);
    const auto b = broadcast_elements(x[1], result.type.shape);
    for (std::size_t i = 0; i < a.size(); ++i) {
      result.elements.push_back(f(a[i], b[i]));
      if (decides) decisions.emplace_back(a[i], b[i]);
    }
    return result;
  };
  return operation;
}

// ---- A choice: operands x, y, a, b mean "a where x < y, else b" ---------------------------------

MaybeSettings choice_settings(Random&, Types t) {
  if (is_constant_list(t.first(2)) || is_constant_list(t.last(2))) return std::nullopt;
  const bool is_mask = is_tensor(t[0]) || is_tensor(t[1]);
  const bool chooses_tensors = is_tensor(t[2]) || is_tensor(t[3]);
  if (is_mask != chooses_tensors) return std::nullopt;
  return Settings{};
}

struct Choose {
  template <class A, class B>
  TensorValue operator()(bool, const A&, const B&) const {
    throw std::logic_error("a choice between plain numbers");
  }
  template <class A, class B>
  TensorValue operator()(const Condition& condition, const A& a, const B& b) const {
    if constexpr (std::is_same_v<A, Tensor> || std::is_same_v<B, Tensor>)
      throw std::logic_error("a scalar condition that chooses between tensors");
    else
      return select(condition, Var(a), Var(b));
  }
  template <class A, class B>
  TensorValue operator()(const Mask& mask, const A& a, const B& b) const {
    if constexpr (std::is_same_v<A, Tensor> || std::is_same_v<B, Tensor>)
      return where(mask, a, b);
    else
      throw std::logic_error("a mask that chooses between scalars");
  }
};

TensorValue choose_tensors(const Settings&, TensorValues x) {
  using AnyCondition = std::variant<bool, Condition, Mask>;
  const AnyCondition condition =
      std::visit([](const auto& a, const auto& b) { return AnyCondition(a < b); }, x[0], x[1]);
  return std::visit(Choose(), condition, x[2], x[3]);
}

ScalarValue choose_scalars(const Settings&, ScalarValues x, Decisions& decisions) {
  ScalarValue result{broadcast_type(x), {}};
  std::vector<Var> operands[4];
  for (int k = 0; k < 4; ++k) operands[k] = broadcast_elements(x[k], result.type.shape);
  for (std::size_t i = 0; i < operands[0].size(); ++i) {
    const bool holds = operands[0][i].value() < operands[1][i].value();
    decisions.emplace_back(operands[0][i], operands[1][i]);
    result.elements.push_back(operands[holds ? 2 : 3][i]);
  }
  return result;
}

}  // namespace

std::vector<ProgramOperation> elementwise_operations() {
  return {
      unary("exp", 2, [](const auto& x) { return exp(x); }),
      unary("log", 3, [](const auto& x) { return log(x); }),
      unary("sqrt", 4, [](const auto& x) { return sqrt(x); }),
      unary("cbrt", 1, [](const auto& x) { return cbrt(x); }),
      unary("sin", 1, [](const auto& x) { return sin(x); }),
      unary("tanh", 1, [](const auto& x) { return tanh(x); }),
      unary("sigmoid", 1, [](const auto& x) { return sigmoid(x); }),
      unary("softplus", 1, [](const auto& x) { return softplus(x); }),
      unary("sinc", 1, [](const auto& x) { return sinc(x); }),
      unary("erfcx", 1, [](const auto& x) { return erfcx(x); }),
      unary("log_ndtr", 1, [](const auto& x) { return log_ndtr(x); }),
      unary("lgamma", 1, [](const auto& x) { return lgamma(x); }),
      unary("tgamma", 1, [](const auto& x) { return tgamma(x); }),
      unary("clamp", 1, [](const auto& x) { return clamp(x, -1.0, 1.0); }),
      unary("sign", 1, [](const auto& x) { return sign(x); }),
      unary("relu", 1, [](const auto& x) { return relu(x); }),
      unary("abs", 2, [](const auto& x) { return abs(x); }),
      unary("square", 2, [](const auto& x) { return square(x); }),
      unary("negate", 2, [](const auto& x) { return -x; }),
      unary("reciprocal", 3, [](const auto& x) { return reciprocal(x); }),
      binary("add", 3, [](const auto& x, const auto& y) { return x + y; }),
      binary("subtract", 3, [](const auto& x, const auto& y) { return x - y; }),
      binary("multiply", 5, [](const auto& x, const auto& y) { return x * y; }),
      binary("divide", 4, [](const auto& x, const auto& y) { return x / y; }),
      binary(
          "max", 1, [](const auto& x, const auto& y) { return max(x, y); }, true),
      binary(
          "min", 1, [](const auto& x, const auto& y) { return min(x, y); }, true),
      binary(
          "fmax", 1, [](const auto& x, const auto& y) { return fmax(x, y); }, true),
      binary(
          "fmin", 1, [](const auto& x, const auto& y) { return fmin(x, y); }, true),
      binary("gammainc", 1, [](const auto& x, const auto& y) { return gammainc(x, y); }),
      binary("pow", 2, [](const auto& x, const auto& y) { return pow(x, y); }),
      binary("atan2", 1, [](const auto& x, const auto& y) { return atan2(x, y); }),
      binary("xlogy", 1, [](const auto& x, const auto& y) { return xlogy(x, y); }),
      binary("logaddexp", 1, [](const auto& x, const auto& y) { return logaddexp(x, y); }),
      binary("leaky_relu", 1, [](const auto& x, const auto& y) { return leaky_relu(x, y); }),
      binary("hypot", 1, [](const auto& x, const auto& y) { return hypot(x, y); }),
      {.name = "where_less",
       .min_operands = 4,
       .max_operands = 4,
       .weight = 2,
       .settings = choice_settings,
       .tensors = choose_tensors,
       .scalars = choose_scalars},
  };
}

}  // namespace chainrule::testing
