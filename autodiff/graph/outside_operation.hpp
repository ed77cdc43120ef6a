// Operations from outside the library, which have no index in the tables of the passes.
#pragma once

#include "autodiff/graph/tensor_flow.hpp"
#include "autodiff/values/text.hpp"

namespace chainrule {

/// An operation from outside the library, with its rule instantiated for each type that passes run
/// rules on. Defined where the rule is used. A new pass needs a new member here only if it can use
/// neither these members nor the functions on numbers.
struct OutsideOperation : Operation {
  Text (*formula)(const Text* x);
  PartialsAt<Text>* partial_formulas;
  PartialsAt<Var>* recorded_partials;
  PartialsAt<Tensor>* tensor_partials;
};

/// The operation of a node as an OutsideOperation. Precondition: it is not in the library's list.
inline const OutsideOperation& outside(const Operation& operation) {
  return static_cast<const OutsideOperation&>(operation);
}

namespace detail {

template <class Rule>
inline constexpr OutsideOperation outside_operation = {
    make_operation<Rule>(), formula_at<Rule>,          partials_at<Rule, Text>,
    partials_at<Rule, Var>, partials_at<Rule, Tensor>,
};

template <class Rule>
const Operation& outside_operation_of() {
  return outside_operation<Rule>;
}

}  // namespace detail
}  // namespace chainrule
