// The listed operations as functions of an array of operands, so that a test can iterate over them
// without being instantiated for each.
#pragma once

#include <vector>

#include "autodiff/autodiff.hpp"
#include "autodiff/rules/operation.hpp"

namespace chainrule::testing {

/// A listed operation, run on T.
template <class T>
struct Callable {
  const Operation* operation;
  T (*call)(const T* x);
};

/// All operations, in the order of the list. T is double, Var, Text or Tensor.
template <class T>
const std::vector<Callable<T>>& callables();

extern template const std::vector<Callable<double>>& callables();
extern template const std::vector<Callable<Var>>& callables();
extern template const std::vector<Callable<Text>>& callables();
extern template const std::vector<Callable<Tensor>>& callables();

/// Calls `visit.template operator()<Rule>()` for every listed operation, in order.
template <class Visit>
void for_each_operation(Visit visit) {
  [&]<class... Rule>(RuleList<Rule...>) { (visit.template operator()<Rule>(), ...); }(Operations{});
}

}  // namespace chainrule::testing
