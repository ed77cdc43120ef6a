// A reader of formulas: what Text writes, computed again. The grammar comes from the list of
// operations: their names, symbols and precedences, so that an operation is read as it is written.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include "autodiff/autodiff.hpp"
#include "autodiff/rules/operation.hpp"

namespace chainrule::testing {

/// A formula that cannot be read; says what is wrong and where.
struct FormulaError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class T>
using Names = std::map<std::string, T, std::less<>>;

/// The value of a formula: numbers, names (`inf`, `nan` and `pi` are known), the operators of the
/// list, && and ||, parentheses, and calls of any operation of the list by its name. A condition is
/// 1 where it holds, else 0. T is double, Var (which records each operation) or Text (which writes
/// the formula again). Throws FormulaError.
template <class T>
T evaluate(std::string_view formula, const Names<T>& names);

extern template double evaluate(std::string_view, const Names<double>&);
extern template Var evaluate(std::string_view, const Names<Var>&);
extern template Text evaluate(std::string_view, const Names<Text>&);

}  // namespace chainrule::testing
