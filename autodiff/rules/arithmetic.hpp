// + - * /, and powers computed as products.
#pragma once

#include "autodiff/core/functions.hpp"

namespace chainrule {

namespace rules {
struct Add : Binary {
  static constexpr Notation notation = written("add", "+", 10);
  static auto value(const auto& x, const auto& y) { return x + y; }
  static auto dx(const auto&, const auto&, const auto&) { return 1.0; }
  static auto dy(const auto&, const auto&, const auto&) { return 1.0; }
};
}  // namespace rules
template <class X, class Y>
  requires Operands<X, Y>
[[gnu::always_inline]] inline auto operator+(const X& x, const Y& y) {
  return apply<rules::Add>(x, y);
}

namespace rules {
struct Subtract : Binary {
  static constexpr Notation notation = written("subtract", "-", 10);
  static auto value(const auto& x, const auto& y) { return x - y; }
  static auto dx(const auto&, const auto&, const auto&) { return 1.0; }
  static auto dy(const auto&, const auto&, const auto&) { return -1.0; }
};
}  // namespace rules
template <class X, class Y>
  requires Operands<X, Y>
[[gnu::always_inline]] inline auto operator-(const X& x, const Y& y) {
  return apply<rules::Subtract>(x, y);
}

namespace rules {
struct Multiply : Binary {
  static constexpr Notation notation = written("multiply", "*", 20);
  static auto value(const auto& x, const auto& y) { return x * y; }
  static auto dx(const auto&, const auto& y, const auto&) { return y; }
  static auto dy(const auto& x, const auto&, const auto&) { return x; }
};
}  // namespace rules
template <class X, class Y>
  requires Operands<X, Y>
[[gnu::always_inline]] inline auto operator*(const X& x, const Y& y) {
  return apply<rules::Multiply>(x, y);
}

namespace rules {
struct Divide : Binary {
  static constexpr Notation notation = written("divide", "/", 20);
  static auto value(const auto& x, const auto& y) { return x / y; }
  static auto dx(const auto&, const auto& y, const auto&) { return 1.0 / y; }
  static auto dy(const auto&, const auto& y, const auto& r) { return -(r / y); }
};
}  // namespace rules
template <class X, class Y>
  requires Operands<X, Y>
[[gnu::always_inline]] inline auto operator/(const X& x, const Y& y) {
  return apply<rules::Divide>(x, y);
}

namespace rules {
struct Negate : Unary {
  static constexpr Notation notation = written("negate", "-", 30);
  static auto value(const auto& x) { return -x; }
  static auto dx(const auto&, const auto&) { return -1.0; }
};
}  // namespace rules
[[gnu::always_inline]] inline auto operator-(const Operand auto& x) {
  return apply<rules::Negate>(x);
}
auto operator+(const Operand auto& x) { return x; }

namespace rules {
struct Square : Unary {
  static constexpr Notation notation = composed("square");
  static auto value(const auto& x) { return x * x; }
  static auto dx(const auto& x, const auto&) { return 2.0 * x; }
};
}  // namespace rules
auto square(const Value auto& x) { return apply<rules::Square>(x); }

namespace rules {
struct Cube : Unary {
  static constexpr Notation notation = composed("cube");
  static auto value(const auto& x) { return x * x * x; }
  static auto dx(const auto& x, const auto&) { return 3.0 * (x * x); }
};
}  // namespace rules
auto cube(const Value auto& x) { return apply<rules::Cube>(x); }

namespace rules {
struct Reciprocal : Unary {
  static constexpr Notation notation = composed("reciprocal");
  static auto value(const auto& x) { return 1.0 / x; }
  static auto dx(const auto&, const auto& r) { return -(r * r); }
};
}  // namespace rules
auto reciprocal(const Value auto& x) { return apply<rules::Reciprocal>(x); }

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

template <Operand X>
[[gnu::always_inline]] inline X& operator++(X& x) {
  return x = x + 1.0;
}
template <Operand X>
[[gnu::always_inline]] inline X& operator--(X& x) {
  return x = x - 1.0;
}
template <Operand X>
[[gnu::always_inline]] inline X operator++(X& x, int) {
  X before = x;
  ++x;
  return before;
}
template <Operand X>
[[gnu::always_inline]] inline X operator--(X& x, int) {
  X before = x;
  --x;
  return before;
}

}  // namespace chainrule
