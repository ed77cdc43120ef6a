// Elementwise rules on Arrays: broadcasting in front, the loops of kernels/ behind.
#pragma once

#include "autodiff/kernels/mask.hpp"
#include "autodiff/rules/operation.hpp"

namespace chainrule {

/// An operand of an elementwise rule: an array, or a number (array is then nullptr) that takes the
/// element type of the others.
struct ArrayInput {
  ArrayInput(const Array& x) : array(&x) {}
  template <Number N>
  ArrayInput(N x) : array(nullptr), number(static_cast<double>(x)) {}

  const Array* array;
  double number = 0.0;
};

/// The rule on every element, operands broadcast by NumPy's rule. Throws ShapeError where shapes do
/// not fit, DTypeError where element types differ. Precondition: at least one input is an array.
Array evaluate_elements(const Operation& operation, const ArrayInput* x, int count);

/// adjoint * partial of operand k, of the shape of the result; untouched (core/untouched.hpp) where
/// nothing flows, and no array if nothing ever does.
Array pull_back_elements(const Operation& operation, int k, const ArrayInput* x, int count,
                         const Array& result, const Array& adjoint);
/// The same added to an array, which must be unique, contiguous and of the shape of the result.
void add_pull_back(const Operation& operation, int k, const ArrayInput* x, int count,
                   const Array& result, const Array& adjoint, Array& sum);

/// x + y for two arrays of one shape; x's own memory is used if nobody else sees it.
Array add_into(Array x, const Array& y);

namespace detail {

/// A rule on numbers, listed or from outside the library.
template <class Rule>
inline constexpr Operation number_operation = make_operation<Rule>();

template <class Rule>
const Operation& number_operation_of() {
  if constexpr (Listing<Rule, Operations>::found)
    return operation_of<Rule>();
  else
    return number_operation<Rule>;
}

}  // namespace detail

template <>
struct Interpreter<Array> {
  static constexpr bool is_tensorial = true;
  static constexpr int leads = 2;

  template <class Rule, class... X>
  static Array apply(const X&... x) {
    const ArrayInput inputs[] = {ArrayInput(x)...};
    return evaluate_elements(detail::number_operation_of<Rule>(), inputs, sizeof...(X));
  }
  template <class Rule, class X, class Y>
  static Mask compare(const X& x, const Y& y) {
    return Mask(apply<Rule>(x, y));
  }
  template <class Rule, class... X>
  static Array structural(const typename Rule::Parameters& parameters, const X&... x) {
    return value_of<Rule>(parameters, x...);
  }
  static Array select(bool condition, const Array& x, const Array& y) { return condition ? x : y; }
  template <class X, class Y>
  static Array choose(const Array& mask, const X& x, const Y& y) {
    return apply<rules::Select>(mask, x, y);
  }
};

}  // namespace chainrule
