// Generates the loops of a rule from its code.
#pragma once

#include "autodiff/kernels/vector/families.hpp"
#include "autodiff/kernels/vector/loops.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET {

template <class Rule, class... Among>
constexpr bool is_one_of(RuleList<Among...>) {
  return (std::is_same_v<Rule, Among> || ...);
}

/// Rules whose formula loses digits in float, or leaves the range of float on the way to a
/// representable result: the exponential of a rounded argument, sums that cancel. For these,
/// elements of float32 are computed in double and rounded once.
using InDouble =
    RuleList<rules::Atan2, rules::ScaledBessel, rules::Sinc, rules::Logaddexp, rules::Logit,
             rules::Elu, rules::Celu, rules::Gelu, rules::GeluTanh, rules::Mish, rules::Tanhshrink>;
/// The same for rules whose partials have this problem.
using PartialsInDouble =
    RuleList<rules::Pow, rules::Atanh, rules::Erf, rules::Erfc, rules::Erfcx, rules::LogNdtr,
             rules::Tgamma, rules::GammaDensity, rules::GammaDensityByA, rules::BetaDensity,
             rules::Sigmoid, rules::Silu, rules::Hardswish>;

template <class Rule>
inline constexpr bool value_in_double = std::is_same_v<Architecture, Portable> ||
                                        is_one_of<Rule>(InDouble{});
template <class Rule>
inline constexpr bool partials_in_double = value_in_double<Rule> ||
                                           is_one_of<Rule>(PartialsInDouble{});

template <class Rule, class Stored>
using ValuePack = Pack<std::conditional_t<value_in_double<Rule>, double, Stored>, Architecture>;
template <class Rule, class Stored>
using PartialPack =
    Pack<std::conditional_t<partials_in_double<Rule>, double, Stored>, Architecture>;

template <class Rule, class Stored>
void value(const Stream* x, void* out, std::size_t n) {
  using P = ValuePack<Rule, Stored>;
  const auto body = [](const auto&... operands) __attribute__((always_inline)) {
    return Interpreter<P>::template apply<Rule>(operands...);
  };
  unpack<Rule::arity>(
      x, [&](const auto&... streams) __attribute__((always_inline)) {
        for_each_pack<Stored, P>(n, out, body, streams...);
      });
}

/// sum + adjoint * partial, or `sum` where no derivative flows.
template <class Stored, class P, class Partial>
[[gnu::always_inline]] inline P add_contribution(const P& sum, const P& adjoint,
                                                 const Partial& partial) {
  auto nothing = adjoint.is_untouched();
  P product;
  if constexpr (requires { partial.open; }) {
    nothing = nothing || !partial.open;
    product = adjoint * partial.partial;
  } else {
    product = adjoint * partial;
  }
  P total = sum + detail::contribution(product);
  if constexpr (!std::is_same_v<Stored, typename P::Element>) {
    // Rounding to Stored could turn a small negative number into `untouched`.
    total = select(abs(total) <= 0x1p-150, 0.0, total);
  }
  return nothing.select(sum, total);
}

template <class Rule, class Stored, int k>
void pullback(const Stream* x, Stream result, Stream adjoint, void* out, bool accumulate,
              std::size_t n) {
  using P = PartialPack<Rule, Stored>;
  static constexpr auto nothing = static_cast<Stored>(detail::untouched);
  const Stream sum = accumulate ? Stream{out} : Stream{&nothing, true};
  const auto body = [](const P& before, const P& a, const P& r, const auto&... operands)
      __attribute__((always_inline)) {
    return add_contribution<Stored>(before, a, partial<Rule, k>(operands..., r));
  };
  unpack<Rule::arity>(
      x, [&](const auto&... streams) __attribute__((always_inline)) {
        for_each_pack<Stored, P>(n, out, body, sum, adjoint, result, streams...);
      });
}

/// Whether operand k never receives a derivative.
template <class Rule, int k, class P>
constexpr bool is_zero() {
  constexpr auto run = [](const auto&... x) { return partial<Rule, k>(x...); };
  using Given = decltype(unpack<Rule::arity + 1>(static_cast<const P*>(nullptr), run));
  return std::is_same_v<Given, Zero>;
}

template <class Rule, class Stored>
constexpr ElementwiseLoops loops_of() {
  ElementwiseLoops loops{Rule::arity, value<Rule, Stored>, {}};
  for_each_place<Rule::arity>([&]<int k>() {
    if constexpr (!is_zero<Rule, k, PartialPack<Rule, Stored>>())
      loops.pullback[k] = pullback<Rule, Stored, k>;
  });
  return loops;
}

template <class Stored, class... Rule>
inline constexpr ElementwiseLoops listed[] = {loops_of<Rule, Stored>()...};

template <class... Rule>
constexpr detail::ElementwiseFamily loops_of_list(RuleList<Rule...>) {
  return {listed<float, Rule...>, listed<double, Rule...>};
}

template <class Family>
const detail::ElementwiseFamily& family_loops() {
  static constexpr detail::ElementwiseFamily loops = loops_of_list(typename Family::Rules{});
  return loops;
}

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
