// Adjoint: the adjoint of an array, which tracks which of its elements the sweep has reached.
//
// An element that no path from the output reaches is a structural zero, not the number 0: nothing
// is multiplied there, so an infinite partial derivative cannot turn it into NaN. Adjoint<Array>
// (the numeric sweep, in this file) and Adjoint<Tensor> (the recorded sweep,
// graph/tensor_adjoint.hpp) keep the two kinds of zero apart. Structural rules use both with the
// functions of tensors: reshape(), sum(), a * x, a / x, a + b, a - b, -a, only_where(), and any
// structural rule that is linear in one operand. Any other operation on an adjoint does not
// compile.
#pragma once

#include <optional>

#include "autodiff/core/structural.hpp"
#include "autodiff/core/untouched.hpp"
#include "autodiff/kernels/elements.hpp"
#include "autodiff/rules/arithmetic.hpp"
#include "autodiff/structural/operands.hpp"
#include "autodiff/structural/reached_lines.hpp"

namespace chainrule {

namespace detail {
struct AdjointAccess;
/// Replaces -0 by 0, in a copy.
void remove_signed_zeros(Array& x);
}  // namespace detail

/// The adjoint of an array in the numeric sweep. A handle, like Array. A default-constructed one is
/// null: there is no adjoint, since nothing has reached any element.
///
/// Which elements of a product are reached is found when it is first needed. It is not needed for
/// the adjoint of a variable, which nothing multiplies. Like an Array, each handle may be used in
/// only one thread at a time.
template <>
class Adjoint<Array> {
 public:
  Adjoint() = default;
  /// An adjoint with these numbers, in which every element is reached.
  explicit Adjoint(Array numbers) : elements_(std::move(numbers)), marks_(Marks::not_written) {}
  /// A product of matrices with these numbers, in which only the rows or columns that `lines`
  /// describes are reached.
  Adjoint(Array numbers, detail::ReachedLines lines)
      : elements_(std::move(numbers)), lines_(std::move(lines)), marks_(Marks::not_written) {}

  bool is_null() const { return elements_.is_null(); }
  std::size_t rank() const { return elements_.rank(); }
  std::int64_t size() const { return elements_.size(); }
  std::span<const std::int64_t> shape() const { return elements_.shape(); }
  std::int64_t shape(std::size_t axis) const { return elements_.shape(axis); }
  bool has_shape(std::span<const std::int64_t> other) const { return elements_.has_shape(other); }
  DType dtype() const { return elements_.dtype(); }

  /// The numbers; 0, of either sign, in elements that are not reached.
  const Array& numbers() const { return elements_; }
  /// Whether some element is not reached. Cost: at most one pass, the first time.
  bool is_partial() const;
  /// 1 in elements that are reached, else 0; a null array if all elements are reached.
  Array reached() const;

  Adjoint times(const Array& factor) const;
  Adjoint times(double factor) const;
  Adjoint plus(const Adjoint& other) const;
  /// The same adjoint where the mask, which broadcasts, is not 0; elsewhere not reached.
  Adjoint only_where(const Array& mask) const;
  /// The result of a rearranging rule.
  template <class Rule>
  Adjoint rearranged(const typename Rule::Parameters& p) const;

 private:
  friend detail::AdjointAccess;
  /// What is known of the marks: elements that are not reached are marked by `untouched`.
  enum class Marks : unsigned char {
    not_written,  // no element is marked yet
    not_counted,  // the marks are written; there may be none
    none,         // every element is reached
    some
  };

  /// The elements, with marks.
  const Array& marked() const {
    if (marks_ == Marks::not_written) mark();
    return elements_;
  }
  void mark() const;

  mutable Array elements_;
  mutable detail::ReachedLines lines_;  // without a factor: everything is reached
  mutable Marks marks_ = Marks::not_counted;
};

namespace detail {

/// For passes that add to adjoints in place: access to the elements, in which core/untouched.hpp
/// marks those that are not reached.
struct AdjointAccess {
  static Array& elements(Adjoint<Array>& adjoint) {
    adjoint.marked();
    adjoint.marks_ = Adjoint<Array>::Marks::not_counted;
    return adjoint.elements_;
  }
  static const Array& elements(const Adjoint<Array>& adjoint) { return adjoint.marked(); }
  /// Moves out the numbers, in which elements that are not reached may be 0 of either sign.
  static Array take_numbers(Adjoint<Array>& adjoint) { return std::move(adjoint.elements_); }
  static Adjoint<Array> from_elements(Array elements) {
    Adjoint<Array> adjoint;
    adjoint.elements_ = std::move(elements);
    return adjoint;
  }
};

/// Rules whose parameters have a fill value, and the parameters with another fill value.
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

/// Whether x is an adjoint from which some element of a product can stay unreached. An adjoint
/// without elements reaches nothing.
template <class T>
bool is_partial([[maybe_unused]] const T& x) {
  if constexpr (is_adjoint<T>)
    return x.is_partial() || x.size() == 0;
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
/// Whether all elements are finite; adjoints are not factors and count as finite.
bool is_finite_factor(const Array& x);
template <class T>
bool is_finite_factor(const T& x) {
  if constexpr (is_adjoint<T>)
    return true;
  else
    return is_finite_factor(elements_of(x));
}
/// The mask of an adjoint; ones for any other operand.
template <class T>
Array mask_or_ones(const T& x) {
  if constexpr (is_adjoint<T>) {
    const Array& mask = x.reached();
    return mask.is_null() ? ones_like(elements_of(x.numbers())) : mask;
  } else {
    return ones_like(elements_of(x));
  }
}
/// 1 where the numbers are not 0, else 0; a null array if none is 0.
Array mask_of(const Array& numbers);

}  // namespace detail

template <class Rule>
Adjoint<Array> Adjoint<Array>::rearranged(const typename Rule::Parameters& p) const {
  if constexpr (detail::Filling<typename Rule::Parameters>)
    return detail::AdjointAccess::from_elements(
        Rule::value(detail::filled_with(p, detail::untouched), marked()));
  else
    return detail::AdjointAccess::from_elements(Rule::value(p, marked()));
}

/// Runs rules on adjoints. The default is safe: a structural rule that is neither rearranging nor
/// declares which elements it reaches is assumed to reach every element. A rule can declare:
///
///   static Array reached(p, x...)    the mask of the result: numbers above 0 in elements that are
///                                    reached. The operands are the mask of the adjoint, and ones
///                                    for the other operands
///   static auto separately(p, x...)  the same product, but each element of the adjoint is
///                                    multiplied separately. Used if a factor is infinite or NaN
///                                    and some element of the adjoint is not reached
///   static std::optional<detail::ReachedLines> reached_lines(p, x...)
///                                    optional: which rows or columns of the result are reached,
///                                    at a lower cost than reached(). Nothing if that must decide
///   static bool rounds_factors(p)    optional: whether a finite factor can become infinite within
///                                    the product, which then writes marks at once
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
      T numbers = Interpreter<T>::template structural<Rule>(p, detail::numbers_in(x)...);
      if constexpr (requires { Rule::reached(p, detail::mask_or_ones(x)...); }) {
        if (!is_partial) return Adjoint<T>(std::move(numbers));
        if constexpr (std::is_same_v<T, Array> && requires { Rule::reached_lines(p, x...); })
          if (std::optional<detail::ReachedLines> lines = Rule::reached_lines(p, x...))
            return product_of_lines<Rule>(p, std::move(numbers), std::move(*lines));
        const Array mask = detail::mask_of(Rule::reached(p, detail::mask_or_ones(x)...));
        if (!mask.is_null()) return Adjoint<T>(std::move(numbers)).only_where(mask);
      }
      return Adjoint<T>(std::move(numbers));
    }
  }

 private:
  template <class Rule>
  static Adjoint<T> product_of_lines(const typename Rule::Parameters& p, T numbers,
                                     detail::ReachedLines lines) {
    Adjoint<T> product(std::move(numbers), std::move(lines));
    if constexpr (requires { Rule::rounds_factors(p); })
      if (Rule::rounds_factors(p)) detail::AdjointAccess::elements(product);
    return product;
  }
  static Adjoint<T> product(const Adjoint<T>& a, const auto& x) { return a.times(x); }
  static Adjoint<T> product(const auto& x, const Adjoint<T>& a) { return a.times(x); }
  static Adjoint<T> quotient(const Adjoint<T>& a, const auto& x) { return a.times(1.0 / x); }
  static Adjoint<T> sum(const Adjoint<T>& a, const Adjoint<T>& b) { return a.plus(b); }
  static Adjoint<T> difference(const Adjoint<T>& a, const Adjoint<T>& b) {
    return a.plus(b.times(-1.0));
  }
};

/// The adjoint where the condition holds; elsewhere not reached.
template <class T>
Adjoint<T> only_where(const Mask& mask, const Adjoint<T>& adjoint) {
  return adjoint.only_where(mask.values());
}

}  // namespace chainrule
