#include "autodiff/structural/ordering.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "autodiff/core/bits.hpp"
#include "autodiff/core/error.hpp"
#include "autodiff/kernels/reduce.hpp"
#include "autodiff/structural/operands.hpp"

namespace chainrule::detail {
namespace {

/// An integer that orders as x does, with NaN as the largest and both zeros equal. The bits of
/// positive numbers are in order, those of negative numbers in reverse order.
std::uint64_t order_key(double x) {
  constexpr std::uint64_t sign = std::uint64_t{1} << 63;
  if (x != x) return ~std::uint64_t{0};
  const std::uint64_t bits = bits_of(x == 0.0 ? 0.0 : x);
  return (bits & sign) != 0 ? ~bits : bits | sign;
}

/// Makes `count` indices for each row of elements along an axis. Calls f(row, out, step) for each
/// row, which writes the indices to out[0], out[step], ...
template <class F>
Indices indices_of_rows(const Array& x, std::size_t axis, std::int64_t count, F f) {
  Shape shape(x.shape());
  shape[axis] = count;
  Indices indices = Indices::uninitialised(shape);
  if (indices.size() == 0) return indices;
  std::int64_t step = 1;
  for (std::size_t i = axis + 1; i < shape.size(); ++i) step *= shape[i];
  const RowsAlong rows(x, {static_cast<std::int64_t>(axis)});
  with_type(x.dtype(), [&](auto zero) {
    const auto* row = rows.matrix.template data_as<decltype(zero)>();
    for (std::int64_t r = 0; r < static_cast<std::int64_t>(rows.rows); ++r, row += rows.columns)
      f(row, indices.mutable_data() + r / step * count * step + r % step, step);
  });
  return indices;
}

std::size_t checked_axis(const Array& x, std::int64_t axis, const char* operation) {
  if (x.is_null()) throw_unassigned(operation);
  return axis_of(axis, x.rank(), operation);
}

}  // namespace

Indices first_in_order(const Array& x, std::int64_t axis, std::optional<std::int64_t> count,
                       bool descending, const char* operation) {
  const std::size_t along = checked_axis(x, axis, operation);
  const std::int64_t size = x.shape(along), taken = count.value_or(size);
  if (taken < 0 || taken > size)
    throw ShapeError(
        fmt::format("{}: {} elements cannot be taken along axis {} of shape {}, which has {}",
                    operation, taken, along, text_of(Shape(x.shape())), size));
  // With the index as a second key no two are equal, so any sorting algorithm is stable.
  std::vector<std::pair<std::uint64_t, std::int64_t>> keys(static_cast<std::size_t>(size));
  return indices_of_rows(x, along, taken, [&](const auto* row, std::int64_t* out, auto step) {
    for (std::int64_t i = 0; i < size; ++i) {
      const std::uint64_t key = order_key(static_cast<double>(row[i]));
      keys[static_cast<std::size_t>(i)] = {descending ? ~key : key, i};
    }
    if (taken == size)
      std::sort(keys.begin(), keys.end());
    else
      std::partial_sort(keys.begin(), keys.begin() + taken, keys.end());
    for (std::int64_t i = 0; i < taken; ++i)
      out[i * step] = keys[static_cast<std::size_t>(i)].second;
  });
}

Indices running_extreme(const Array& x, std::int64_t axis, bool least, const char* operation) {
  const std::size_t along = checked_axis(x, axis, operation);
  const std::int64_t size = x.shape(along);
  return indices_of_rows(x, along, size, [&](const auto* row, std::int64_t* out, auto step) {
    // The smallest number is the largest of their negatives. NaN is the largest in both cases.
    const auto key_at = [&](std::int64_t i) {
      const auto number = static_cast<double>(row[i]);
      return order_key(least ? -number : number);
    };
    std::int64_t best = 0;
    std::uint64_t best_key = key_at(0);
    for (std::int64_t i = 0; i < size; ++i) {
      const std::uint64_t key = key_at(i);
      if (key > best_key) {
        best = i;
        best_key = key;
      }
      out[i * step] = best;
    }
  });
}

}  // namespace chainrule::detail
