// + - * / and the powers that are products.
#pragma once

#include "autodiff/core/words.hpp"

namespace chainrule {

struct Add : Binary {
  static constexpr Notation notation = written("add", "+", 10);
  static auto value(const auto& x, const auto& y) { return x + y; }
  static auto dx(const auto&, const auto&, const auto&) { return 1.0; }
  static auto dy(const auto&, const auto&, const auto&) { return 1.0; }
};
template <class X, class Y>
  requires Operands<X, Y>
[[gnu::always_inline]] inline auto operator+(const X& x, const Y& y) { return apply<Add>(x, y); }

struct Subtract : Binary {
  static constexpr Notation notation = written("subtract", "-", 10);
  static auto value(const auto& x, const auto& y) { return x - y; }
  static auto dx(const auto&, const auto&, const auto&) { return 1.0; }
  static auto dy(const auto&, const auto&, const auto&) { return -1.0; }
};
template <class X, class Y>
  requires Operands<X, Y>
[[gnu::always_inline]] inline auto operator-(const X& x, const Y& y) {
  return apply<Subtract>(x, y);
}

struct Multiply : Binary {
  static constexpr Notation notation = written("multiply", "*", 20);
  static auto value(const auto& x, const auto& y) { return x * y; }
  static auto dx(const auto&, const auto& y, const auto&) { return y; }
  static auto dy(const auto& x, const auto&, const auto&) { return x; }
};
template <class X, class Y>
  requires Operands<X, Y>
[[gnu::always_inline]] inline auto operator*(const X& x, const Y& y) {
  return apply<Multiply>(x, y);
}

struct Divide : Binary {
  static constexpr Notation notation = written("divide", "/", 20);
  static auto value(const auto& x, const auto& y) { return x / y; }
  static auto dx(const auto&, const auto& y, const auto&) { return 1.0 / y; }
  static auto dy(const auto&, const auto& y, const auto& r) { return -(r / y); }
};
template <class X, class Y>
  requires Operands<X, Y>
[[gnu::always_inline]] inline auto operator/(const X& x, const Y& y) { return apply<Divide>(x, y); }

struct Negate : Unary {
  static constexpr Notation notation = written("negate", "-", 30);
  static auto value(const auto& x) { return -x; }
  static auto dx(const auto&, const auto&) { return -1.0; }
};
[[gnu::always_inline]] inline auto operator-(const Operand auto& x) { return apply<Negate>(x); }
auto operator+(const Operand auto& x) { return x; }

struct Square : Unary {
  static constexpr Notation notation = composed("square");
  static auto value(const auto& x) { return x * x; }
  static auto dx(const auto& x, const auto&) { return 2.0 * x; }
};
auto square(const Value auto& x) { return apply<Square>(x); }

struct Cube : Unary {
  static constexpr Notation notation = composed("cube");
  static auto value(const auto& x) { return x * x * x; }
  static auto dx(const auto& x, const auto&) { return 3.0 * (x * x); }
};
auto cube(const Value auto& x) { return apply<Cube>(x); }

struct Reciprocal : Unary {
  static constexpr Notation notation = composed("reciprocal");
  static auto value(const auto& x) { return 1.0 / x; }
  static auto dx(const auto&, const auto& r) { return -(r * r); }
};
auto reciprocal(const Value auto& x) { return apply<Reciprocal>(x); }

template <Operand X, Value Y>
[[gnu::always_inline]] inline X& operator+=(X& x, const Y& y) {
  return x = x + y;
}
template <Operand X, Value Y>
[[gnu::always_inline]] inline X& operator-=(X& x, const Y& y) {
  return x = x - y;
}
template <Operand X, Value Y>
[[gnu::always_inline]] inline X& operator*=(X& x, const Y& y) {
  return x = x * y;
}
template <Operand X, Value Y>
[[gnu::always_inline]] inline X& operator/=(X& x, const Y& y) {
  return x = x / y;
}

using Arithmetic = RuleList<Add, Subtract, Multiply, Divide, Negate, Square, Cube, Reciprocal>;

}  // namespace chainrule
