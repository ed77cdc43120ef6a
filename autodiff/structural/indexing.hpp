// Elements chosen by integer indices. An index that is negative or not below the size of its axis
// is a ShapeError. Where an index is repeated, the contributions are added.
#pragma once

#include <memory>
#include <string>

#include "autodiff/core/dtype.hpp"
#include "autodiff/core/structural.hpp"
#include "autodiff/structural/adjoint.hpp"

namespace chainrule {

class Indices;

namespace rules {
/// np.take: slabs along one axis. The axes of the indices replace that axis.
struct IndexSelect : Rearranging {
  static constexpr Notation notation = library_call("index_select");
  struct Parameters {
    std::int64_t axis;
    std::shared_ptr<const Indices> indices;
  };
  static Array value(const Parameters& p, const Array& x);
  static std::string describe(const Parameters& p);
  static void add_adjoint(const Parameters& p, const Array& adjoint, Array& sum);
};

/// A tensor filled with `fill`, to which the slabs of x are added at the given indices.
struct IndexAdd : Rearranging {
  static constexpr Notation notation = library_call("index_add");
  struct Parameters {
    std::int64_t axis;
    std::shared_ptr<const Indices> indices;
    Shape shape;  ///< of the result
    double fill = 0.0;
  };
  static Array value(const Parameters& p, const Array& x);
  static std::string describe(const Parameters& p);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T&, const T&, const Adjoint<T>& adjoint) {
    return apply<IndexSelect>({p.axis, p.indices}, adjoint);
  }
};
}  // namespace rules

namespace rules {
/// Single elements along one axis: result[i, j] = x[index[i, j], j] for axis 0 of a matrix.
struct Gather : Rearranging {
  static constexpr Notation notation = library_call("gather");
  struct Parameters {
    std::int64_t axis;
    std::shared_ptr<const Indices> indices;
    Shape shape;  ///< of the result: that of the indices, or larger
    double fill = 0.0;
  };
  static Array value(const Parameters& p, const Array& x);
  static std::string describe(const Parameters& p);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& x, const T&, const Adjoint<T>& adjoint);
};

/// Adds single elements along one axis: result[index[i, j], j] += x[i, j] for axis 0 of a matrix.
struct ScatterAdd : Rearranging {
  static constexpr Notation notation = library_call("scatter_add");
  struct Parameters {
    std::int64_t axis;
    std::shared_ptr<const Indices> indices;
    Shape shape;  ///< of the result
    double fill = 0.0;
  };
  static Array value(const Parameters& p, const Array& x);
  static std::string describe(const Parameters& p);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& x, const T&, const Adjoint<T>& adjoint) {
    return apply<Gather>({p.axis, p.indices, Shape(x.shape())}, adjoint);
  }
};
}  // namespace rules

template <Tensorial T>
Adjoint<T> rules::Gather::dx(const Parameters& p, const T& x, const T&, const Adjoint<T>& adjoint) {
  return apply<rules::ScatterAdd>({p.axis, p.indices, Shape(x.shape())}, adjoint);
}

namespace detail {
std::shared_ptr<const Indices> share(const Indices& indices);
Shape shape_of_indices(const Indices& indices);
}  // namespace detail

/// np.take(x, indices, axis): the slabs at these indices, which may repeat. The shape is that of x
/// with the axis replaced by the axes of the indices. On axis 0 of a table it selects rows, as an
/// embedding does. Cost: a copy; for the adjoint, one addition per selected element, and a new
/// tensor like x.
template <Tensorial T>
T index_select(const T& x, std::int64_t axis, const Indices& indices) {
  return apply<rules::IndexSelect>({axis, detail::share(indices)}, x);
}

/// The adjoint of index_select(): zeros of the given shape, to which the slabs of x are added at
/// the indices. Throws ShapeError unless x has the shape that index_select() would return.
template <Tensorial T>
T index_add(const T& x, std::int64_t axis, const Indices& indices, const Shape& shape) {
  return apply<rules::IndexAdd>({axis, detail::share(indices), shape, 0.0}, x);
}

/// result[..., i, ...] = x[..., index[..., i, ...], ...] along the axis. The result has the shape
/// of the indices. They must have the rank of x and, along the other axes, at most its sizes.
template <Tensorial T>
T gather(const T& x, std::int64_t axis, const Indices& indices) {
  return apply<rules::Gather>({axis, detail::share(indices), detail::shape_of_indices(indices)}, x);
}

/// Zeros of the given shape, then result[..., index[i], ...] += x[i] along the axis, for each
/// position i of the indices. The indices must have the rank of x, at most its sizes, and along the
/// other axes at most the sizes of the result. Sums are formed in the order of the positions.
template <Tensorial T>
T scatter_add(const T& x, std::int64_t axis, const Indices& indices, const Shape& shape) {
  return apply<rules::ScatterAdd>({axis, detail::share(indices), shape, 0.0}, x);
}

/// 1 at each index and 0 elsewhere, along a new last axis of size `classes`. A constant.
Array one_hot(const Indices& indices, std::int64_t classes, DType dtype = DType::float64);

namespace rules {
using Indexing = RuleList<IndexSelect, IndexAdd, Gather, ScatterAdd>;
}  // namespace rules

}  // namespace chainrule
