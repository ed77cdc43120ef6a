// Operation: what a rule is at run time.
#pragma once

#include <array>

#include "autodiff/rules/operations.hpp"

namespace chainrule {

/// One elementwise operation at run time: how it is written, its place in the list, and its rule on
/// numbers. A pass that runs rules on another type (Text, Var, Tensor, loops over arrays, ...) has
/// a table of its own functions, one per listed rule (ListedTable), and finds one by `index`; so a
/// further pass is a further table in its own folder. One that is not listed and may be recorded is
/// an OutsideOperation (graph/outside_operation.hpp), which brings its functions along.
struct Operation {
  static constexpr int not_listed = -1;

  Notation notation;
  int arity;  ///< 1 to max_arity
  int index;  ///< in Operations, or not_listed: an operation from outside the library
  double (*value)(const double* x);
  PartialsAt<double>* partials;

  bool is_listed() const { return index != not_listed; }
};

/// A rule as an Operation.
template <class Rule>
constexpr Operation make_operation() {
  static_assert(Rule::arity >= 1 && Rule::arity <= max_arity);
  int index = Operation::not_listed;
  if constexpr (detail::Listing<Rule, Operations>::found) index = index_of<Rule>;
  return {Rule::notation, Rule::arity, index, value_at<Rule, double>, partials_at<Rule, double>};
}

/// Every listed operation, in the order of the list.
struct OperationList {
  const Operation* first;
  int count;
  const Operation* begin() const { return first; }
  const Operation* end() const { return first + count; }
};
OperationList operations();

/// A listed rule as an Operation.
template <class Rule>
const Operation& operation_of() {
  return operations().first[index_of<Rule>];
}

/// The operation of a code other than variable, wide, tensor and element.
const Operation& operation(OpCode code);
/// The form of operands that a code stands for.
Form form(OpCode code);

/// A function of a pass for each listed rule, in the order of the list.
template <class Function>
using ListedTable = std::array<Function, static_cast<std::size_t>(Operations::size)>;

/// The table of a pass: `make.operator()<Rule>()` for each listed rule.
template <class Function, class Make>
constexpr ListedTable<Function> make_listed_table(Make make) {
  return [&]<class... Rule>(RuleList<Rule...>) {
    return ListedTable<Function>{make.template operator()<Rule>()...};
  }(Operations{});
}

}  // namespace chainrule
