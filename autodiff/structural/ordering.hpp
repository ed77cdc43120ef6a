// Sorting along an axis, and running extremes. The indices are computed from the numbers, and
// gather() takes the elements. So the adjoint of an element of the result goes to the element that
// it was taken from, and nothing flows to elements that were not taken.
//
// NaN counts as greater than every number, and as equal to NaN. Of equal elements, such as 0.0 and
// -0.0, the one with the smaller index comes first.
#pragma once

#include <optional>

#include "autodiff/structural/indexing.hpp"
#include "autodiff/structural/operands.hpp"
#include "autodiff/values/indices.hpp"

namespace chainrule {

namespace detail {
/// The indices of the first `count` elements in order along an axis (without a count, of all). The
/// result has the shape of x, with `count` as the size of the axis. Throws ShapeError, with the
/// name of the operation, if there are fewer elements.
Indices first_in_order(const Array& x, std::int64_t axis, std::optional<std::int64_t> count,
                       bool descending, const char* operation);
/// For each element, the index along the axis of the largest (or smallest) element up to it, in the
/// shape of x. From the first NaN on, it is the index of the NaN.
Indices running_extreme(const Array& x, std::int64_t axis, bool least, const char* operation);
}  // namespace detail

/// np.argsort: the indices of the sorted elements, in the shape of x. Stable. No derivative flows
/// through them. Throws ShapeError for an axis that does not exist; a tensor of rank 0 has none.
/// Cost: n log n comparisons for n elements along the axis.
template <Tensorial T>
Indices argsort(const T& x, std::int64_t axis = -1, bool descending = false) {
  return detail::first_in_order(detail::elements_of(x), axis, {}, descending, "argsort");
}

/// np.sort: the elements in ascending order along an axis, NaN last; or, as in torch.sort, in
/// descending order, NaN first. Stable. Throws ShapeError as argsort() does. Cost: that of
/// argsort() and a copy; recorded as one gather().
template <Tensorial T>
T sort(const T& x, std::int64_t axis = -1, bool descending = false) {
  const Indices order =
      detail::first_in_order(detail::elements_of(x), axis, {}, descending, "sort");
  return gather(x, axis, order);
}

/// The result of topk(): auto [values, indices] = topk(x, 3).
template <Tensorial T>
struct TopK {
  T values;
  Indices indices;
};

/// torch.topk: the k largest elements along an axis in descending order, NaN first; or, if
/// `largest` is false, the k smallest in ascending order, NaN last. Values and indices have the
/// shape of x, with k as the size of the axis. Of equal elements, those with the smaller indices
/// are taken. Throws ShapeError unless k is between 0 and that size. Cost: n log k comparisons for
/// n elements along the axis; the values are recorded as one gather().
template <Tensorial T>
TopK<T> topk(const T& x, std::int64_t k, std::int64_t axis = -1, bool largest = true) {
  const Indices indices = detail::first_in_order(detail::elements_of(x), axis, k, largest, "topk");
  return {gather(x, axis, indices), indices};
}

/// np.maximum.accumulate: the largest element up to each position along an axis; NaN from the first
/// NaN on. Of equal largest elements the first one gets the derivative, as in max_along(). Throws
/// ShapeError for an axis that does not exist. Recorded as one gather().
template <Tensorial T>
T cummax(const T& x, std::int64_t axis) {
  return gather(x, axis, detail::running_extreme(detail::elements_of(x), axis, false, "cummax"));
}

/// np.minimum.accumulate: the smallest element up to each position, otherwise like cummax().
template <Tensorial T>
T cummin(const T& x, std::int64_t axis) {
  return gather(x, axis, detail::running_extreme(detail::elements_of(x), axis, true, "cummin"));
}

}  // namespace chainrule
