// Conversion to another element type, selection by a mask, and detaching from the graph.
#pragma once

#include "autodiff/structural/arrangement.hpp"

namespace chainrule {

namespace rules {
/// Converts the elements to another type.
struct AsType : Structural<1> {
  static constexpr Notation notation = library_call("astype");
  struct Parameters {
    DType dtype;
  };
  static Array value(const Parameters& p, const Array& x);
  static std::string describe(const Parameters& p);
  static Array reached(const Parameters& p, const Array& x) { return value(p, x); }
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters&, const T& x, const T&, const Adjoint<T>& adjoint) {
    return apply<AsType>({x.dtype()}, adjoint);
  }
};
}  // namespace rules

/// Converts the elements to another type, rounding to nearest; the adjoint is converted back. Free
/// if x already has that type.
template <Tensorial T>
T astype(const T& x, DType dtype) {
  if (detail::element_type_of(x, "astype") == dtype) return x;
  return apply<rules::AsType>({dtype}, x);
}

/// The same elements as a constant: no derivative of any order flows through it. Free.
template <Tensorial T>
T detach(const T& x) {
  return detail::elements_of(x);
}

/// Elementwise x where the mask holds (a Mask, or a tensor or array that is not 0), else y. All
/// three broadcast, and x and y may be numbers. No derivative flows to the mask or to elements that
/// are not chosen, so an infinity or NaN there has no effect on the gradient. Cost: one operation.
template <class M, Value X, Value Y>
  requires(Tensorial<X> || Tensorial<Y> || (Number<X> && Number<Y>))
auto where(const M& mask, const X& x, const Y& y) {
  auto condition = detail::elements_of(mask);
  if (condition.is_null()) detail::throw_unassigned("where");
  using Elements = decltype(condition);
  if constexpr (Number<X> && Number<Y>) {
    return Interpreter<Elements>::choose(condition, x, y);
  } else {
    const DType dtype = [&] {
      if constexpr (Tensorial<X>)
        return detail::element_type_of(x, "where");
      else
        return detail::element_type_of(y, "where");
    }();
    // Compare before converting: a small number must not round to 0 in a narrower type.
    if (condition.dtype() != dtype) condition = astype((condition != 0.0).values(), dtype);
    return Interpreter<Leading<X, Y>>::choose(condition, x, y);
  }
}

namespace rules {
using Conversion = RuleList<AsType>;
}  // namespace rules

}  // namespace chainrule
