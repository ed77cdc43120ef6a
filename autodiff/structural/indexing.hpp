// Elements chosen by whole numbers. Indices are at least 0 and below the size of their axis; others
// are a ShapeError. Where one is repeated, what it puts is added up.
#pragma once

#include <memory>
#include <string>

#include "autodiff/core/dtype.hpp"
#include "autodiff/core/structural.hpp"
#include "autodiff/structural/adjoint.hpp"

namespace chainrule {

class Indices;

namespace rules {
/// np.take: slabs along one axis, in place of which the axes of the indices stand.
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

/// The slabs of x added to those that the indices name of a tensor filled with one number.
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
    Shape shape;  ///< of the result: that of the indices, or a larger one
    double fill = 0.0;
  };
  static Array value(const Parameters& p, const Array& x);
  static std::string describe(const Parameters& p);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& x, const T&, const Adjoint<T>& adjoint);
};

/// Single elements added along one axis: result[index[i, j], j] += x[i, j] for axis 0 of a matrix.
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

/// np.take(x, indices, axis): the slabs that the indices name, with repeats; the shape of x with
/// that of the indices in the place of the axis. For axis 0 of a table: its rows, an embedding.
/// Cost: a copy; of the adjoint, one addition per element taken and the making of a tensor like x.
template <Tensorial T>
T index_select(const T& x, std::int64_t axis, const Indices& indices) {
  return apply<rules::IndexSelect>({axis, detail::share(indices)}, x);
}

/// What undoes index_select() in a sweep: zeros of that shape, to whose slabs those of x are added.
/// Throws ShapeError unless x has the shape that index_select would give.
template <Tensorial T>
T index_add(const T& x, std::int64_t axis, const Indices& indices, const Shape& shape) {
  return apply<rules::IndexAdd>({axis, detail::share(indices), shape, 0.0}, x);
}

/// result[..., i, ...] = x[..., index[..., i, ...], ...] along the axis, in the shape of the
/// indices, which have the rank of x and are, off the axis, at most as large.
template <Tensorial T>
T gather(const T& x, std::int64_t axis, const Indices& indices) {
  return apply<rules::Gather>({axis, detail::share(indices), detail::shape_of_indices(indices)}, x);
}

/// Zeros of that shape, then result[..., index[i], ...] += x[i] along the axis, for each place i of
/// the indices, which have the rank of x, are nowhere larger than it and, off the axis, at most as
/// large as the result. Sums are made in the order of the places.
template <Tensorial T>
T scatter_add(const T& x, std::int64_t axis, const Indices& indices, const Shape& shape) {
  return apply<rules::ScatterAdd>({axis, detail::share(indices), shape, 0.0}, x);
}

/// 1 at each index and 0 elsewhere, along a new last axis of that size: a constant.
Array one_hot(const Indices& indices, std::int64_t classes, DType dtype = DType::float64);

namespace rules {
using Indexing = RuleList<IndexSelect, IndexAdd, Gather, ScatterAdd>;
}  // namespace rules

}  // namespace chainrule
