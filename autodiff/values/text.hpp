// Text: the value type that writes the formula of a rule instead of computing it.
#pragma once

#include <string>

#include "autodiff/core/functions.hpp"
#include "autodiff/rules/list.hpp"

namespace chainrule {

/// A formula as text, with the precedence of its outermost operator, so that parentheses are
/// written exactly where they are needed. Rules run on it unchanged:
///   rules::Sin::dx(Text("x"), Text("r")).str()  is  "cos(x)".
class Text {
 public:
  Text() : Text(0.0) {}
  /// A name, or any text with the precedence of a name.
  explicit Text(std::string name) : text_(std::move(name)) {}
  Text(std::string text, int precedence) : text_(std::move(text)), precedence_(precedence) {}
  /// A number, in the shortest form that reads back as the same double.
  template <Number N>
  Text(N number) : Text(of_number(static_cast<double>(number))) {}

  const std::string& str() const { return text_; }
  int precedence() const { return precedence_; }

  // A Text can be the condition of select, only_if and normally (core/functions.hpp).
  Text select(const Text& x, const Text& y) const;
  Text only_if(const Text& partial) const { return select(partial, 0.0); }
  template <class Plain, class Otherwise>
  Text normally(Plain plain, Otherwise) const {
    return plain();
  }

 private:
  static Text of_number(double number);

  std::string text_;
  int precedence_ = 100;
};

/// `name(x, y)`, or with the operation's symbol between or before its operands.
Text write(const Notation& notation, const Text* x, int arity);

Text operator&&(const Text& x, const Text& y);
Text operator||(const Text& x, const Text& y);
Text operator!(const Text& x);

template <>
struct Interpreter<Text> {
  template <class Rule, class... X>
  static Text apply(const X&... x) {
    const Text operands[] = {Text(x)...};
    return write(Rule::notation, operands, sizeof...(X));
  }
  template <class Rule>
  static Text compare(const Text& x, const Text& y) {
    return apply<Rule>(x, y);
  }
  static Text select(bool condition, const Text& x, const Text& y) { return condition ? x : y; }
};

/// The formula of a rule: its value() written out or, for a primitive, its name and operands.
template <class Rule>
Text formula_at(const Text* x) {
  if constexpr (Rule::notation.is_primitive)
    return write(Rule::notation, x, Rule::arity);
  else
    return value_at<Rule>(x);
}

}  // namespace chainrule
