// Circular and hyperbolic functions and their inverses.
#pragma once

#include "autodiff/rules/exponential.hpp"

namespace chainrule {

namespace rules {
struct Sin : Unary {
  static constexpr Notation notation = library_call("sin");
  static auto value(const auto& x) { return sin(x); }
  static auto dx(const auto& x, const auto&) { return cos(x); }
};
}  // namespace rules
[[gnu::always_inline]] inline auto sin(const Operand auto& x) { return apply<rules::Sin>(x); }

namespace rules {
struct Cos : Unary {
  static constexpr Notation notation = library_call("cos");
  static auto value(const auto& x) { return cos(x); }
  static auto dx(const auto& x, const auto&) { return -sin(x); }
};
}  // namespace rules
[[gnu::always_inline]] inline auto cos(const Operand auto& x) { return apply<rules::Cos>(x); }

namespace rules {
struct Tan : Unary {
  static constexpr Notation notation = library_call("tan");
  static auto value(const auto& x) { return tan(x); }
  static auto dx(const auto&, const auto& r) { return 1.0 + r * r; }
};
}  // namespace rules
auto tan(const Operand auto& x) { return apply<rules::Tan>(x); }

namespace rules {
// Near 1, (1 - x)(1 + x) keeps digits that 1 - x^2 loses. Near 0 the derivative of 1 - x^2 is the
// more accurate one. So each form is used where it is better, here and in atanh.
struct Asin : Unary {
  static constexpr Notation notation = library_call("asin");
  static auto value(const auto& x) { return asin(x); }
  static auto dx(const auto& x, const auto&) {
    return normally(
        abs(x) < 0.5, [&] { return 1.0 / sqrt(1.0 - x * x); },
        [&] { return 1.0 / sqrt((1.0 - x) * (1.0 + x)); });
  }
};
}  // namespace rules
auto asin(const Operand auto& x) { return apply<rules::Asin>(x); }

namespace rules {
struct Acos : Unary {
  static constexpr Notation notation = library_call("acos");
  static auto value(const auto& x) { return acos(x); }
  static auto dx(const auto& x, const auto&) {
    return normally(
        abs(x) < 0.5, [&] { return -1.0 / sqrt(1.0 - x * x); },
        [&] { return -1.0 / sqrt((1.0 - x) * (1.0 + x)); });
  }
};
}  // namespace rules
auto acos(const Operand auto& x) { return apply<rules::Acos>(x); }

namespace rules {
struct Atan : Unary {
  static constexpr Notation notation = library_call("atan");
  static auto value(const auto& x) { return atan(x); }
  // From 1e8 on, the 1 no longer affects the result. The derivative of the plain form contains x^4,
  // which would soon overflow there.
  static auto dx(const auto& x, const auto&) {
    return normally(
        abs(x) < 1e8, [&] { return 1.0 / (1.0 + x * x); }, [&] { return square(1.0 / x); });
  }
};
}  // namespace rules
auto atan(const Operand auto& x) { return apply<rules::Atan>(x); }

namespace rules {
/// The length of the vector (x, y). Its gradient at the origin is 0, the subgradient of least norm.
/// x / r is close to 1 if |y| is the smaller side. Its derivative y^2 / r^3 is then accurate only
/// in the form that squares y.
struct Hypot : Binary {
  static constexpr Notation notation = library_call("hypot");
  static auto value(const auto& x, const auto& y) { return hypot(x, y); }
  static auto dx(const auto& x, const auto& y, const auto& r) {
    return normally(
        abs(x) <= abs(y) && r != 0.0, [&] { return x / r; },
        [&] {
          return normally(
              r != 0.0, [&] { return sign(x) * sqrt(1.0 - square(y / r)); },
              [&] { return 0.0 * r; });
        });
  }
  static auto dy(const auto& x, const auto& y, const auto& r) { return dx(y, x, r); }
};
}  // namespace rules
template <class X, class Y>
  requires Operands<X, Y>
auto hypot(const X& x, const Y& y) { return apply<rules::Hypot>(x, y); }

namespace rules {
/// The angle of the point with ordinate x and abscissa y: atan2(ordinate, abscissa). Dividing by
/// the length twice, instead of by its square once, cannot overflow.
struct Atan2 : Binary {
  static constexpr Notation notation = library_call("atan2");
  static auto value(const auto& x, const auto& y) { return atan2(x, y); }
  static auto dx(const auto& x, const auto& y, const auto&) { return share(y, hypot(x, y)); }
  static auto dy(const auto& x, const auto& y, const auto&) { return -share(x, hypot(x, y)); }

 private:
  static auto share(const auto& side, const auto& length) {
    return normally(
        length != 0.0, [&] { return side / length / length; }, [&] { return 0.0 * length; });
  }
};
}  // namespace rules
template <class X, class Y>
  requires Operands<X, Y>
auto atan2(const X& x, const Y& y) { return apply<rules::Atan2>(x, y); }

namespace rules {
struct Sinh : Unary {
  static constexpr Notation notation = library_call("sinh");
  static auto value(const auto& x) { return sinh(x); }
  static auto dx(const auto& x, const auto&) { return cosh(x); }
};
}  // namespace rules
auto sinh(const Operand auto& x) { return apply<rules::Sinh>(x); }

namespace rules {
struct Cosh : Unary {
  static constexpr Notation notation = library_call("cosh");
  static auto value(const auto& x) { return cosh(x); }
  static auto dx(const auto& x, const auto&) { return sinh(x); }
};
}  // namespace rules
auto cosh(const Operand auto& x) { return apply<rules::Cosh>(x); }

namespace rules {
struct Tanh : Unary {
  static constexpr Notation notation = library_call("tanh");
  static auto value(const auto& x) { return tanh(x); }
  // 1 - r^2 loses digits as |r| approaches 1; sech^2 written with one exponential does not.
  static auto dx(const auto& x, const auto& r) {
    return normally(
        abs(r) < 0.97, [&] { return 1.0 - r * r; },
        [&] {
          auto e = exp(-2.0 * abs(x));
          return 4.0 * e / square(1.0 + e);
        });
  }
};
}  // namespace rules
[[gnu::always_inline]] inline auto tanh(const Operand auto& x) { return apply<rules::Tanh>(x); }

namespace rules {
struct Asinh : Unary {
  static constexpr Notation notation = library_call("asinh");
  static auto value(const auto& x) { return asinh(x); }
  static auto dx(const auto& x, const auto&) { return 1.0 / hypot(1.0, x); }
};
}  // namespace rules
auto asinh(const Operand auto& x) { return apply<rules::Asinh>(x); }

namespace rules {
struct Acosh : Unary {
  static constexpr Notation notation = library_call("acosh");
  static auto value(const auto& x) { return acosh(x); }
  static auto dx(const auto& x, const auto&) { return 1.0 / (sqrt(x - 1.0) * sqrt(x + 1.0)); }
};
}  // namespace rules
auto acosh(const Operand auto& x) { return apply<rules::Acosh>(x); }

namespace rules {
struct Atanh : Unary {
  static constexpr Notation notation = library_call("atanh");
  static auto value(const auto& x) { return atanh(x); }
  static auto dx(const auto& x, const auto&) {
    return normally(
        abs(x) < 0.5, [&] { return 1.0 / (1.0 - x * x); },
        [&] { return 1.0 / ((1.0 - x) * (1.0 + x)); });
  }
};
}  // namespace rules
auto atanh(const Operand auto& x) { return apply<rules::Atanh>(x); }

}  // namespace chainrule
