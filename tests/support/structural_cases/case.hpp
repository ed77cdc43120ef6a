// Building blocks for the cases of structural operations (structural_cases.hpp).
#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "autodiff/autodiff.hpp"
#include "tests/support/tensor_differences.hpp"

namespace chainrule::testing {

struct StructuralCase {
  std::vector<Shape> operands;
  TensorFunction f;
  double low = -2.0, high = 2.0;   ///< range of the random elements
  bool likes_equal_rows = true;    ///< whether f is smooth where two rows are equal
  DifferenceOptions options = {};  ///< set if the case needs options other than the default
};
using StructuralCases = std::vector<StructuralCase>;

/// Shapes of at least the given rank, including random ones, and some without elements.
inline std::vector<Shape> shapes_of_rank(std::size_t least, bool with_empty = true) {
  std::vector<Shape> shapes = {{}, {1}, {3}, {1, 1}, {2, 3}, {3, 1}, {2, 1, 3}};
  if (with_empty) shapes.insert(shapes.end(), {{0}, {0, 2}, {2, 0}, {2, 0, 1}});
  std::mt19937 random(static_cast<unsigned>(7 + least));
  for (int i = 0; i < 3; ++i) {
    Shape shape;
    for (std::size_t axis = 0; axis < std::max<std::size_t>(least, 1 + random() % 3); ++axis)
      shape.push_back(1 + static_cast<std::int64_t>(random() % 3));
    shapes.push_back(shape);
  }
  std::erase_if(shapes, [&](const Shape& shape) { return shape.size() < least; });
  return shapes;
}

/// One case for each shape: f(shape) is the function of one operand.
template <class F>
StructuralCases for_shapes(const std::vector<Shape>& shapes, F f) {
  StructuralCases cases;
  for (const Shape& shape : shapes) cases.push_back({{shape}, f(shape)});
  return cases;
}

/// Various axes, with and without keepdims: f(x, axes, keepdims).
template <class F>
StructuralCases over_axes(F f, bool takes_none = true) {
  StructuralCases cases;
  for (const Shape& shape : shapes_of_rank(0))
    for (const AxisList& axes :
         {all_axes, AxisList{}, AxisList(0), AxisList(-1), AxisList{-1, 0}, AxisList{1}}) {
      const auto rank = static_cast<std::int64_t>(shape.size());
      const Axes& written = axes.written();
      if (std::any_of(written.begin(), written.end(),
                      [&](std::int64_t axis) { return axis >= rank || axis < -rank; }) ||
          (rank == 1 && written.size() == 2))
        continue;
      if (!takes_none && detail::reduced_count(shape, axes, "over_axes") == 0) continue;
      for (const bool keepdims : {false, true})
        cases.push_back({{shape}, [=](const auto& x) { return f(x[0], axes, keepdims); }});
    }
  return cases;
}

/// Along one axis, counted from the front and from the end: f(x, axis).
template <class F>
StructuralCases along_axis(F f, bool takes_none = true) {
  StructuralCases cases;
  for (const Shape& shape : shapes_of_rank(1, takes_none))
    for (const std::int64_t axis : {std::int64_t{0}, std::int64_t{-1}})
      cases.push_back({{shape}, [=](const auto& x) { return f(x[0], axis); }});
  return cases;
}

/// Two operands of the same shape: f(x, y, axis) along each axis.
template <class F>
StructuralCases pairs_along_axis(F f) {
  StructuralCases cases = along_axis([](const Tensor& x, std::int64_t) { return x; });
  for (std::size_t i = 0; i < cases.size(); ++i) {
    cases[i].operands.push_back(cases[i].operands[0]);
    const std::int64_t axis = i % 2 == 0 ? 0 : -1;
    cases[i].f = [=](const auto& x) { return f(x[0], x[1], axis); };
  }
  return cases;
}

inline StructuralCases joined(StructuralCases x, StructuralCases y) {
  x.insert(x.end(), std::make_move_iterator(y.begin()), std::make_move_iterator(y.end()));
  return x;
}
inline StructuralCases in_range(double low, double high, StructuralCases cases) {
  for (StructuralCase& c : cases) {
    c.low = low;
    c.high = high;
  }
  return cases;
}
inline StructuralCases without_equal_rows(StructuralCases cases) {
  for (StructuralCase& c : cases) c.likes_equal_rows = false;
  return cases;
}

inline Indices indices_of(const std::vector<std::int64_t>& values, const Shape& shape) {
  return {std::span<const std::int64_t>(values), shape};
}

template <class Rule>
StructuralCases structural_cases() = delete;  // an operation without cases

}  // namespace chainrule::testing
