#include "autodiff/structural/joining.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "autodiff/core/error.hpp"
#include "autodiff/kernels/walk.hpp"

namespace chainrule {
namespace {

/// Throws unless there is an operand, and all have the element type and shape of the first. Along
/// the axis `free_axis` (-1: none) the sizes may differ.
void check_alike(OperandList<Array> x, std::int64_t free_axis, const char* operation) {
  if (x.empty()) throw ShapeError(fmt::format("{}: there are no tensors to join", operation));
  for (std::size_t k = 1; k < x.size(); ++k) {
    check_same_type(operation, *x[0], *x[k]);
    Shape expected(x[0]->shape());
    if (free_axis >= 0 && x[k]->rank() == x[0]->rank()) {
      const auto axis = static_cast<std::size_t>(free_axis);
      expected[axis] = x[k]->shape(axis);
    }
    if (!x[k]->has_shape(expected))
      throw ShapeError(fmt::format(
          "{}: tensor {} has shape {}, the first {}. {}", operation, k,
          text_of(Shape(x[k]->shape())), text_of(Shape(x[0]->shape())),
          free_axis >= 0 ? fmt::format("Shapes may differ along axis {} only.", free_axis)
                         : "Their shapes must be equal."));
  }
}

/// Copies the operands one after the other along an axis of the result.
void copy_joined(OperandList<Array> x, Array& result, std::size_t axis, bool axis_is_new) {
  const Extents all(result.strides());
  Extents strides = all;
  if (axis_is_new) strides.erase(axis);
  std::int64_t start = 0;
  for (const Array* operand : x) {
    const std::int64_t size = axis_is_new ? 1 : operand->shape(axis);
    if (operand->size() > 0)
      copy_elements(*operand, element_address(result, start * all[axis]), strides);
    start += size;
  }
}

}  // namespace

rules::Concat::Parameters detail::concat_parameters(std::span<const Shape> shapes,
                                                    std::int64_t axis) {
  rules::Concat::Parameters p{axis, Extents::filled(shapes.size(), 0)};
  constexpr std::int64_t limit = std::int64_t{1} << 60;  // so that the next sum cannot overflow
  std::int64_t end = 0;
  for (std::size_t k = 0; k < shapes.size(); ++k) {
    const auto rank = static_cast<std::int64_t>(shapes[k].size());
    const std::int64_t from_front = axis < 0 ? axis + rank : axis;
    if (from_front >= 0 && from_front < rank)
      end = std::min(limit, end + shapes[k][static_cast<std::size_t>(from_front)]);
    p.ends[k] = end;
  }
  return p;
}

Array rules::Concat::value(const Parameters& p, OperandList<Array> x) {
  if (!x.empty() && x[0]->rank() == 0)
    throw ShapeError("concat: a tensor of rank 0 has no axis to join along. Use stack().");
  const std::size_t axis = x.empty() ? 0 : axis_of(p.axis, x[0]->rank(), "concat");
  check_alike(x, static_cast<std::int64_t>(axis), "concat");
  if (x.size() == 1) return *x[0];
  Shape shape(x[0]->shape());
  for (std::size_t k = 1; k < x.size(); ++k) {
    shape[axis] += x[k]->shape(axis);
    element_count(shape, "concat");
  }
  Array result = Array::uninitialised(x[0]->dtype(), shape);
  copy_joined(x, result, axis, false);
  return result;
}

std::string rules::Concat::describe(const Parameters& p) { return fmt::format("axis={}", p.axis); }

Array rules::Stack::value(const Parameters& p, OperandList<Array> x) {
  check_alike(x, -1, "stack");
  const std::size_t axis = axis_of(p.axis, x[0]->rank() + 1, "stack");
  Shape shape(x[0]->shape());
  shape.insert(axis, static_cast<std::int64_t>(x.size()));
  element_count(shape, "stack");
  Array result = Array::uninitialised(x[0]->dtype(), shape);
  copy_joined(x, result, axis, true);
  return result;
}

std::string rules::Stack::describe(const Parameters& p) { return fmt::format("axis={}", p.axis); }

}  // namespace chainrule
