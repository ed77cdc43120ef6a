// Operation: a rule at run time.
#pragma once

#include <array>

#include "autodiff/rules/list.hpp"

namespace chainrule {

/// An elementwise operation at run time: its notation, its index in the list, and its rule on
/// numbers. Each pass that runs rules on another type (Text, Var, Tensor, loops over arrays, ...)
/// has a table of its own functions, one per listed rule (ListedTable), and looks them up by
/// `index`. So a new pass only adds a table in its own folder. An operation that is not listed but
/// can be recorded is an OutsideOperation (graph/outside_operation.hpp), which contains its own
/// functions.
struct Operation {
  static constexpr int not_listed = -1;

  Notation notation;
  int arity;  ///< 1 to max_arity
  int index;  ///< index in Operations, or not_listed for an operation from outside the library
  double (*value)(const double* x);
  PartialsAt<double>* partials;

  bool is_listed() const { return index != not_listed; }
};

/// Makes the Operation of a rule.
template <class Rule>
constexpr Operation make_operation() {
  static_assert(Rule::arity >= 1 && Rule::arity <= max_arity);
  int index = Operation::not_listed;
  if constexpr (is_built_in<Rule>) index = index_of<Rule>;
  return {Rule::notation, Rule::arity, index, value_at<Rule, double>, partials_at<Rule, double>};
}

/// All listed operations, in the order of the list.
struct OperationList {
  const Operation* first;
  int count;
  const Operation* begin() const { return first; }
  const Operation* end() const { return first + count; }
};
OperationList operations();

/// The Operation of a listed rule.
template <class Rule>
const Operation& operation_of() {
  return operations().first[index_of<Rule>];
}

/// The operation with this code, which must not be variable, wide, tensor or element.
const Operation& operation(OpCode code);
/// The form of operands that a code denotes.
Form form(OpCode code);

/// One function of a pass for each listed rule, in the order of the list.
template <class Function>
using ListedTable = std::array<Function, static_cast<std::size_t>(Operations::size)>;

/// Makes the table of a pass from `make.operator()<Rule>()` for each listed rule.
template <class Function, class Make>
constexpr ListedTable<Function> make_listed_table(Make make) {
  return [&]<class... Rule>(RuleList<Rule...>) {
    return ListedTable<Function>{make.template operator()<Rule>()...};
  }(Operations{});
}

}  // namespace chainrule
