#include "autodiff/structural/slicing.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "autodiff/core/error.hpp"
#include "autodiff/kernels/elements.hpp"
#include "autodiff/kernels/walk.hpp"
#include "autodiff/rules/arithmetic.hpp"

namespace chainrule {
namespace {

/// The elements of an axis that a slice selects.
struct Range {
  std::int64_t start, step, size;
};

/// Python's rules: slice.indices().
Range range_of(const Slice& slice, std::int64_t size) {
  // One more than the smallest number, so that it can be negated.
  const std::int64_t step = std::max(slice.step, std::numeric_limits<std::int64_t>::min() + 1);
  const std::int64_t first = step > 0 ? 0 : -1, last = step > 0 ? size : size - 1;
  const auto bound = [&](std::int64_t given, std::int64_t otherwise) {
    if (given == Slice::none) return otherwise;
    return given < 0 ? std::max(given + size, first) : std::min(given, last);
  };
  const std::int64_t start = bound(slice.start, step > 0 ? first : last);
  const std::int64_t stop = bound(slice.stop, step > 0 ? last : first);
  const std::int64_t distance = step > 0 ? stop - start : start - stop;
  if (distance <= 0) return {0, 1, 0};
  const std::int64_t count = (distance - 1) / (step > 0 ? step : -step) + 1;
  return {start, count == 1 ? 1 : step, count};
}

void resolve(const Slice& slice, std::size_t axis, const Shape& shape,
             rules::Slicing::Parameters& p) {
  if (slice.step == 0)
    throw ShapeError(
        fmt::format("slice: the step along axis {} of shape {} is 0. Use a step other than 0.",
                    axis, text_of(shape)));
  const Range range = range_of(slice, shape[axis]);
  p.starts[axis] = range.start;
  p.steps[axis] = range.step;
  p.shape[axis] = range.size;
}

rules::Slicing::Parameters whole(const Shape& shape) {
  return {Extents::filled(shape.size(), 0), Extents::filled(shape.size(), 1), shape};
}

/// Throws unless the `piece` that begins at `starts` lies within `all`.
void check_within(const Shape& all, const Extents& starts, const Extents& steps, const Shape& piece,
                  const char* operation) {
  bool fits =
      starts.size() == all.size() && steps.size() == all.size() && piece.size() == all.size();
  for (std::size_t i = 0; fits && i < all.size(); ++i) {
    if (piece[i] == 0) continue;
    const std::int64_t remaining = steps[i] > 0 ? all[i] - 1 - starts[i] : starts[i];
    const std::int64_t step = steps[i] > 0 ? steps[i] : -steps[i];
    fits = starts[i] >= 0 && starts[i] < all[i] && step > 0 && piece[i] - 1 <= remaining / step;
  }
  if (!fits)
    throw ShapeError(fmt::format("{}: a piece of shape {} from {} in steps of {} is not within {}",
                                 operation, text_of(piece), text_of(starts), text_of(steps),
                                 text_of(all)));
}

/// The strides of a piece of an array, and the offset of its first element.
struct PieceStrides {
  std::int64_t offset = 0;
  Extents strides;

  template <class Parameters>
  PieceStrides(const Array& whole, const Parameters& p) : strides(whole.strides()) {
    for (std::size_t i = 0; i < strides.size(); ++i) {
      offset += p.starts[i] * strides[i];
      strides[i] *= p.steps[i];
    }
  }
};

}  // namespace

namespace detail {

rules::Slicing::Parameters resolved(std::span<const Slice> slices, const Shape& shape) {
  if (slices.size() > shape.size())
    throw ShapeError(fmt::format("slice: {} slices for the {} axes of shape {}", slices.size(),
                                 shape.size(), text_of(shape)));
  rules::Slicing::Parameters p = whole(shape);
  for (std::size_t i = 0; i < slices.size(); ++i) resolve(slices[i], i, shape, p);
  return p;
}

rules::Slicing::Parameters resolved(std::int64_t axis, const Slice& slice, const Shape& shape) {
  rules::Slicing::Parameters p = whole(shape);
  resolve(slice, axis_of(axis, shape.size(), "slice"), shape, p);
  return p;
}

rules::Pad::Parameters padding(const Shape& shape, const Extents& before, const Extents& after,
                               double value) {
  if (before.size() != shape.size() || after.size() != shape.size())
    throw ShapeError(
        fmt::format("pad: {} before and {} after do not give one number for each axis of shape {}",
                    text_of(before), text_of(after), text_of(shape)));
  rules::Pad::Parameters p{before, Extents::filled(shape.size(), 1), shape, value};
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (before[i] < 0 || after[i] < 0)
      throw ShapeError(fmt::format(
          "pad: {} before and {} after axis {}: a size is negative. Use slice() to remove "
          "elements.",
          before[i], after[i], i));
    constexpr std::int64_t limit = std::int64_t{1} << 60;  // so the sum of three cannot overflow
    p.shape[i] += std::min(before[i], limit) + std::min(after[i], limit);
  }
  element_count(p.shape, "pad");
  return p;
}

std::vector<std::int64_t> bounds_of_split(const Shape& shape, const Extents& sizes,
                                          std::int64_t axis) {
  const std::int64_t size = shape[axis_of(axis, shape.size(), "split")];
  std::vector<std::int64_t> bounds = {0};
  for (const std::int64_t piece : sizes) {
    if (piece < 0 || piece > size - bounds.back()) break;
    bounds.push_back(bounds.back() + piece);
  }
  if (bounds.size() != sizes.size() + 1 || bounds.back() != size)
    throw ShapeError(fmt::format(
        "split: the sizes {} must be at least 0 and add up to {}, the size of axis {} of shape {}",
        text_of(sizes), size, axis, text_of(shape)));
  return bounds;
}

}  // namespace detail

Array rules::Slicing::value(const Parameters& p, const Array& x) {
  check_within(Shape(x.shape()), p.starts, p.steps, p.shape, "slice");
  if (x.has_shape(p.shape) &&
      std::all_of(p.steps.begin(), p.steps.end(), [](auto s) { return s == 1; }))
    return x;
  const PieceStrides piece(x, p);
  return x.view(p.shape, piece.strides, element_count(p.shape, "slice") == 0 ? 0 : piece.offset);
}

void rules::Slicing::add_adjoint(const Parameters& p, const Array& adjoint, Array& sum) {
  if (adjoint.size() == 0) return;
  const PieceStrides piece(sum, p);
  const Array next = sum.view(p.shape, piece.strides, piece.offset) + adjoint;
  copy_elements(next, element_address(sum, piece.offset), piece.strides);
}

std::string rules::Slicing::describe(const Parameters& p) {
  return fmt::format("from {} in steps of {}", text_of(p.starts), text_of(p.steps));
}

Array rules::Pad::value(const Parameters& p, const Array& x) {
  check_within(p.shape, p.starts, p.steps, Shape(x.shape()), "pad");
  Array result = Array::filled(x.dtype(), p.shape, p.fill);
  if (x.size() == 0) return result;
  const PieceStrides piece(result, p);
  copy_elements(x, element_address(result, piece.offset), piece.strides);
  return result;
}

std::string rules::Pad::describe(const Parameters& p) {
  return fmt::format("{} into {}", text_of(p.starts), text_of(p.shape));
}

Array rules::Roll::value(const Parameters& p, const Array& x) {
  const std::size_t axis = axis_of(p.axis, x.rank(), "roll");
  const std::int64_t size = x.shape(axis);
  if (size == 0) return x;
  const std::int64_t shift = (p.shift % size + size) % size;
  if (shift == 0) return x;
  Array result = Array::like(x);
  const Extents strides(result.strides());
  copy_elements(part_of(x, axis, 0, size - shift), element_address(result, shift * strides[axis]),
                strides);
  copy_elements(part_of(x, axis, size - shift, shift), result.mutable_data(), strides);
  return result;
}

std::string rules::Roll::describe(const Parameters& p) {
  return fmt::format("by {}, axis={}", p.shift, p.axis);
}

}  // namespace chainrule
