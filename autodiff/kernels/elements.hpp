// Elementwise rules on Arrays: broadcasting in front, the loops of kernels/ behind.
#pragma once

#include "autodiff/kernels/mask.hpp"
#include "autodiff/rules/operations.hpp"

namespace chainrule {

/// A rule as the loops over arrays know it: its place in the list of operations or, from outside
/// the library, its functions of single numbers.
struct ElementRule {
  Notation notation;
  int arity;
  int index;  ///< in Operations; -1 from outside
  double (*value)(const double* x);
  /// The partial by operand k; false where it is a structural zero.
  bool (*partial)(const double* x, double result, int k, double& partial);
};

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
Array evaluate_elements(const ElementRule& rule, const ArrayInput* x, int count);

/// adjoint * partial of operand k, of the shape of the result; untouched (core/untouched.hpp) where
/// nothing flows, and no array if nothing ever does.
Array pull_back_elements(const ElementRule& rule, int k, const ArrayInput* x, int count,
                         const Array& result, const Array& adjoint);
/// The same added to an array, which must be unique, contiguous and of the shape of the result.
void add_pull_back(const ElementRule& rule, int k, const ArrayInput* x, int count,
                   const Array& result, const Array& adjoint, Array& sum);

/// x + y for two arrays of one shape; x's own memory is used if nobody else sees it.
Array add_into(Array x, const Array& y);

namespace detail {

template <class Rule>
double element_value(const double* x) {
  if constexpr (Rule::arity == 1)
    return Rule::value(x[0]);
  else if constexpr (Rule::arity == 2)
    return Rule::value(x[0], x[1]);
  else
    return Rule::value(x[0], x[1], x[2]);
}

template <class Partial>
bool open_partial(const Partial& given, double& partial) {
  if constexpr (std::is_same_v<Partial, Zero>) {
    return false;
  } else if constexpr (requires { given.open; }) {
    partial = given.partial;
    return given.open;
  } else {
    partial = given;
    return true;
  }
}

template <class Rule>
bool element_partial(const double* x, double r, int k, double& partial) {
  if constexpr (Rule::arity == 1)
    return open_partial(Rule::dx(x[0], r), partial);
  else if constexpr (Rule::arity == 2)
    return k == 0 ? open_partial(Rule::dx(x[0], x[1], r), partial)
                  : open_partial(Rule::dy(x[0], x[1], r), partial);
  else
    return k == 0   ? open_partial(Rule::dx(x[0], x[1], x[2], r), partial)
           : k == 1 ? open_partial(Rule::dy(x[0], x[1], x[2], r), partial)
                    : open_partial(Rule::dz(x[0], x[1], x[2], r), partial);
}

/// Every operation of the list, in its order.
const ElementRule& listed_element_rule(int index);

template <class Rule>
inline constexpr int index_or_outside = [] {
  if constexpr (Listing<Rule, Operations>::found)
    return index_of<Rule>;
  else
    return -1;
}();
template <class Rule>
inline constexpr ElementRule element_rule = {Rule::notation, Rule::arity, index_or_outside<Rule>,
                                             element_value<Rule>, element_partial<Rule>};

template <class Rule>
const ElementRule& element_rule_of() {
  if constexpr (Listing<Rule, Operations>::found)
    return listed_element_rule(index_of<Rule>);
  else
    return element_rule<Rule>;
}

}  // namespace detail

template <>
struct Interpreter<Array> {
  static constexpr bool is_tensorial = true;
  static constexpr int leads = 2;

  template <class Rule, class... X>
  static Array apply(const X&... x) {
    const ArrayInput inputs[] = {ArrayInput(x)...};
    return evaluate_elements(detail::element_rule_of<Rule>(), inputs, sizeof...(X));
  }
  template <class Rule, class X, class Y>
  static Mask compare(const X& x, const Y& y) {
    return Mask(apply<Rule>(x, y));
  }
  template <class Rule, class... X>
  static Array structural(const typename Rule::Parameters& parameters, const X&... x) {
    return Rule::value(parameters, x...);
  }
  static Array select(bool condition, const Array& x, const Array& y) { return condition ? x : y; }
  template <class X, class Y>
  static Array choose(const Array& mask, const X& x, const Y& y) {
    return apply<rules::Select>(mask, x, y);
  }
};

}  // namespace chainrule
