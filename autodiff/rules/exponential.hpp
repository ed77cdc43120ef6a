// Exponentials, logarithms, roots and powers.
#pragma once

#include <limits>
#include <numbers>

#include "autodiff/rules/piecewise.hpp"

namespace chainrule {

namespace rules {
struct Exp : Unary {
  static constexpr Notation notation = library_call("exp");
  static auto value(const auto& x) { return exp(x); }
  static auto dx(const auto&, const auto& r) { return r; }
};
}  // namespace rules
[[gnu::always_inline]] inline auto exp(const Operand auto& x) { return apply<rules::Exp>(x); }

namespace rules {
struct Exp2 : Unary {
  static constexpr Notation notation = library_call("exp2");
  static auto value(const auto& x) { return exp2(x); }
  static auto dx(const auto&, const auto& r) { return std::numbers::ln2 * r; }
};
}  // namespace rules
auto exp2(const Operand auto& x) { return apply<rules::Exp2>(x); }

namespace rules {
struct Expm1 : Unary {
  static constexpr Notation notation = library_call("expm1");
  static auto value(const auto& x) { return expm1(x); }
  static auto dx(const auto& x, const auto&) { return exp(x); }
};
}  // namespace rules
auto expm1(const Operand auto& x) { return apply<rules::Expm1>(x); }

namespace rules {
struct Log : Unary {
  static constexpr Notation notation = library_call("log");
  static auto value(const auto& x) { return log(x); }
  static auto dx(const auto& x, const auto&) { return 1.0 / x; }
};
}  // namespace rules
[[gnu::always_inline]] inline auto log(const Operand auto& x) { return apply<rules::Log>(x); }

namespace rules {
struct Log2 : Unary {
  static constexpr Notation notation = library_call("log2");
  static auto value(const auto& x) { return log2(x); }
  static auto dx(const auto& x, const auto&) { return std::numbers::log2e / x; }
};
}  // namespace rules
auto log2(const Operand auto& x) { return apply<rules::Log2>(x); }

namespace rules {
struct Log10 : Unary {
  static constexpr Notation notation = library_call("log10");
  static auto value(const auto& x) { return log10(x); }
  static auto dx(const auto& x, const auto&) { return std::numbers::log10e / x; }
};
}  // namespace rules
auto log10(const Operand auto& x) { return apply<rules::Log10>(x); }

namespace rules {
struct Log1p : Unary {
  static constexpr Notation notation = library_call("log1p");
  static auto value(const auto& x) { return log1p(x); }
  static auto dx(const auto& x, const auto&) { return 1.0 / (1.0 + x); }
};
}  // namespace rules
auto log1p(const Operand auto& x) { return apply<rules::Log1p>(x); }

namespace rules {
struct Sqrt : Unary {
  static constexpr Notation notation = library_call("sqrt");
  static auto value(const auto& x) { return sqrt(x); }
  static auto dx(const auto&, const auto& r) { return 0.5 / r; }
};
}  // namespace rules
[[gnu::always_inline]] inline auto sqrt(const Operand auto& x) { return apply<rules::Sqrt>(x); }

namespace rules {
struct Rsqrt : Unary {
  static constexpr Notation notation = composed("rsqrt");
  static auto value(const auto& x) { return 1.0 / sqrt(x); }
  static auto dx(const auto& x, const auto& r) { return -0.5 * r / x; }
};
}  // namespace rules
auto rsqrt(const Value auto& x) { return apply<rules::Rsqrt>(x); }

namespace rules {
struct Cbrt : Unary {
  static constexpr Notation notation = library_call("cbrt");
  static auto value(const auto& x) { return cbrt(x); }
  static auto dx(const auto&, const auto& r) { return 1.0 / (3.0 * (r * r)); }
};
}  // namespace rules
auto cbrt(const Operand auto& x) { return apply<rules::Cbrt>(x); }

namespace rules {
struct Pow : Binary {
  static constexpr Notation notation = library_call("pow");
  static auto value(const auto& x, const auto& y) { return pow(x, y); }
  // x^0 is the constant 1, so its derivative at 0 is 0 and not 0 * 0^-1.
  static auto dx(const auto& x, const auto& y, const auto&) {
    return normally(
        abs(x) + abs(y) != 0.0, [&] { return y * pow(x, y - 1.0); }, [&] { return 0.0 * x; });
  }
  // At x = 0, the value is 0 for y > 0 and infinite for y < 0. At y = 0 the finite one-sided
  // derivative is used.
  static auto dy(const auto& x, const auto& y, const auto& r) {
    return normally(
        x != 0.0, [&] { return r * log(x); },
        [&] { return select(y < 0.0, -std::numeric_limits<double>::infinity(), 0.0 * r); });
  }
};
}  // namespace rules
template <class X, class Y>
  requires Operands<X, Y>
auto pow(const X& x, const Y& y) { return apply<rules::Pow>(x, y); }

namespace rules {
/// x ln y, and 0 if x is 0, whatever y is.
struct Xlogy : Binary {
  static constexpr Notation notation = composed("xlogy");
  static auto value(const auto& x, const auto& y) {
    return normally(
        x != 0.0, [&] { return x * log(y); }, [&] { return 0.0 * x; });
  }
  static auto dx(const auto&, const auto& y, const auto&) { return log(y); }
  static auto dy(const auto& x, const auto& y, const auto&) {
    return normally(
        abs(x) + abs(y) != 0.0, [&] { return x / y; }, [&] { return 0.0 * (x + y); });
  }
};
}  // namespace rules
template <Value X, Value Y>
auto xlogy(const X& x, const Y& y) {
  return apply<rules::Xlogy>(x, y);
}

}  // namespace chainrule
