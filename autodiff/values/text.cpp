#include "autodiff/values/text.hpp"

#include <fmt/format.h>

#include <cmath>

#include "autodiff/rules/operations.hpp"

namespace chainrule {
namespace {

constexpr int or_precedence = 2, and_precedence = 3, sign_precedence = 30;

std::string parenthesised(const Text& x, bool needed) {
  return needed ? "(" + x.str() + ")" : x.str();
}

/// The right operand also gets parentheses if its precedence is equal, as in a - (b - c), and in a
/// * (b * c), which rounds differently from (a * b) * c; and if it starts with a sign.
Text infix(const char* symbol, int precedence, const Text& x, const Text& y) {
  const bool signed_y = y.str().front() == '-';
  return {parenthesised(x, x.precedence() < precedence) + " " + symbol + " " +
              parenthesised(y, y.precedence() <= precedence || signed_y),
          precedence};
}

}  // namespace

Text Text::of_number(double number) {
  if (std::isnan(number)) return Text("nan");
  if (std::isinf(number)) return number > 0 ? Text("inf") : Text("-inf", sign_precedence);
  return {fmt::format("{}", number), std::signbit(number) ? sign_precedence : 100};
}

Text Text::select(const Text& x, const Text& y) const {
  const Text operands[] = {*this, x, y};
  return write(rules::Select::notation, operands, 3);
}

Text write(const Notation& notation, const Text* x, int arity) {
  if (notation.symbol != nullptr && arity == 2)
    return infix(notation.symbol, notation.precedence, x[0], x[1]);
  if (notation.symbol != nullptr && arity == 1)
    return {notation.symbol + parenthesised(x[0], x[0].precedence() <= notation.precedence),
            notation.precedence};
  std::string call = std::string(notation.name) + "(";
  for (int i = 0; i < arity; ++i) call += (i > 0 ? ", " : "") + x[i].str();
  return Text(call + ")");
}

Text operator&&(const Text& x, const Text& y) { return infix("&&", and_precedence, x, y); }
Text operator||(const Text& x, const Text& y) { return infix("||", or_precedence, x, y); }
Text operator!(const Text& x) {
  return {fmt::format("!{}", parenthesised(x, x.precedence() < sign_precedence)), sign_precedence};
}

}  // namespace chainrule
