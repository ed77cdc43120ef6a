// The operations of the list as functions of an array of operands, so that a test goes through them
// all without being compiled for each.
#pragma once

#include <vector>

#include "autodiff/autodiff.hpp"
#include "autodiff/rules/operation.hpp"

namespace chainrule::testing {

/// An operation of the list, run on T.
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

/// Runs `visit.template operator()<Rule>()` for every operation of the list, in its order.
template <class Visit>
void for_each_operation(Visit visit) {
  [&]<class... Rule>(RuleList<Rule...>) { (visit.template operator()<Rule>(), ...); }(Operations{});
}

}  // namespace chainrule::testing
