// A parser for formulas: evaluates what Text writes. The grammar comes from the list of operations:
// their names, symbols and precedences.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include "autodiff/autodiff.hpp"
#include "autodiff/rules/operation.hpp"

namespace chainrule::testing {

/// Thrown for a formula that cannot be parsed; says what is wrong and where.
struct FormulaError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class T>
using Names = std::map<std::string, T, std::less<>>;

/// The value of a formula: numbers, names (`inf`, `nan` and `pi` are predefined), the operators of
/// the list, && and ||, parentheses, and calls of any listed operation by name. A condition is 1 if
/// it holds, else 0. T is double, Var (which records each operation) or Text (which writes the
/// formula again). Throws FormulaError.
template <class T>
T evaluate(std::string_view formula, const Names<T>& names);

extern template double evaluate(std::string_view, const Names<double>&);
extern template Var evaluate(std::string_view, const Names<Var>&);
extern template Text evaluate(std::string_view, const Names<Text>&);

}  // namespace chainrule::testing
