// Structural operations that only arrange elements: shapes, axes, pieces.
#pragma once

#include "autodiff/core/structural.hpp"

namespace chainrule {

template <Tensorial T>
T expand(const T& x, const Shape& shape);
template <Tensorial T>
T sum_to(const T& x, const Shape& shape);

/// A view of a larger shape, by NumPy's broadcasting rule: np.broadcast_to.
struct Expand : Structural<1> {
  static constexpr Notation notation = library_call("expand");
  struct Parameters {
    Shape shape;
  };
  static Array value(const Parameters& p, const Array& x);
  template <Tensorial T>
  static T dx(const Parameters&, const T& x, const T&, const T& adjoint) {
    return sum_to(adjoint, Shape(x.shape()));
  }
};

/// The sum over the axes that broadcasting a tensor of that shape would stretch: what undoes
/// expand() in a sweep. An element that nothing is summed to but -0.0 stays -0.0.
struct SumTo : Structural<1> {
  static constexpr Notation notation = library_call("sum_to");
  struct Parameters {
    Shape shape;
  };
  static Array value(const Parameters& p, const Array& x);
  template <Tensorial T>
  static T dx(const Parameters&, const T& x, const T&, const T& adjoint) {
    return expand(adjoint, Shape(x.shape()));
  }
};

template <Tensorial T>
T expand(const T& x, const Shape& shape) {
  return apply<Expand>({shape}, x);
}
template <Tensorial T>
T sum_to(const T& x, const Shape& shape) {
  return apply<SumTo>({shape}, x);
}

using Arrangement = RuleList<Expand, SumTo>;

}  // namespace chainrule
