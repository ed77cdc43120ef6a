// Piecewise operations: comparisons, selections, rounding, remainders. No derivative flows through
// a piece that is not selected (only_if); this differs from a derivative of 0.
#pragma once

#include <limits>

#include "autodiff/rules/arithmetic.hpp"

namespace chainrule {

namespace rules {
// A comparison is 1 if it holds, else 0. Users see it as a condition, in `if` and in select.
template <class Relation>
struct Comparison : Binary {
  static auto value(const auto& x, const auto& y) { return Relation::holds(x, y) ? 1.0 : 0.0; }
  static auto dx(const auto&, const auto&, const auto&) { return Zero{}; }
  static auto dy(const auto&, const auto&, const auto&) { return Zero{}; }
};

struct Less : Comparison<Less> {
  static constexpr Notation notation = written("less", "<", 5);
  static bool holds(double x, double y) { return x < y; }
};
}  // namespace rules
template <class X, class Y>
  requires Operands<X, Y>
auto operator<(const X& x, const Y& y) {
  return Interpreter<Leading<X, Y>>::template compare<rules::Less>(x, y);
}

namespace rules {
struct LessEqual : Comparison<LessEqual> {
  static constexpr Notation notation = written("less_equal", "<=", 5);
  static bool holds(double x, double y) { return x <= y; }
};
}  // namespace rules
template <class X, class Y>
  requires Operands<X, Y>
auto operator<=(const X& x, const Y& y) {
  return Interpreter<Leading<X, Y>>::template compare<rules::LessEqual>(x, y);
}

namespace rules {
struct Greater : Comparison<Greater> {
  static constexpr Notation notation = written("greater", ">", 5);
  static bool holds(double x, double y) { return x > y; }
};
}  // namespace rules
template <class X, class Y>
  requires Operands<X, Y>
auto operator>(const X& x, const Y& y) {
  return Interpreter<Leading<X, Y>>::template compare<rules::Greater>(x, y);
}

namespace rules {
struct GreaterEqual : Comparison<GreaterEqual> {
  static constexpr Notation notation = written("greater_equal", ">=", 5);
  static bool holds(double x, double y) { return x >= y; }
};
}  // namespace rules
template <class X, class Y>
  requires Operands<X, Y>
auto operator>=(const X& x, const Y& y) {
  return Interpreter<Leading<X, Y>>::template compare<rules::GreaterEqual>(x, y);
}

namespace rules {
struct Equal : Comparison<Equal> {
  static constexpr Notation notation = written("equal", "==", 5);
  static bool holds(double x, double y) { return x == y; }
};
}  // namespace rules
template <class X, class Y>
  requires Operands<X, Y>
auto operator==(const X& x, const Y& y) {
  return Interpreter<Leading<X, Y>>::template compare<rules::Equal>(x, y);
}

namespace rules {
struct NotEqual : Comparison<NotEqual> {
  static constexpr Notation notation = written("not_equal", "!=", 5);
  static bool holds(double x, double y) { return x != y; }
};
}  // namespace rules
template <class X, class Y>
  requires Operands<X, Y>
auto operator!=(const X& x, const Y& y) {
  return Interpreter<Leading<X, Y>>::template compare<rules::NotEqual>(x, y);
}

/// Whether a number is NaN, finite, infinite: a bool of a Var, a Mask of a Tensor, as of other
/// conditions. No node is made.
auto isnan(const Operand auto& x) { return !(x == x); }
auto isfinite(const Operand auto& x) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  return x > -infinity && x < infinity;
}
auto isinf(const Operand auto& x) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  return x == infinity || x == -infinity;
}

namespace rules {
/// x if the condition c holds, else y; recorded by Interpreter::select.
struct Select : Ternary {
  static constexpr Notation notation = library_call("select");
  static auto value(const auto& c, const auto& x, const auto& y) { return select(c != 0.0, x, y); }
  static auto dx(const auto&, const auto&, const auto&, const auto&) { return Zero{}; }
  static auto dy(const auto& c, const auto&, const auto&, const auto&) {
    return only_if(c != 0.0, 1.0);
  }
  static auto dz(const auto& c, const auto&, const auto&, const auto&) {
    return only_if(c == 0.0, 1.0);
  }
};

/// -1, 0 or 1; NaN for NaN.
struct Sign : Unary {
  static constexpr Notation notation = composed("sign");
  static auto value(const auto& x) { return select(x > 0.0, 1.0, select(x < 0.0, -1.0, x)); }
  static auto dx(const auto&, const auto&) { return Zero{}; }
};
}  // namespace rules
auto sign(const Value auto& x) { return apply<rules::Sign>(x); }

namespace rules {
struct Abs : Unary {
  static constexpr Notation notation = library_call("abs");
  static auto value(const auto& x) { return abs(x); }
  static auto dx(const auto& x, const auto&) { return sign(x); }
};
}  // namespace rules
auto abs(const Operand auto& x) { return apply<rules::Abs>(x); }
/// The same, by C's name for floating-point numbers.
auto fabs(const Operand auto& x) { return abs(x); }

namespace rules {
struct Floor : Unary {
  static constexpr Notation notation = library_call("floor");
  static auto value(const auto& x) { return floor(x); }
  static auto dx(const auto&, const auto&) { return Zero{}; }
};
}  // namespace rules
auto floor(const Operand auto& x) { return apply<rules::Floor>(x); }

namespace rules {
struct Ceil : Unary {
  static constexpr Notation notation = library_call("ceil");
  static auto value(const auto& x) { return ceil(x); }
  static auto dx(const auto&, const auto&) { return Zero{}; }
};
}  // namespace rules
auto ceil(const Operand auto& x) { return apply<rules::Ceil>(x); }

namespace rules {
/// Rounds to the nearest integer, halves away from zero, as in C.
struct Round : Unary {
  static constexpr Notation notation = library_call("round");
  static auto value(const auto& x) { return round(x); }
  static auto dx(const auto&, const auto&) { return Zero{}; }
};
}  // namespace rules
auto round(const Operand auto& x) { return apply<rules::Round>(x); }

namespace rules {
struct Trunc : Unary {
  static constexpr Notation notation = library_call("trunc");
  static auto value(const auto& x) { return trunc(x); }
  static auto dx(const auto&, const auto&) { return Zero{}; }
};
}  // namespace rules
auto trunc(const Operand auto& x) { return apply<rules::Trunc>(x); }

namespace rules {
/// x - trunc(x): the fractional part, with the sign of x.
struct Frac : Unary {
  static constexpr Notation notation = composed("frac");
  static auto value(const auto& x) { return x - trunc(x); }
  static auto dx(const auto&, const auto&) { return 1.0; }
};
}  // namespace rules
auto frac(const Value auto& x) { return apply<rules::Frac>(x); }

namespace rules {
/// The greater of two numbers; NaN if either is NaN. At a tie each operand gets half of the
/// derivative.
struct Max : Binary {
  static constexpr Notation notation = composed("max");
  static auto value(const auto& x, const auto& y) {
    return select(x >= y, x, select(x < y, y, x + y));
  }
  static auto dx(const auto& x, const auto& y, const auto&) {
    return only_if(x >= y, normally(
                               x != y, [] { return 1.0; }, [] { return 0.5; }));
  }
  static auto dy(const auto& x, const auto& y, const auto& r) { return dx(y, x, r); }
};
}  // namespace rules
template <Value X, Value Y>
auto max(const X& x, const Y& y) {
  return apply<rules::Max>(x, y);
}

namespace rules {
/// The lesser of two numbers; NaN if either is NaN. At a tie each operand gets half of the
/// derivative.
struct Min : Binary {
  static constexpr Notation notation = composed("min");
  static auto value(const auto& x, const auto& y) {
    return select(x <= y, x, select(x > y, y, x + y));
  }
  static auto dx(const auto& x, const auto& y, const auto&) {
    return only_if(x <= y, normally(
                               x != y, [] { return 1.0; }, [] { return 0.5; }));
  }
  static auto dy(const auto& x, const auto& y, const auto& r) { return dx(y, x, r); }
};
}  // namespace rules
template <Value X, Value Y>
auto min(const X& x, const Y& y) {
  return apply<rules::Min>(x, y);
}

namespace rules {
/// C's fmax: the greater of two, or the one that is a number if the other is NaN. At a tie each
/// gets half of the derivative; if both are NaN, nothing flows.
struct Fmax : Binary {
  static constexpr Notation notation = composed("fmax");
  static auto value(const auto& x, const auto& y) { return select(x >= y || y != y, x, y); }
  static auto dx(const auto& x, const auto& y, const auto&) {
    return only_if(x >= y || (x == x && y != y),
                   normally(
                       x != y, [] { return 1.0; }, [] { return 0.5; }));
  }
  static auto dy(const auto& x, const auto& y, const auto& r) { return dx(y, x, r); }
};
}  // namespace rules
template <class X, class Y>
  requires Operands<X, Y>
auto fmax(const X& x, const Y& y) { return apply<rules::Fmax>(x, y); }

namespace rules {
/// C's fmin: the lesser of two, or the one that is a number if the other is NaN. At a tie each gets
/// half of the derivative; if both are NaN, nothing flows.
struct Fmin : Binary {
  static constexpr Notation notation = composed("fmin");
  static auto value(const auto& x, const auto& y) { return select(x <= y || y != y, x, y); }
  static auto dx(const auto& x, const auto& y, const auto&) {
    return only_if(x <= y || (x == x && y != y),
                   normally(
                       x != y, [] { return 1.0; }, [] { return 0.5; }));
  }
  static auto dy(const auto& x, const auto& y, const auto& r) { return dx(y, x, r); }
};
}  // namespace rules
template <class X, class Y>
  requires Operands<X, Y>
auto fmin(const X& x, const Y& y) { return apply<rules::Fmin>(x, y); }

namespace rules {
/// x limited to [low, high]; `high` wins if low > high. At a bound the derivative still flows to x.
struct Clamp : Ternary {
  static constexpr Notation notation = composed("clamp");
  static auto value(const auto& x, const auto& low, const auto& high) {
    return min(max(x, low), high);
  }
  static auto dx(const auto& x, const auto& low, const auto& high, const auto&) {
    return only_if(x >= low && x <= high, 1.0);
  }
  static auto dy(const auto& x, const auto& low, const auto& high, const auto&) {
    return only_if(x < low && low <= high, 1.0);
  }
  static auto dz(const auto& x, const auto& low, const auto& high, const auto&) {
    return only_if(x > high || low > high, 1.0);
  }
};
}  // namespace rules
template <Value X, Value Y, Value Z>
auto clamp(const X& x, const Y& low, const Z& high) {
  return apply<rules::Clamp>(x, low, high);
}

// The three remainders are x - n y with an integer n, whose derivative is 0. n is computed from the
// result, so it is correct even if x / y rounds to a neighbouring integer.

namespace rules {
/// C's fmod: n is x / y rounded towards zero; the result has the sign of x.
struct Fmod : Binary {
  static constexpr Notation notation = library_call("fmod");
  static auto value(const auto& x, const auto& y) { return fmod(x, y); }
  static auto dx(const auto&, const auto&, const auto&) { return 1.0; }
  static auto dy(const auto& x, const auto& y, const auto& r) { return -round((x - r) / y); }
};
}  // namespace rules
template <class X, class Y>
  requires Operands<X, Y>
auto fmod(const X& x, const Y& y) { return apply<rules::Fmod>(x, y); }
/// fmod(x, y), like % on C++ integers: the result has the sign of x. Arrays and tensors have no %,
/// since NumPy's is floor_mod.
template <class X, class Y>
  requires(Operands<X, Y> && !Tensorial<X> && !Tensorial<Y>)
auto operator%(const X& x, const Y& y) { return apply<rules::Fmod>(x, y); }
template <Operand X, Value Y>
  requires(!Tensorial<X> && !Tensorial<Y>)
X& operator%=(X& x, const Y& y) { return x = x % y; }

namespace rules {
/// C's remainder: n is the integer nearest to x / y; a tie goes to the even one.
struct Remainder : Binary {
  static constexpr Notation notation = library_call("remainder");
  static auto value(const auto& x, const auto& y) { return remainder(x, y); }
  static auto dx(const auto&, const auto&, const auto&) { return 1.0; }
  static auto dy(const auto& x, const auto& y, const auto& r) { return -round((x - r) / y); }
};
}  // namespace rules
template <class X, class Y>
  requires Operands<X, Y>
auto remainder(const X& x, const Y& y) { return apply<rules::Remainder>(x, y); }

namespace rules {
/// n is x / y rounded down; the result has the sign of y.
struct FloorMod : Binary {
  static constexpr Notation notation = composed("floor_mod");
  static auto value(const auto& x, const auto& y) {
    auto r = fmod(x, y);
    return select(r * sign(y) < 0.0, r + y, r);
  }
  static auto dx(const auto&, const auto&, const auto&) { return 1.0; }
  static auto dy(const auto& x, const auto& y, const auto& r) { return -round((x - r) / y); }
};
}  // namespace rules
template <Value X, Value Y>
auto floor_mod(const X& x, const Y& y) {
  return apply<rules::FloorMod>(x, y);
}

namespace rules {
/// |x| with the sign of y.
struct Copysign : Binary {
  static constexpr Notation notation = library_call("copysign");
  static auto value(const auto& x, const auto& y) { return copysign(x, y); }
  static auto dx(const auto& x, const auto& y, const auto&) { return sign(x) * copysign(1.0, y); }
  static auto dy(const auto&, const auto&, const auto&) { return Zero{}; }
};
}  // namespace rules
template <class X, class Y>
  requires Operands<X, Y>
auto copysign(const X& x, const Y& y) { return apply<rules::Copysign>(x, y); }

}  // namespace chainrule
