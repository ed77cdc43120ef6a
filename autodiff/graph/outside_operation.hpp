// Operations from outside the library, which have no place in the tables of the passes.
#pragma once

#include "autodiff/graph/tensor_flow.hpp"
#include "autodiff/values/text.hpp"

namespace chainrule {

/// An operation from outside the library: its rule run on each type that passes run rules on. It is
/// made where the rule is used. A further pass needs a member of its own here only if neither these
/// nor the functions of numbers serve it.
struct OutsideOperation : Operation {
  Text (*formula)(const Text* x);
  PartialsAt<Text>* partial_formulas;
  PartialsAt<Var>* recorded_partials;
  PartialsAt<Tensor>* tensor_partials;
};

/// An operation on a record that is not listed. Precondition: it is not listed; all such operations
/// on a record are OutsideOperations.
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
