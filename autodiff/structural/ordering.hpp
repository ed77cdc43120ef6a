// Elements in ascending or descending order along an axis, and running extremes. The indices are
// found from the numbers, and gather() takes the elements. So the adjoint of an element of the
// result goes to the element that it was taken from, and nothing flows to elements that were not
// taken.
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
/// The indices of the first `count` elements in order along an axis (of all of them without a
/// count): the shape of x with `count` in place of the size of the axis. Throws ShapeError, naming
/// the operation, if there are not so many.
Indices first_in_order(const Array& x, std::int64_t axis, std::optional<std::int64_t> count,
                       bool descending, const char* operation);
/// For each element the index along the axis of the greatest (or least) element up to it, in the
/// shape of x. From the first NaN on it is that of the NaN.
Indices running_extreme(const Array& x, std::int64_t axis, bool least, const char* operation);
}  // namespace detail

/// np.argsort: the indices that sort() takes the elements by, in the shape of x. Stable. No
/// derivative flows through them. Throws ShapeError for an axis that does not exist; rank 0 has
/// none. Cost: n log n comparisons for n elements along the axis.
template <Tensorial T>
Indices argsort(const T& x, std::int64_t axis = -1, bool descending = false) {
  return detail::first_in_order(detail::elements_of(x), axis, {}, descending, "argsort");
}

/// np.sort: the elements in ascending order along an axis, NaN last; or in descending order, NaN
/// first, as torch.sort. Stable. Throws ShapeError as argsort(). Cost: that of argsort(), and a
/// copy; recorded as one gather().
template <Tensorial T>
T sort(const T& x, std::int64_t axis = -1, bool descending = false) {
  const Indices order =
      detail::first_in_order(detail::elements_of(x), axis, {}, descending, "sort");
  return gather(x, axis, order);
}

/// What topk() gives: auto [values, indices] = topk(x, 3).
template <Tensorial T>
struct TopK {
  T values;
  Indices indices;
};

/// torch.topk: the k greatest elements along an axis in descending order, NaN first; or, where
/// `largest` is false, the k least in ascending order, NaN last. Values and indices have the shape
/// of x with k in place of the size of the axis. Of equal elements those with the smaller indices
/// are taken. Throws ShapeError unless k is between 0 and that size. Cost: n log k comparisons for
/// n elements along the axis; the values are recorded as one gather().
template <Tensorial T>
TopK<T> topk(const T& x, std::int64_t k, std::int64_t axis = -1, bool largest = true) {
  const Indices indices = detail::first_in_order(detail::elements_of(x), axis, k, largest, "topk");
  return {gather(x, axis, indices), indices};
}

/// np.maximum.accumulate: each element replaced by the greatest of those up to it along an axis,
/// and by NaN from the first NaN on. Of equal greatest elements the first has the derivative, as in
/// max_along(). Throws ShapeError for an axis that does not exist. Recorded as one gather().
template <Tensorial T>
T cummax(const T& x, std::int64_t axis) {
  return gather(x, axis, detail::running_extreme(detail::elements_of(x), axis, false, "cummax"));
}

/// np.minimum.accumulate: the least of the elements up to each, otherwise as cummax().
template <Tensorial T>
T cummin(const T& x, std::int64_t axis) {
  return gather(x, axis, detail::running_extreme(detail::elements_of(x), axis, true, "cummin"));
}

}  // namespace chainrule
