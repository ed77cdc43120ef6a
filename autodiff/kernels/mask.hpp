// Mask: a condition on every element, what a comparison of arrays or tensors gives.
#pragma once

#include "autodiff/core/words.hpp"
#include "autodiff/values/array.hpp"

namespace chainrule {

/// A partial that flows where the mask holds and is a structural zero elsewhere.
template <class Partial>
struct MaskedPartial {
  Array mask;
  Partial partial;
};

/// x where the mask is not 0, else y.
Array choose_numbers(const Array& mask, double x, double y);

/// A truth value for each element: numbers that are 1 or 0. No derivative flows through it. It is
/// no bool: say any() or all(). As a condition of where(), select() and in rules it chooses element
/// by element.
class Mask {
 public:
  /// Takes elements that are 0 or 1.
  explicit Mask(Array values) : values_(std::move(values)) {}

  /// The elements, each 1 or 0.
  const Array& values() const { return values_; }
  /// Whether it holds for every element (for none: true of an empty one).
  bool all() const;
  /// Whether it holds for some element.
  bool any() const;

  /// Element by element x where it holds, else y.
  template <class X, class Y>
  auto select(const X& x, const Y& y) const {
    if constexpr (Operands<X, Y>)
      return Interpreter<Leading<X, Y>>::choose(values_, x, y);
    else
      return choose_numbers(values_, static_cast<double>(x), static_cast<double>(y));
  }
  template <class Partial>
  auto only_if(const Partial& partial) const {
    return MaskedPartial<Partial>{values_, partial};
  }
  /// Of the forms of a formula that numbers choose between, each where it is meant; one that is
  /// meant nowhere is not computed.
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
