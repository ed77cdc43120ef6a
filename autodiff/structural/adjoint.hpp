// Adjoint: the adjoint of an array, which knows what something has reached.
//
// The elements of an adjoint that no path from the output leads to are not the number 0: nothing is
// multiplied there, so an infinite partial derivative cannot turn them into NaN. Adjoint<Array> (of
// the numeric sweep, here) and Adjoint<Tensor> (of the recorded sweep, graph/tensor_adjoint.hpp)
// keep the two apart. Structural rules compute with either, in the words of tensors: reshape(),
// sum(), a * x, a / x, a + b, a - b, -a, only_where(), and any structural rule that is linear in
// one operand. Everything else does not compile.
#pragma once

#include "autodiff/core/structural.hpp"
#include "autodiff/core/untouched.hpp"
#include "autodiff/kernels/elements.hpp"
#include "autodiff/rules/arithmetic.hpp"
#include "autodiff/structural/operands.hpp"

namespace chainrule {

namespace detail {
struct AdjointAccess;
}

/// The adjoint of an array in the numeric sweep. A handle, as Array is. Default-made it is "no
/// adjoint": nothing has reached any element.
template <>
class Adjoint<Array> {
 public:
  Adjoint() = default;
  /// Something has reached every element, with these numbers.
  explicit Adjoint(Array numbers);
  /// Nothing has reached any element, yet.
  static Adjoint nothing(const Array& like);

  bool is_null() const { return elements_.is_null(); }
  std::size_t rank() const { return elements_.rank(); }
  std::int64_t size() const { return elements_.size(); }
  std::span<const std::int64_t> shape() const { return elements_.shape(); }
  std::int64_t shape(std::size_t axis) const { return elements_.shape(axis); }
  bool has_shape(std::span<const std::int64_t> other) const { return elements_.has_shape(other); }
  DType dtype() const { return elements_.dtype(); }

  /// The numbers; 0, of either sign, where nothing has reached.
  const Array& numbers() const { return elements_; }
  /// Whether there is an element that nothing has reached. Cost: at most one pass.
  bool is_partial() const;
  /// 1 where something has reached, else 0; no array if something has reached every element.
  Array reached() const;

  Adjoint times(const Array& factor) const;
  Adjoint times(double factor) const;
  Adjoint plus(const Adjoint& other) const;
  /// The same where the mask, which broadcasts, is not 0; nothing elsewhere.
  Adjoint only_where(const Array& mask) const;
  /// A rearranging rule applied.
  template <class Rule>
  Adjoint rearranged(const typename Rule::Parameters& p) const;

 private:
  friend detail::AdjointAccess;
  Array elements_;  // `untouched` where nothing has reached
};

namespace detail {

/// For the passes that add to adjoints in place: the elements as core/untouched.hpp has them.
struct AdjointAccess {
  static Array& elements(Adjoint<Array>& adjoint) { return adjoint.elements_; }
  static const Array& elements(const Adjoint<Array>& adjoint) { return adjoint.elements_; }
  static Adjoint<Array> from_elements(Array elements) {
    Adjoint<Array> adjoint;
    adjoint.elements_ = std::move(elements);
    return adjoint;
  }
};

/// Parameters with another number for what a rule fills.
template <class Parameters>
concept Filling = requires(Parameters p) {
  p.fill = 0.0;
};
template <class Parameters>
Parameters filled_with(const Parameters& p, [[maybe_unused]] double fill) {
  Parameters result = p;
  if constexpr (Filling<Parameters>) result.fill = fill;
  return result;
}

template <class X>
inline constexpr bool is_adjoint = false;
template <class T>
inline constexpr bool is_adjoint<Adjoint<T>> = true;

template <class T>
bool is_partial([[maybe_unused]] const T& x) {
  if constexpr (is_adjoint<T>)
    return x.is_partial();
  else
    return false;
}
template <class T>
const auto& numbers_in(const T& x) {
  if constexpr (is_adjoint<T>)
    return x.numbers();
  else
    return x;
}
/// Ones in the shape of an operand: a view of one number.
Array ones_like(const Array& x);
/// Whether no factor beside the adjoints is infinite or NaN.
bool is_finite_factor(const Array& x);
template <class T>
bool is_finite_factor(const T& x) {
  if constexpr (is_adjoint<T>)
    return true;
  else
    return is_finite_factor(elements_of(x));
}
/// Of an adjoint what it has reached, of another operand ones.
template <class T>
Array mask_or_ones(const T& x) {
  if constexpr (is_adjoint<T>) {
    const Array& mask = x.reached();
    return mask.is_null() ? ones_like(elements_of(x.numbers())) : mask;
  } else {
    return ones_like(elements_of(x));
  }
}
/// 1 where the numbers are not 0, else 0; no array if none is 0.
Array mask_of(const Array& numbers);

}  // namespace detail

template <class Rule>
Adjoint<Array> Adjoint<Array>::rearranged(const typename Rule::Parameters& p) const {
  if constexpr (detail::Filling<typename Rule::Parameters>)
    return detail::AdjointAccess::from_elements(
        Rule::value(detail::filled_with(p, untouched), elements_));
  else
    return detail::AdjointAccess::from_elements(Rule::value(p, elements_));
}

/// Rules on adjoints. What a rule does not say, is safe: a structural rule that is neither
/// rearranging nor says what its operands reach is taken to reach every element.
///
///   static Array reached(p, x...)   the mask of the result, any numbers above 0 where something
///                                   reaches it, from the mask of the adjoint and ones for the
///                                   other operands
///   static auto separately(p, x...) the same product written so that each element of the adjoint
///                                   meets its factor alone: used where a factor is infinite or
///                                   NaN and some element of the adjoint is not reached
///   static bool reaches_all(p, x...) optional: a cheap test that spares reached()
template <class T>
struct Interpreter<Adjoint<T>> {
  static constexpr bool is_tensorial = true;
  static constexpr int priority = 4;

  template <class Rule, class... X>
  static Adjoint<T> apply(const X&... x) {
    if constexpr (std::is_same_v<Rule, rules::Multiply>)
      return product(x...);
    else if constexpr (std::is_same_v<Rule, rules::Divide>)
      return quotient(x...);
    else if constexpr (std::is_same_v<Rule, rules::Add>)
      return sum(x...);
    else if constexpr (std::is_same_v<Rule, rules::Subtract>)
      return difference(x...);
    else if constexpr (std::is_same_v<Rule, rules::Negate>)
      return product(x..., -1.0);
    else
      static_assert(!sizeof(Rule),
                    "an adjoint enters a rule linearly: a * x, a / x, a + b, a - b, "
                    "-a, only_where(mask, a) and structural operations");
  }

  template <class Rule, class... X>
  static Adjoint<T> structural(const typename Rule::Parameters& p, const X&... x) {
    if constexpr (requires { Rule::rearranges; }) {
      return (x.template rearranged<Rule>(p), ...);
    } else {
      const bool is_partial = (detail::is_partial(x) || ...);
      if constexpr (requires { Rule::separately(p, x...); })
        if (is_partial && !(detail::is_finite_factor(x) && ...)) return Rule::separately(p, x...);
      Adjoint<T> result(Interpreter<T>::template structural<Rule>(p, detail::numbers_in(x)...));
      if constexpr (requires { Rule::reached(p, detail::mask_or_ones(x)...); }) {
        if (!is_partial) return result;
        if constexpr (requires { Rule::reaches_all(p, x...); })
          if (Rule::reaches_all(p, x...)) return result;
        const Array mask = detail::mask_of(Rule::reached(p, detail::mask_or_ones(x)...));
        if (!mask.is_null()) return result.only_where(mask);
      }
      return result;
    }
  }

 private:
  static Adjoint<T> product(const Adjoint<T>& a, const auto& x) { return a.times(x); }
  static Adjoint<T> product(const auto& x, const Adjoint<T>& a) { return a.times(x); }
  static Adjoint<T> quotient(const Adjoint<T>& a, const auto& x) { return a.times(1.0 / x); }
  static Adjoint<T> sum(const Adjoint<T>& a, const Adjoint<T>& b) { return a.plus(b); }
  static Adjoint<T> difference(const Adjoint<T>& a, const Adjoint<T>& b) {
    return a.plus(b.times(-1.0));
  }
};

/// The adjoint where the condition holds; elsewhere nothing flows.
template <class T>
Adjoint<T> only_where(const Mask& mask, const Adjoint<T>& adjoint) {
  return adjoint.only_where(mask.values());
}

}  // namespace chainrule
