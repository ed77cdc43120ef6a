// Operations from outside the library, which have no place in the tables of the passes.
#pragma once

#include "autodiff/graph/tensor_flow.hpp"
#include "autodiff/values/text.hpp"

namespace chainrule {

/// An operation from outside the library run on each type that passes run rules on. They are made
/// where the operation is used. A pass needs its own member here only if neither these nor the
/// functions of numbers (Operation) serve it.
struct OutsideFunctions {
  Text (*formula)(const Text* x);
  PartialsAt<Text>* partial_formulas;
  PartialsAt<Var>* recorded_partials;
  PartialsAt<Tensor>* tensor_partials;
};

namespace detail {

template <class Rule>
inline constexpr OutsideFunctions outside_functions = {
    formula_at<Rule>,
    partials_at<Rule, Text>,
    partials_at<Rule, Var>,
    partials_at<Rule, Tensor>,
};

template <class Rule>
inline constexpr Operation outside_operation = make_operation<Rule>(&outside_functions<Rule>);

template <class Rule>
const Operation& outside_operation_of() {
  return outside_operation<Rule>;
}

}  // namespace detail
}  // namespace chainrule
