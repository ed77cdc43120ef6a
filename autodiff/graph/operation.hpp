// Operation: what a rule is at run time, for everything but the hot sweep.
#pragma once

#include "autodiff/graph/tensor.hpp"
#include "autodiff/graph/var.hpp"
#include "autodiff/values/text.hpp"

namespace chainrule {

/// A partial derivative, and whether anything flows along it: a closed one is a structural zero.
template <class T>
struct Flow {
  bool open = false;
  T partial{};
};

/// The same for tensors, element by element.
template <>
struct Flow<Tensor> {
  bool open = false;
  Tensor partial{};
  double number = 0.0;  ///< the partial, if there is no tensor
  Array mask{};         ///< where it is open; everywhere if there is none
};

inline constexpr int max_arity = 3;

/// One operation: its notation and its rule run on numbers, on Vars and on text. Operands come as
/// an array of `arity` values; `wanted` has a bit per operand whose partial is to be computed.
struct Operation {
  Notation notation;
  int arity;
  double (*value)(const double* x);
  void (*partials)(const double* x, double result, unsigned wanted, Flow<double>* out);
  void (*recorded_partials)(const Var* x, const Var& result, unsigned wanted, Flow<Var>* out);
  Text (*formula)(const Text* x);
  void (*partial_formulas)(const Text* x, const Text& result, unsigned wanted, Flow<Text>* out);
  const ElementRule* elements;
  void (*tensor_partials)(const Tensor* x, const Tensor& result, unsigned wanted,
                          Flow<Tensor>* out);
};

/// The operation of a code other than variable and wide.
const Operation& operation(OpCode code);
/// The form of operands that a code stands for.
Form form(OpCode code);
/// Every built-in operation, in the order of the list.
struct OperationList {
  const Operation* first;
  int count;
  const Operation* begin() const { return first; }
  const Operation* end() const { return first + count; }
};
OperationList operations();

namespace detail {

template <class Partial>
Flow<Tensor> tensor_flow(const Partial& partial) {
  if constexpr (std::is_same_v<Partial, Zero>) {
    return {};
  } else if constexpr (requires { partial.mask; }) {
    Flow<Tensor> flow = tensor_flow(partial.partial);
    flow.mask = partial.mask;
    return flow;
  } else if constexpr (requires { partial.open; }) {
    Flow<Tensor> flow = tensor_flow(partial.partial);
    flow.open = partial.open;
    return flow;
  } else if constexpr (Number<Partial>) {
    return {true, {}, partial, {}};
  } else {
    return {true, Tensor(partial), 0.0, {}};
  }
}

template <class T, class Partial>
Flow<T> flow(const Partial& partial) {
  if constexpr (std::is_same_v<T, Tensor>)
    return tensor_flow(partial);
  else if constexpr (std::is_same_v<Partial, Zero>)
    return {};
  else if constexpr (requires { partial.open; })
    return {partial.open, T(partial.partial)};
  else
    return {true, T(partial)};
}

template <class Rule, class T>
T rule_value(const T* x) {
  if constexpr (Rule::arity == 1)
    return T(Rule::value(x[0]));
  else if constexpr (Rule::arity == 2)
    return T(Rule::value(x[0], x[1]));
  else
    return T(Rule::value(x[0], x[1], x[2]));
}

template <class Rule, class T, class Result>
void rule_partials(const T* x, Result r, unsigned wanted, Flow<T>* out) {
  if constexpr (Rule::arity == 1) {
    if (wanted & 1) out[0] = flow<T>(Rule::dx(x[0], r));
  } else if constexpr (Rule::arity == 2) {
    if (wanted & 1) out[0] = flow<T>(Rule::dx(x[0], x[1], r));
    if (wanted & 2) out[1] = flow<T>(Rule::dy(x[0], x[1], r));
  } else {
    if (wanted & 1) out[0] = flow<T>(Rule::dx(x[0], x[1], x[2], r));
    if (wanted & 2) out[1] = flow<T>(Rule::dy(x[0], x[1], x[2], r));
    if (wanted & 4) out[2] = flow<T>(Rule::dz(x[0], x[1], x[2], r));
  }
}

/// The formula of an operation: what its value() says or, of a primitive, its name.
template <class Rule>
Text rule_formula(const Text* x) {
  if constexpr (Rule::notation.is_primitive)
    return write(Rule::notation, x, Rule::arity);
  else
    return rule_value<Rule, Text>(x);
}

template <class Rule>
inline constexpr Operation operation_of_rule = {
    Rule::notation,
    Rule::arity,
    rule_value<Rule, double>,
    rule_partials<Rule, double, double>,
    rule_partials<Rule, Var, const Var&>,
    rule_formula<Rule>,
    rule_partials<Rule, Text, const Text&>,
    &element_rule<Rule>,
    rule_partials<Rule, Tensor, const Tensor&>,
};

template <class Rule>
const Operation& operation_of() {
  static_assert(Rule::arity >= 1 && Rule::arity <= max_arity);
  return operation_of_rule<Rule>;
}
extern template const Operation& operation_of<rules::Select>();
extern template const Operation& operation_of<rules::Clamp>();

}  // namespace detail
}  // namespace chainrule
