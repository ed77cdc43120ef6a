#include "tests/properties/wrong_rules.hpp"

#include <cmath>

#include "autodiff/autodiff.hpp"
#include "autodiff/graph/tensor_operation.hpp"

namespace chainrule::testing {
namespace {

/// The number without its history: the correct value, but a constant when differentiated.
Real cut_off(const Real& x) { return x; }
Text cut_off(const Text& x) { return x; }
Var cut_off(const Var& x) { return x.value(); }
Tensor cut_off(const Tensor& x) { return x.value(); }

struct SignFlipped : Unary {
  static constexpr Notation notation = library_call("sign_flipped");
  static auto value(const auto& x) { return sin(x); }
  static auto dx(const auto& x, const auto&) { return -cos(x); }
};
struct OffByAThousandth : Unary {
  static constexpr Notation notation = library_call("off_by_a_thousandth");
  static auto value(const auto& x) { return sin(x); }
  static auto dx(const auto& x, const auto&) { return 1.001 * cos(x); }
};
struct TermMissing : Unary {
  static constexpr Notation notation = library_call("term_missing");
  static auto value(const auto& x) { return x * sin(x); }
  static auto dx(const auto& x, const auto&) { return sin(x); }
};
/// A rule that uses the derivative of sigmoid.
struct OfANeighbour : Unary {
  static constexpr Notation notation = library_call("of_a_neighbour");
  static auto value(const auto& x) { return tanh(x); }
  static auto dx(const auto&, const auto& r) { return r * (1.0 - r); }
};
struct OperandsSwapped : Binary {
  static constexpr Notation notation = library_call("operands_swapped");
  static auto value(const auto& x, const auto& y) { return x * y * y; }
  static auto dx(const auto& x, const auto& y, const auto&) { return 2.0 * x * y; }
  static auto dy(const auto&, const auto& y, const auto&) { return y * y; }
};
struct SecondMissing : Unary {
  static constexpr Notation notation = library_call("second_missing");
  static auto value(const auto& x) { return sin(x); }
  static auto dx(const auto& x, const auto&) { return cut_off(cos(x)); }
};
struct SecondOffByAThousandth : Unary {
  static constexpr Notation notation = library_call("second_off_by_a_thousandth");
  static auto value(const auto& x) { return sin(x); }
  static auto dx(const auto& x, const auto&) { return cos(x) * 1.001 - 0.001 * cut_off(cos(x)); }
};
/// cos, as the derivative of the next one.
struct CosSecondMissing : Unary {
  static constexpr Notation notation = library_call("cos_second_missing");
  static auto value(const auto& x) { return cos(x); }
  static auto dx(const auto& x, const auto&) { return cut_off(-sin(x)); }
};
struct ThirdMissing : Unary {
  static constexpr Notation notation = library_call("third_missing");
  static auto value(const auto& x) { return sin(x); }
  static auto dx(const auto& x, const auto&);
};
struct CosSecondSignFlipped : Unary {
  static constexpr Notation notation = library_call("cos_second_sign_flipped");
  static auto value(const auto& x) { return cos(x); }
  static auto dx(const auto& x, const auto&) { return sin(x) - 2.0 * cut_off(sin(x)); }
};
struct ThirdSignFlipped : Unary {
  static constexpr Notation notation = library_call("third_sign_flipped");
  static auto value(const auto& x) { return sin(x); }
  static auto dx(const auto& x, const auto&);
};

}  // namespace
}  // namespace chainrule::testing

namespace chainrule {
template <>
inline constexpr bool listed_outside<testing::SignFlipped> = true;
template <>
inline constexpr bool listed_outside<testing::OffByAThousandth> = true;
template <>
inline constexpr bool listed_outside<testing::TermMissing> = true;
template <>
inline constexpr bool listed_outside<testing::OfANeighbour> = true;
template <>
inline constexpr bool listed_outside<testing::OperandsSwapped> = true;
template <>
inline constexpr bool listed_outside<testing::SecondMissing> = true;
template <>
inline constexpr bool listed_outside<testing::SecondOffByAThousandth> = true;
template <>
inline constexpr bool listed_outside<testing::CosSecondMissing> = true;
template <>
inline constexpr bool listed_outside<testing::ThirdMissing> = true;
template <>
inline constexpr bool listed_outside<testing::CosSecondSignFlipped> = true;
template <>
inline constexpr bool listed_outside<testing::ThirdSignFlipped> = true;
}  // namespace chainrule

namespace chainrule::testing {
namespace {

auto ThirdMissing::dx(const auto& x, const auto&) { return chainrule::apply<CosSecondMissing>(x); }
auto ThirdSignFlipped::dx(const auto& x, const auto&) {
  return chainrule::apply<CosSecondSignFlipped>(x);
}

/// An element of a tensor computed by a structural rule with a wrong adjoint: the value is twice
/// the sum of squares, but the derivative is that of the sum of squares.
struct FactorMissing : Structural<1> {
  static constexpr Notation notation = library_call("factor_missing");
  static Array value(const Parameters&, const Array& x) { return 2.0 * sum(square(x)); }
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters&, const T& x, const T&, const Adjoint<T>& a) {
    return a * (2.0 * x);
  }
};

template <class Rule>
Var apply_rule(const Var& x) {
  return chainrule::apply<Rule>(x);
}
/// On the elements of a tensor, by the loops of tensors.
template <class Rule>
Var apply_to_elements(const Var& x) {
  return Var(sum(chainrule::apply<Rule>(stack(std::vector<Var>{x, 0.5 * x}))));
}

}  // namespace

const std::vector<WrongRule>& wrong_rules() {
  static const std::vector<WrongRule> all = {
      {"sign flipped", 1, apply_rule<SignFlipped>},
      {"sign flipped, on elements", 1, apply_to_elements<SignFlipped>},
      {"off by a thousandth", 1, apply_rule<OffByAThousandth>},
      {"off by a thousandth, on elements", 1, apply_to_elements<OffByAThousandth>},
      {"a term missing", 1, apply_rule<TermMissing>},
      {"the derivative of a neighbour", 1, apply_rule<OfANeighbour>},
      {"operands swapped", 1,
       [](const Var& x) -> Var { return chainrule::apply<OperandsSwapped>(x, 0.3 + x * x); }},
      {"a factor missing in an adjoint", 1,
       [](const Var& x) -> Var {
         return Var(chainrule::apply<FactorMissing>({}, stack(std::vector<Var>{x, 0.5 * x})));
       }},
      {"second derivative missing", 2, apply_rule<SecondMissing>},
      {"second derivative off by a thousandth", 2, apply_rule<SecondOffByAThousandth>},
      {"second derivative off by a thousandth, on elements", 2,
       apply_to_elements<SecondOffByAThousandth>},
      {"third derivative missing", 3, apply_rule<ThirdMissing>},
      {"sign of the third derivative flipped", 3, apply_rule<ThirdSignFlipped>},
  };
  return all;
}

}  // namespace chainrule::testing
