// expect: this operation is not listed
// A rule that is not in a list cannot be recorded; the compiler reports a missing list entry here.
#include "autodiff/autodiff.hpp"

struct Halve : chainrule::Unary {
  static constexpr chainrule::Notation notation = chainrule::composed("halve");
  static auto value(const auto& x) { return 0.5 * x; }
  static auto dx(const auto&, const auto&) { return 0.5; }
};
#ifndef CHAINRULE_MUST_FAIL
template <>
inline constexpr bool chainrule::listed_outside<Halve> = true;
#endif

chainrule::Var halve(const chainrule::Var& x) { return chainrule::apply<Halve>(x); }
