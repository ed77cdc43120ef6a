// Slices of a tensor, and padding.
#pragma once

#include <initializer_list>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "autodiff/structural/arrangement.hpp"

namespace chainrule {

/// start:stop:step along one axis, as in NumPy: a negative bound counts from the end, a bound
/// beyond an end is clamped to it, and a negative step runs backwards. Slice{} is the whole axis,
/// Slice{1} all but the first element, Slice{0, -1} all but the last, Slice{none, none, -1} all in
/// reverse.
struct Slice {
  /// Marks a bound as omitted.
  static constexpr std::int64_t none = std::numeric_limits<std::int64_t>::min();
  std::int64_t start = none;
  std::int64_t stop = none;
  std::int64_t step = 1;
};

namespace rules {
/// Elements start, start + step, ... along each axis: a view.
struct Slicing : Rearranging {
  static constexpr Notation notation = library_call("slice");
  struct Parameters {
    Extents starts, steps;  ///< counted from the front; one for each axis
    Shape shape;            ///< of the result
  };
  static Array value(const Parameters& p, const Array& x);
  static std::string describe(const Parameters& p);
  static void add_adjoint(const Parameters& p, const Array& adjoint, Array& sum);
};

/// A tensor filled with `fill`, except for the elements of x at start, start + step, ... along each
/// axis.
struct Pad : Rearranging {
  static constexpr Notation notation = library_call("pad");
  struct Parameters {
    Extents starts, steps;
    Shape shape;  ///< of the result
    double fill = 0.0;
  };
  static Array value(const Parameters& p, const Array& x);
  static std::string describe(const Parameters& p);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& x, const T&, const Adjoint<T>& adjoint) {
    return apply<Slicing>({p.starts, p.steps, Shape(x.shape())}, adjoint);
  }
};
}  // namespace rules

namespace rules {
/// Shifts the elements along one axis; those that leave at one end enter at the other.
struct Roll : Rearranging {
  static constexpr Notation notation = library_call("roll");
  struct Parameters {
    std::int64_t shift, axis;
  };
  static Array value(const Parameters& p, const Array& x);
  static std::string describe(const Parameters& p);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& x, const T&, const Adjoint<T>& adjoint) {
    const Shape shape(x.shape());
    const std::int64_t size = shape[axis_of(p.axis, shape.size(), "roll")];
    return apply<Roll>({size == 0 ? 0 : -(p.shift % size), p.axis}, adjoint);
  }
};
}  // namespace rules

namespace detail {
rules::Slicing::Parameters resolved(std::span<const Slice> slices, const Shape& shape);
rules::Slicing::Parameters resolved(std::int64_t axis, const Slice& slice, const Shape& shape);
rules::Pad::Parameters padding(const Shape& shape, const Extents& before, const Extents& after,
                               double value);
/// The start of each piece of a split, and the end of the last one.
std::vector<std::int64_t> bounds_of_split(const Shape& shape, const Extents& sizes,
                                          std::int64_t axis);
}  // namespace detail

/// Applies one Slice to each of the leading axes; the other axes stay whole. A view. Throws
/// ShapeError for a step of 0 and for more slices than axes.
template <Tensorial T>
T slice(const T& x, std::span<const Slice> slices) {
  return apply<rules::Slicing>(detail::resolved(slices, detail::shape_of(x, "slice")), x);
}
template <Tensorial T>
T slice(const T& x, std::initializer_list<Slice> slices) {
  return slice(x, std::span<const Slice>(slices.begin(), slices.size()));
}
/// A Slice of one axis. A view.
template <Tensorial T>
T slice(const T& x, std::int64_t axis, const Slice& piece) {
  return apply<rules::Slicing>(detail::resolved(axis, piece, detail::shape_of(x, "slice")), x);
}

/// Adds elements of the given value: before[k] at the start and after[k] at the end of axis k.
/// Throws ShapeError unless there is one number per axis and none is negative. Cost: a copy.
template <Tensorial T>
T pad(const T& x, const Extents& before, const Extents& after, double value = 0.0) {
  return apply<rules::Pad>(detail::padding(detail::shape_of(x, "pad"), before, after, value), x);
}

/// result[(i + shift) mod n] = x[i] along the axis. Cost: a copy.
template <Tensorial T>
T roll(const T& x, std::int64_t shift, std::int64_t axis) {
  return apply<rules::Roll>({shift, axis}, x);
}

/// Pieces of these sizes along an axis: views. Throws ShapeError unless the sizes add up to that of
/// x.
template <Tensorial T>
std::vector<T> split(const T& x, const Extents& sizes, std::int64_t axis = 0) {
  const auto bounds = detail::bounds_of_split(detail::shape_of(x, "split"), sizes, axis);
  std::vector<T> pieces;
  pieces.reserve(sizes.size());
  for (std::size_t i = 0; i < sizes.size(); ++i)
    pieces.push_back(slice(x, axis, Slice{bounds[i], bounds[i + 1]}));
  return pieces;
}

namespace rules {
using Pieces = RuleList<Slicing, Pad, Roll>;
}  // namespace rules

}  // namespace chainrule
