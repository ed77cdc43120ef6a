// Activation functions of neural networks. All are accurate for inputs of any magnitude.
#pragma once

#include "autodiff/rules/special.hpp"

namespace chainrule {

namespace rules {
/// 1 / (1 + e^-x).
struct Sigmoid : Unary {
  static constexpr Notation notation = composed("sigmoid");
  static auto value(const auto& x) {
    return normally(
        x >= 0.0, [&] { return 1.0 / (1.0 + exp(-x)); }, [&] { return exp(x) / (1.0 + exp(x)); });
  }
  // r (1 - r) loses digits as r approaches 1. Its derivative also does so at r = 1/2; a plain
  // number is not differentiated again, so it need not pay for avoiding that.
  template <class X>
  static auto dx(const X& x, const auto& r) {
    return normally((Plain<X> && r < 0.9) || r < 0.475 || (r > 0.525 && r < 0.9),
                    [&] { return r * (1.0 - r); },
                    [&] {
                      auto half = 0.5 * x;
                      return 0.25 * Tanh::dx(half, tanh(half));
                    });
  }
};
}  // namespace rules
auto sigmoid(const Value auto& x) { return apply<rules::Sigmoid>(x); }

namespace rules {
/// ln(1 + e^x).
struct Softplus : Unary {
  static constexpr Notation notation = composed("softplus");
  static auto value(const auto& x) { return max(x, 0.0) + log1p(exp(-abs(x))); }
  static auto dx(const auto& x, const auto&) { return sigmoid(x); }
};
}  // namespace rules
auto softplus(const Value auto& x) { return apply<rules::Softplus>(x); }

namespace rules {
/// ln sigmoid(x).
struct Logsigmoid : Unary {
  static constexpr Notation notation = composed("logsigmoid");
  static auto value(const auto& x) { return min(x, 0.0) - log1p(exp(-abs(x))); }
  static auto dx(const auto& x, const auto&) { return sigmoid(-x); }
};
}  // namespace rules
auto logsigmoid(const Value auto& x) { return apply<rules::Logsigmoid>(x); }

namespace rules {
/// ln(e^x + e^y).
struct Logaddexp : Binary {
  static constexpr Notation notation = composed("logaddexp");
  static auto value(const auto& x, const auto& y) {
    return normally(
        x != y, [&] { return max(x, y) + log1p(exp(-abs(x - y))); },
        [&] { return x + std::numbers::ln2; });
  }
  // If both operands are -infinity, neither affects the result.
  static auto dx(const auto& x, const auto& y, const auto& r) {
    return normally(
        r > -std::numeric_limits<double>::infinity(), [&] { return sigmoid(x - y); },
        [&] { return 0.0 * exp(r); });
  }
  static auto dy(const auto& x, const auto& y, const auto& r) { return dx(y, x, r); }
};
}  // namespace rules
template <Value X, Value Y>
auto logaddexp(const X& x, const Y& y) {
  return apply<rules::Logaddexp>(x, y);
}

namespace rules {
/// ln(x / (1 - x)), the inverse of sigmoid.
struct Logit : Unary {
  static constexpr Notation notation = composed("logit");
  static auto value(const auto& x) { return log(x / (1.0 - x)); }
  static auto dx(const auto& x, const auto&) { return 1.0 / x + 1.0 / (1.0 - x); }
};
}  // namespace rules
auto logit(const Value auto& x) { return apply<rules::Logit>(x); }

namespace rules {
struct Relu : Unary {
  static constexpr Notation notation = composed("relu");
  static auto value(const auto& x) { return select(x <= 0.0, 0.0, x); }
  static auto dx(const auto& x, const auto&) { return only_if(x > 0.0, 1.0); }
};
}  // namespace rules
auto relu(const Value auto& x) { return apply<rules::Relu>(x); }

namespace rules {
struct Relu6 : Unary {
  static constexpr Notation notation = composed("relu6");
  static auto value(const auto& x) { return clamp(x, 0.0, 6.0); }
  static auto dx(const auto& x, const auto&) { return only_if(x > 0.0 && x < 6.0, 1.0); }
};
}  // namespace rules
auto relu6(const Value auto& x) { return apply<rules::Relu6>(x); }

namespace rules {
/// x if x > 0, else y x: slope y on the negative side.
struct LeakyRelu : Binary {
  static constexpr Notation notation = composed("leaky_relu");
  static auto value(const auto& x, const auto& y) { return select(x > 0.0, x, y * x); }
  static auto dx(const auto& x, const auto& y, const auto&) { return select(x > 0.0, 1.0, y); }
  static auto dy(const auto& x, const auto&, const auto&) { return only_if(x <= 0.0, x); }
};
}  // namespace rules
template <Value X, Value Slope = double>
auto leaky_relu(const X& x, const Slope& slope = 0.01) {
  return apply<rules::LeakyRelu>(x, slope);
}

namespace rules {
/// x if x > 0, else y (e^x - 1).
struct Elu : Binary {
  static constexpr Notation notation = composed("elu");
  static auto value(const auto& x, const auto& y) { return select(x > 0.0, x, y * expm1(x)); }
  static auto dx(const auto& x, const auto& y, const auto&) {
    return select(x > 0.0, 1.0, y * exp(x));
  }
  static auto dy(const auto& x, const auto&, const auto&) { return only_if(x <= 0.0, expm1(x)); }
};
}  // namespace rules
template <Value X, Value Alpha = double>
auto elu(const X& x, const Alpha& alpha = 1.0) {
  return apply<rules::Elu>(x, alpha);
}

namespace rules {
/// x if x > 0, else y (e^(x/y) - 1).
struct Celu : Binary {
  static constexpr Notation notation = composed("celu");
  static auto value(const auto& x, const auto& y) { return select(x > 0.0, x, y * expm1(x / y)); }
  static auto dx(const auto& x, const auto& y, const auto&) {
    return select(x > 0.0, 1.0, exp(x / y));
  }
  static auto dy(const auto& x, const auto& y, const auto&) {
    return only_if(x <= 0.0, expm1(x / y) - x / y * exp(x / y));
  }
};
}  // namespace rules
template <Value X, Value Alpha = double>
auto celu(const X& x, const Alpha& alpha = 1.0) {
  return apply<rules::Celu>(x, alpha);
}

namespace rules {
/// s x if x > 0, else s a (e^x - 1). Constants: Klambauer et al. 2017, eq. 14.
struct Selu : Unary {
  static constexpr Notation notation = composed("selu");
  static constexpr double scale = 1.0507009873554804934193349852946;
  static constexpr double alpha = 1.6732632423543772848170429916717;
  static auto value(const auto& x) { return select(x > 0.0, scale * x, scale * alpha * expm1(x)); }
  static auto dx(const auto& x, const auto&) {
    return select(x > 0.0, scale, scale * alpha * exp(x));
  }
};
}  // namespace rules
auto selu(const Value auto& x) { return apply<rules::Selu>(x); }

namespace rules {
/// x times the distribution function of the standard normal: x erfc(-x / sqrt 2) / 2.
struct Gelu : Unary {
  static constexpr Notation notation = composed("gelu");
  static constexpr double half_sqrt2 = std::numbers::sqrt2 / 2.0;
  static auto value(const auto& x) { return 0.5 * x * erfc(-half_sqrt2 * x); }
  static auto dx(const auto& x, const auto&) {
    // of the standard normal at 0
    constexpr double density = half_sqrt2 * std::numbers::inv_sqrtpi;
    return 0.5 * erfc(-half_sqrt2 * x) + density * x * exp(-0.5 * (x * x));
  }
};
}  // namespace rules
auto gelu(const Value auto& x) { return apply<rules::Gelu>(x); }

namespace rules {
/// The tanh form of gelu, x (1 + tanh u) / 2 with u = sqrt(2 / pi) (x + 0.044715 x^3), computed as
/// the equivalent x sigmoid(2 u), which does not cancel.
struct GeluTanh : Unary {
  static constexpr Notation notation = composed("gelu_tanh");
  static constexpr double twice = 2.0 * std::numbers::sqrt2 * std::numbers::inv_sqrtpi;
  static auto value(const auto& x) { return x * sigmoid(twice * (x + 0.044715 * cube(x))); }
  static auto dx(const auto& x, const auto&) {
    auto u = twice * (x + 0.044715 * cube(x));
    auto du = twice * (1.0 + 3.0 * 0.044715 * square(x));
    auto s = sigmoid(u);
    return s + x * (Sigmoid::dx(u, s) * du);
  }
};
}  // namespace rules
auto gelu_tanh(const Value auto& x) { return apply<rules::GeluTanh>(x); }

namespace rules {
/// x sigmoid(x), also called swish.
struct Silu : Unary {
  static constexpr Notation notation = composed("silu");
  static auto value(const auto& x) { return x * sigmoid(x); }
  static auto dx(const auto& x, const auto&) {
    auto s = sigmoid(x);
    return s + x * Sigmoid::dx(x, s);
  }
};
}  // namespace rules
auto silu(const Value auto& x) { return apply<rules::Silu>(x); }

namespace rules {
/// x tanh(softplus(x)).
struct Mish : Unary {
  static constexpr Notation notation = composed("mish");
  static auto value(const auto& x) { return x * tanh(softplus(x)); }
  static auto dx(const auto& x, const auto&) {
    auto s = softplus(x);
    auto t = tanh(s);
    return t + x * (Tanh::dx(s, t) * sigmoid(x));
  }
};
}  // namespace rules
auto mish(const Value auto& x) { return apply<rules::Mish>(x); }

namespace rules {
struct Softsign : Unary {
  static constexpr Notation notation = composed("softsign");
  static auto value(const auto& x) { return x / (1.0 + abs(x)); }
  static auto dx(const auto& x, const auto&) { return square(1.0 / (1.0 + abs(x))); }
};
}  // namespace rules
auto softsign(const Value auto& x) { return apply<rules::Softsign>(x); }

namespace rules {
struct Tanhshrink : Unary {
  static constexpr Notation notation = composed("tanhshrink");
  // Near 0 the difference cancels; there (x cosh x - sinh x) / cosh x is used, where the numerator
  // is a series whose terms all have the same sign.
  static auto value(const auto& x) {
    return normally(
        abs(x) > 0.5, [&] { return x - tanh(x); },
        [&] {
          auto q = x * x;
          auto sum = 0.0 * q;
          double coefficient = 1.0;  // 1 / (2 k + 1)!, descending from k = 8
          for (int n = 2; n <= 17; ++n) coefficient /= n;
          for (int k = 8; k >= 1; coefficient *= (2 * k + 1) * (2 * k), --k)
            sum = sum * q + 2 * k * coefficient;
          return x * q * sum / cosh(x);
        });
  }
  static auto dx(const auto& x, const auto&) { return square(tanh(x)); }
};
}  // namespace rules
auto tanhshrink(const Value auto& x) { return apply<rules::Tanhshrink>(x); }

namespace rules {
struct Hardtanh : Unary {
  static constexpr Notation notation = composed("hardtanh");
  static auto value(const auto& x) { return clamp(x, -1.0, 1.0); }
  static auto dx(const auto& x, const auto&) { return only_if(x > -1.0 && x < 1.0, 1.0); }
};
}  // namespace rules
auto hardtanh(const Value auto& x) { return apply<rules::Hardtanh>(x); }

namespace rules {
struct Hardsigmoid : Unary {
  static constexpr Notation notation = composed("hardsigmoid");
  static auto value(const auto& x) { return clamp(x + 3.0, 0.0, 6.0) / 6.0; }
  static auto dx(const auto& x, const auto&) { return only_if(x > -3.0 && x < 3.0, 1.0 / 6.0); }
};
}  // namespace rules
auto hardsigmoid(const Value auto& x) { return apply<rules::Hardsigmoid>(x); }

namespace rules {
struct Hardswish : Unary {
  static constexpr Notation notation = composed("hardswish");
  static auto value(const auto& x) { return x * (clamp(x + 3.0, 0.0, 6.0) / 6.0); }
  static auto dx(const auto& x, const auto&) {
    return only_if(x > -3.0, select(x < 3.0, x / 3.0 + 0.5, 1.0));
  }
};
}  // namespace rules
auto hardswish(const Value auto& x) { return apply<rules::Hardswish>(x); }

namespace rules {
/// x moved towards 0 by y; 0 if |x| <= y.
struct Softshrink : Binary {
  static constexpr Notation notation = composed("softshrink");
  static auto value(const auto& x, const auto& y) {
    return select(abs(x) <= y, 0.0, x - y * sign(x));
  }
  static auto dx(const auto& x, const auto& y, const auto&) { return only_if(abs(x) > y, 1.0); }
  static auto dy(const auto& x, const auto& y, const auto&) {
    return only_if(abs(x) > y, -sign(x));
  }
};
}  // namespace rules
template <Value X, Value Lambda = double>
auto softshrink(const X& x, const Lambda& lambda = 0.5) {
  return apply<rules::Softshrink>(x, lambda);
}

namespace rules {
/// x; 0 if |x| <= y.
struct Hardshrink : Binary {
  static constexpr Notation notation = composed("hardshrink");
  static auto value(const auto& x, const auto& y) { return select(abs(x) <= y, 0.0, x); }
  static auto dx(const auto& x, const auto& y, const auto&) { return only_if(abs(x) > y, 1.0); }
  static auto dy(const auto&, const auto&, const auto&) { return Zero{}; }
};
}  // namespace rules
template <Value X, Value Lambda = double>
auto hardshrink(const X& x, const Lambda& lambda = 0.5) {
  return apply<rules::Hardshrink>(x, lambda);
}

}  // namespace chainrule
