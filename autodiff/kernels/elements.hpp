// Elementwise rules on Arrays: broadcasts the operands and calls the loops of elementwise.hpp.
#pragma once

#include "autodiff/core/functions.hpp"
#include "autodiff/kernels/mask.hpp"
#include "autodiff/rules/operation.hpp"

namespace chainrule {

namespace detail {
/// An operand of an elementwise rule: an array, or a number (then `array` is nullptr), which takes
/// the element type of the other operands.
struct ArrayInput {
  ArrayInput(const Array& x) : array(&x) {}
  template <Number N>
  ArrayInput(N x) : array(nullptr), number(static_cast<double>(x)) {}

  const Array* array;
  double number = 0.0;
};

/// Applies a rule to every element, with operands broadcast by NumPy's rule. Throws ShapeError if
/// the shapes do not match, DTypeError if the element types differ. Precondition: at least one
/// input is an array.
Array evaluate_elements(const Operation& operation, const ArrayInput* x, int count);

/// adjoint * partial with respect to operand k, in the shape of the result. Elements are untouched
/// (core/untouched.hpp) where no derivative flows. Returns no array if none ever does.
Array pull_back_elements(const Operation& operation, int k, const ArrayInput* x, int count,
                         const Array& result, const Array& adjoint);
/// Adds the same to an array, which must be unique, contiguous and of the shape of the result.
void add_pull_back(const Operation& operation, int k, const ArrayInput* x, int count,
                   const Array& result, const Array& adjoint, Array& sum);
}  // namespace detail

/// x + y for two arrays of the same shape. Reuses the memory of x if no other handle shares it.
Array add_into(Array x, const Array& y);

namespace detail {

/// The Operation of a rule, listed or from outside the library.
template <class Rule>
inline constexpr Operation number_operation = make_operation<Rule>();

template <class Rule>
const Operation& number_operation_of() {
  if constexpr (is_built_in<Rule>)
    return operation_of<Rule>();
  else
    return number_operation<Rule>;
}

}  // namespace detail

template <>
struct Interpreter<Array> {
  static constexpr bool is_tensorial = true;
  static constexpr int priority = 2;

  template <class Rule, class... X>
  static Array apply(const X&... x) {
    const detail::ArrayInput inputs[] = {detail::ArrayInput(x)...};
    return detail::evaluate_elements(detail::number_operation_of<Rule>(), inputs, sizeof...(X));
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
