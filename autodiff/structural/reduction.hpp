// Reductions: operations that combine the elements along some axes into one. `axes` is a list that
// may be empty and whose negative entries count from the end; the default is every axis. With
// keepdims, each reduced axis remains with size 1. docs/conventions.md describes points at which a
// formula is not differentiable or has no value.
#pragma once

#include <string>

#include "autodiff/core/axis_list.hpp"
#include "autodiff/core/structural.hpp"
#include "autodiff/structural/adjoint.hpp"

namespace chainrule {

class Indices;

namespace detail {
/// The parameters of most reductions.
struct Reduced {
  AxisList axes;
  bool keepdims = false;
};
/// "axes=[0, 1], keepdims", or nothing if every axis is reduced.
std::string describe_reduction(const Reduced& p);
/// How many elements of a shape are combined into one. Throws ShapeError as AxisList::of does.
std::int64_t reduced_count(const Shape& shape, const AxisList& axes, const char* operation);
}  // namespace detail

namespace rules {
template <int operands>
struct Reducing : Structural<operands> {
  using Parameters = detail::Reduced;
  static std::string describe(const detail::Reduced& p) { return detail::describe_reduction(p); }
};
}  // namespace rules

namespace rules {
/// Repeats the result of a reduction along the reduced axes, with or without keepdims: the adjoint
/// of sum(). A view, at no cost.
struct Spread : Rearranging {
  static constexpr Notation notation = library_call("spread");
  struct Parameters {
    Shape shape;  ///< of the result
    AxisList axes;
  };
  static Array value(const Parameters& p, const Array& x);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& x, const T&, const Adjoint<T>& adjoint);
};
}  // namespace rules
namespace detail {
template <Tensorial T, class Like>
T spread(const T& x, const Like& like, const AxisList& axes) {
  return apply<rules::Spread>({Shape(like.shape()), axes}, x);
}
}  // namespace detail

namespace rules {
/// np.sum. The sum of no elements is 0. float32 elements are added in blocks, and the sums of the
/// blocks in double.
struct Sum : Rearranging {
  static constexpr Notation notation = library_call("sum");
  struct Parameters : detail::Reduced {
    double fill = 0.0;  ///< the sum of no elements
  };
  static std::string describe(const Parameters& p) { return detail::describe_reduction(p); }
  static Array value(const Parameters& p, const Array& x);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& x, const T&, const Adjoint<T>& adjoint) {
    return detail::spread(adjoint, x, p.axes);
  }
};
}  // namespace rules
template <Tensorial T>
T sum(const T& x, const AxisList& axes = all_axes, bool keepdims = false) {
  return apply<rules::Sum>({{axes, keepdims}}, x);
}

template <Tensorial T>
Adjoint<T> rules::Spread::dx(const Parameters& p, const T& x, const T&, const Adjoint<T>& adjoint) {
  return apply<rules::Sum>({{p.axes, x.rank() == p.shape.size()}}, adjoint);
}

namespace detail {
/// Extends a mask to whole groups along the axes: at least 1 in all elements of a group in which
/// the mask is not 0 somewhere.
inline Array whole_groups(const Array& mask, const AxisList& axes) {
  return spread(sum(mask, axes, true), mask, axes);
}
}  // namespace detail

namespace rules {
/// np.mean; NaN if there are no elements.
struct Mean : Reducing<1> {
  static constexpr Notation notation = library_call("mean");
  static Array value(const Parameters& p, const Array& x);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& x, const T&, const Adjoint<T>& adjoint) {
    const auto count = detail::reduced_count(Shape(x.shape()), p.axes, "mean");
    return detail::spread(adjoint / static_cast<double>(count), x, p.axes);
  }
};
}  // namespace rules
template <Tensorial T>
T mean(const T& x, const AxisList& axes = all_axes, bool keepdims = false) {
  return apply<rules::Mean>({axes, keepdims}, x);
}

namespace detail {
/// The adjoint, divided evenly among the elements of x that equal their result.
template <Tensorial T>
Adjoint<T> share_among_ties(const Reduced& p, const T& x, const T& result,
                            const Adjoint<T>& adjoint) {
  // The comparison uses plain numbers, since no derivative flows through the choice.
  const auto ties = detail::elements_of(x) == spread(detail::elements_of(result), x, p.axes);
  return only_where(ties, spread(adjoint / sum(ties.values(), p.axes, p.keepdims), x, p.axes));
}
}  // namespace detail

namespace rules {
/// np.amax: NaN if an element is NaN. Equal largest elements share the derivative evenly. Throws
/// ShapeError if there are no elements.
struct Amax : Reducing<1> {
  static constexpr Notation notation = library_call("amax");
  static Array value(const Parameters& p, const Array& x);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& x, const T& result,
                       const Adjoint<T>& adjoint) {
    return detail::share_among_ties(p, x, result, adjoint);
  }
};
}  // namespace rules
template <Tensorial T>
T amax(const T& x, const AxisList& axes = all_axes, bool keepdims = false) {
  return apply<rules::Amax>({axes, keepdims}, x);
}

namespace rules {
/// np.amin, otherwise like amax.
struct Amin : Reducing<1> {
  static constexpr Notation notation = library_call("amin");
  static Array value(const Parameters& p, const Array& x);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& x, const T& result,
                       const Adjoint<T>& adjoint) {
    return detail::share_among_ties(p, x, result, adjoint);
  }
};
}  // namespace rules
template <Tensorial T>
T amin(const T& x, const AxisList& axes = all_axes, bool keepdims = false) {
  return apply<rules::Amin>({axes, keepdims}, x);
}

namespace detail {
/// The index along an axis of the largest (with `least`, the smallest) element: the first of
/// several, or the first NaN. Throws ShapeError if there are no elements.
Indices extreme_index(const Array& x, std::int64_t axis, bool least);
/// 1 at that index in each row along the axis, else 0.
Array extreme_mask(const Array& x, std::int64_t axis, bool least);
}  // namespace detail

/// np.argmax; the shape is that of x without the axis.
template <Tensorial T>
auto argmax(const T& x, std::int64_t axis) {
  return detail::extreme_index(detail::elements_of(x), axis, false);
}
/// np.argmin; the shape is that of x without the axis.
template <Tensorial T>
auto argmin(const T& x, std::int64_t axis) {
  return detail::extreme_index(detail::elements_of(x), axis, true);
}

namespace rules {
/// The largest element along one axis. Of several equal ones the first gets the derivative.
struct MaxAlong : Structural<1> {
  static constexpr Notation notation = library_call("max_along");
  struct Parameters {
    std::int64_t axis;
    bool keepdims = false;
  };
  static std::string describe(const Parameters& p) {
    return detail::describe_reduction({p.axis, p.keepdims});
  }
  static Array value(const Parameters& p, const Array& x);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& x, const T&, const Adjoint<T>& adjoint) {
    const auto first = detail::extreme_mask(detail::elements_of(x), p.axis, false);
    return only_where(Mask(first), detail::spread(adjoint, x, p.axis));
  }
};
}  // namespace rules
template <Tensorial T>
T max_along(const T& x, std::int64_t axis, bool keepdims = false) {
  return apply<rules::MaxAlong>({axis, keepdims}, x);
}

namespace rules {
/// The smallest element along one axis, otherwise like max_along.
struct MinAlong : Structural<1> {
  static constexpr Notation notation = library_call("min_along");
  using Parameters = MaxAlong::Parameters;
  static std::string describe(const Parameters& p) { return MaxAlong::describe(p); }
  static Array value(const Parameters& p, const Array& x);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& x, const T&, const Adjoint<T>& adjoint) {
    const auto first = detail::extreme_mask(detail::elements_of(x), p.axis, true);
    return only_where(Mask(first), detail::spread(adjoint, x, p.axis));
  }
};
}  // namespace rules
template <Tensorial T>
T min_along(const T& x, std::int64_t axis, bool keepdims = false) {
  return apply<rules::MinAlong>({axis, keepdims}, x);
}

namespace rules {
using Reductions = RuleList<Spread, Sum, Mean, Amax, Amin, MaxAlong, MinAlong>;
}  // namespace rules

}  // namespace chainrule
