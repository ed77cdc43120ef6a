// Elements of another type, elements chosen by a mask, and the same elements as a constant.
#pragma once

#include "autodiff/rules/piecewise.hpp"
#include "autodiff/structural/arrangement.hpp"

namespace chainrule {

namespace rules {
/// The elements in another type.
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

/// The elements in another type, rounded to nearest; the adjoint is converted back. Free if it is
/// the type they have.
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

/// Element by element x where the mask (a Mask, or a tensor or array that is not 0) holds, else y;
/// all three broadcast, and x and y may be numbers. No derivative flows to the mask, nor into what
/// is not chosen, so an infinity or NaN there poisons nothing. Cost: one operation.
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
    // Compared first: a small number must not become 0 in a shorter type.
    if (condition.dtype() != dtype) condition = astype((condition != 0.0).values(), dtype);
    return Interpreter<Leading<X, Y>>::choose(condition, x, y);
  }
}

namespace rules {
using Conversion = RuleList<AsType>;
}  // namespace rules

}  // namespace chainrule
