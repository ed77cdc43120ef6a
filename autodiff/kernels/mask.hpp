// Mask: a condition for each element, the result of comparing arrays or tensors.
#pragma once

#include "autodiff/core/functions.hpp"
#include "autodiff/values/array.hpp"

namespace chainrule {

namespace detail {
/// A partial where the mask holds, and a structural zero elsewhere.
template <class Partial>
struct MaskedPartial {
  Array mask;
  Partial partial;
};

/// x where the mask is not 0, else y.
Array choose_numbers(const Array& mask, double x, double y);
}  // namespace detail

/// A truth value for each element, stored as the number 1 or 0. No derivative flows through it. It
/// does not convert to bool; use any() or all(). As a condition of where(), select() and in rules
/// it selects element by element.
class Mask {
 public:
  /// The elements must be 0 or 1.
  explicit Mask(Array values) : values_(std::move(values)) {}

  /// The elements, each 1 or 0.
  const Array& values() const { return values_; }
  /// Whether it holds for every element (true if there are no elements).
  bool all() const;
  /// Whether it holds for at least one element.
  bool any() const;

  /// For each element, x where the mask holds, else y.
  template <class X, class Y>
  auto select(const X& x, const Y& y) const {
    if constexpr (Operands<X, Y>)
      return Interpreter<Leading<X, Y>>::choose(values_, x, y);
    else
      return detail::choose_numbers(values_, static_cast<double>(x), static_cast<double>(y));
  }
  template <class Partial>
  auto only_if(const Partial& partial) const {
    return detail::MaskedPartial<Partial>{values_, partial};
  }
  /// Selects between two forms of a formula, each where it applies. A form that applies to no
  /// element is not computed.
  template <class Plain, class Otherwise>
  auto normally(Plain plain, Otherwise otherwise) const {
    if constexpr (Operand<decltype(plain())>) {
      if (all()) return plain();
      if (!any()) {
        const auto other = otherwise();
        if constexpr (std::is_same_v<decltype(plain()), std::remove_const_t<decltype(other)>>)
          return other;
        else
          return select(other, other);
      }
    }
    return select(plain(), otherwise());
  }

  friend Mask operator&&(const Mask& x, const Mask& y);
  friend Mask operator||(const Mask& x, const Mask& y);
  friend Mask operator!(const Mask& x);

 private:
  Array values_;
};

Mask operator&&(bool x, const Mask& y);
Mask operator||(bool x, const Mask& y);

}  // namespace chainrule
