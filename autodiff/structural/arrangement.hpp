// Structural operations that change only the shape or the order of the axes. All of them return
// views at no cost, except reshapes that strides cannot express.
#pragma once

#include <string>

#include "autodiff/core/dtype.hpp"
#include "autodiff/core/structural.hpp"
#include "autodiff/structural/adjoint.hpp"

namespace chainrule {

template <Tensorial T>
T expand(const T& x, const Shape& shape);
template <Tensorial T>
T sum_to(const T& x, const Shape& shape);
template <Tensorial T>
T reshape(const T& x, const Shape& shape);
template <Tensorial T>
T permute(const T& x, const Axes& order);
template <Tensorial T>
T flip(const T& x, const Axes& axes);

namespace detail {

/// The inverse of a permutation; its axes may be negative.
Axes inverse_order(const Axes& order);
Axes reversed_order(std::size_t rank);
Axes swapped_order(std::int64_t i, std::int64_t j, std::size_t rank);
Shape squeezed(const Shape& shape);
Shape squeezed(const Shape& shape, const Axes& axes);
Shape unsqueezed(const Shape& shape, std::int64_t axis);

}  // namespace detail

namespace rules {
/// A view of a larger shape by NumPy's broadcasting rule, like np.broadcast_to.
struct Expand : Rearranging {
  static constexpr Notation notation = library_call("expand");
  struct Parameters {
    Shape shape;
  };
  static Array value(const Parameters& p, const Array& x);
  static std::string describe(const Parameters& p);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters&, const T& x, const T&, const Adjoint<T>& adjoint) {
    return sum_to(adjoint, Shape(x.shape()));
  }
};

/// The sum over the axes that broadcasting from the given shape would stretch: the adjoint of
/// expand().
struct SumTo : Rearranging {
  static constexpr Notation notation = library_call("sum_to");
  struct Parameters {
    Shape shape;
  };
  static Array value(const Parameters& p, const Array& x);
  static std::string describe(const Parameters& p);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters&, const T& x, const T&, const Adjoint<T>& adjoint) {
    return expand(adjoint, Shape(x.shape()));
  }
};

struct Reshape : Rearranging {
  static constexpr Notation notation = library_call("reshape");
  struct Parameters {
    Shape shape;
  };
  static Array value(const Parameters& p, const Array& x);
  static std::string describe(const Parameters& p);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters&, const T& x, const T&, const Adjoint<T>& adjoint) {
    return reshape(adjoint, Shape(x.shape()));
  }
};

struct Permute : Rearranging {
  static constexpr Notation notation = library_call("permute");
  struct Parameters {
    Axes order;
  };
  static Array value(const Parameters& p, const Array& x);
  static std::string describe(const Parameters& p);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T&, const T&, const Adjoint<T>& adjoint) {
    return permute(adjoint, detail::inverse_order(p.order));
  }
};

struct Flip : Rearranging {
  static constexpr Notation notation = library_call("flip");
  struct Parameters {
    Axes axes;
  };
  static Array value(const Parameters& p, const Array& x);
  static std::string describe(const Parameters& p);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T&, const T&, const Adjoint<T>& adjoint) {
    return flip(adjoint, p.axes);
  }
};
}  // namespace rules

template <Tensorial T>
T expand(const T& x, const Shape& shape) {
  return apply<rules::Expand>({shape}, x);
}
template <Tensorial T>
T sum_to(const T& x, const Shape& shape) {
  return apply<rules::SumTo>({shape}, x);
}

/// The same elements, in row-major order, in another shape. One size may be -1; it is computed from
/// the others. A view if the strides allow it, else a copy. Throws ShapeError if the numbers of
/// elements differ.
template <Tensorial T>
T reshape(const T& x, const Shape& shape) {
  return apply<rules::Reshape>({shape}, x);
}

/// All elements in row-major order, as a tensor of rank 1: reshape(x, {-1}).
template <Tensorial T>
T flatten(const T& x) {
  return reshape(x, Shape{-1});
}

/// NumPy's transpose: axis k of the result is axis order[k] of x. A view. Throws ShapeError unless
/// `order` contains every axis once.
template <Tensorial T>
T permute(const T& x, const Axes& order) {
  return apply<rules::Permute>({order}, x);
}
/// Reverses the order of the axes; for a matrix, this is the transpose. A view.
template <Tensorial T>
T transpose(const T& x) {
  return permute(x, detail::reversed_order(detail::shape_of(x, "transpose").size()));
}
/// Swaps two axes. A view.
template <Tensorial T>
T transpose(const T& x, std::int64_t i, std::int64_t j) {
  return permute(x, detail::swapped_order(i, j, detail::shape_of(x, "transpose").size()));
}

/// Reverses the elements along each of the axes. A view.
template <Tensorial T>
T flip(const T& x, const Axes& axes) {
  return apply<rules::Flip>({axes}, x);
}
template <Tensorial T>
T flip(const T& x, std::int64_t axis) {
  return flip(x, Axes{axis});
}

/// Removes the axes of size 1. A view.
template <Tensorial T>
T squeeze(const T& x) {
  return reshape(x, detail::squeezed(detail::shape_of(x, "squeeze")));
}
/// Removes these axes. A view. Throws ShapeError if one of them is not of size 1.
template <Tensorial T>
T squeeze(const T& x, const Axes& axes) {
  return reshape(x, detail::squeezed(detail::shape_of(x, "squeeze"), axes));
}
template <Tensorial T>
T squeeze(const T& x, std::int64_t axis) {
  return squeeze(x, Axes{axis});
}
/// Inserts an axis of size 1 at this position of the result; -1 is the last position. A view.
template <Tensorial T>
T unsqueeze(const T& x, std::int64_t axis) {
  return reshape(x, detail::unsqueezed(detail::shape_of(x, "unsqueeze"), axis));
}

namespace rules {
using Arrangement = RuleList<Expand, SumTo, Reshape, Permute, Flip>;
}  // namespace rules

}  // namespace chainrule
