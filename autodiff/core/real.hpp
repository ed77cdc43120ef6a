// Real: a double on which rules from outside the library run.
#pragma once

#include <type_traits>

#include "autodiff/core/language.hpp"

namespace chainrule {

/// A double whose type is in this namespace. A rule from outside the library runs on it instead of
/// double (value_of() and partial() in core/rule.hpp), so that argument-dependent lookup finds the
/// functions of the library in any namespace: on double, `abs(x)` might call the C library's
/// function for int. Its operations are those of double, inlined.
class Real {
 public:
  constexpr Real() = default;
  template <class N>
    requires std::is_arithmetic_v<N>
  [[gnu::always_inline]] constexpr Real(N value) : value_(static_cast<double>(value)) {}

  [[gnu::always_inline]] constexpr double value() const { return value_; }
  [[gnu::always_inline]] constexpr explicit operator double() const { return value_; }

 private:
  double value_ = 0.0;
};

/// A comparison of Reals: a bool of this namespace, for the same reason.
struct RealCondition {
  bool is_true;
  [[gnu::always_inline]] constexpr operator bool() const { return is_true; }
  [[gnu::always_inline]] constexpr bool holds() const { return is_true; }
};

}  // namespace chainrule
