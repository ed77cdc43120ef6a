#include "autodiff/structural/indexing.hpp"

#include <fmt/format.h>

#include "autodiff/core/error.hpp"
#include "autodiff/kernels/walk.hpp"
#include "autodiff/values/indices.hpp"
#include "autodiff/values/pool.hpp"

// Every operation here has two arrays. In the "chosen" one, indices select positions. The "listed"
// one has, for each position of the indices, the element that was selected or is to be added there.
// index_select() and gather() copy from the chosen array to the listed one; index_add() and
// scatter_add() add the listed array to the chosen one.

namespace chainrule {
namespace detail {

std::shared_ptr<const Indices> share(const Indices& indices) {
  return std::allocate_shared<const Indices>(PoolAllocator<Indices>(), indices);
}
Shape shape_of_indices(const Indices& indices) { return indices.shape(); }

}  // namespace detail

namespace {

std::string described(std::int64_t axis, const Indices& indices) {
  return fmt::format("axis={}, {} indices", axis, text_of(indices.shape()));
}

// ---- Slabs along an axis ------------------------------------------------------------------------

/// The strides within a slab along an axis, and the step from one slab to the next.
struct Slabs {
  Slabs(std::span<const std::int64_t> all, std::size_t axis) : strides(all), step(all[axis]) {
    strides.erase(axis);
  }
  Extents strides;
  std::int64_t step;
};

/// The shape of the selected elements: the shape of the indices replaces the axis.
Shape chosen_shape(const Shape& x, std::size_t axis, const Indices& indices) {
  Shape shape = x;
  shape.erase(axis);
  for (std::size_t i = 0; i < indices.rank(); ++i) shape.insert(axis + i, indices.shape()[i]);
  return shape;
}

/// Calls f(listed element, chosen element) for all elements of slab j of the listed array and slab
/// indices[j] of the chosen array, for each j in order.
template <class A, class B, class F>
void for_each_in_slabs(const Shape& slab, const Indices& indices, A* listed, const Slabs& list,
                       B* chosen, const Slabs& choice, bool indices_run_innermost, F f) {
  const Walk<2> walk(slab, {list.strides, choice.strides});
  const auto row = static_cast<std::int64_t>(walk.row());
  const std::int64_t count = indices.size(), stride = walk.stride(0), jump = walk.stride(1);
  const std::int64_t* const index = indices.data();
  if (indices_run_innermost) {
    walk.for_each_row([&](const auto& offsets) {
      for (std::int64_t i = 0; i < row; ++i) {
        A* const a = listed + offsets[0] + i * stride;
        B* const b = chosen + offsets[1] + i * jump;
        for (std::int64_t j = 0; j < count; ++j) f(a[j * list.step], b[index[j] * choice.step]);
      }
    });
    return;
  }
  for (std::int64_t j = 0; j < count; ++j)
    walk.for_each_row([&](const auto& offsets) {
      A* const a = listed + j * list.step + offsets[0];
      B* const b = chosen + index[j] * choice.step + offsets[1];
      if (stride == 1 && jump == 1)
        for (std::int64_t i = 0; i < row; ++i) f(a[i], b[i]);
      else
        for (std::int64_t i = 0; i < row; ++i) f(a[i * stride], b[i * jump]);
    });
}

/// The same elements with the axes of the indices, the first of which is `axis`, merged into one.
Array with_one_axis(const Array& x, std::size_t axis, const Indices& indices) {
  if (indices.rank() == 1) return x;
  Shape shape(x.shape());
  for (std::size_t i = 0; i < indices.rank(); ++i) shape.erase(axis);
  shape.insert(axis, indices.size());
  return in_shape(x, shape);
}

/// Adds the slabs of x to the slabs of `sum` at the indices.
void add_slabs(std::size_t axis, const Indices& indices, const Array& x, Array& sum) {
  const Array rows = with_one_axis(x, axis, indices);
  Shape slab(sum.shape());
  slab.erase(axis);
  const Slabs list(rows.strides(), axis), choice(sum.strides(), axis);
  with_type(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    for_each_in_slabs(slab, indices, rows.data_as<T>(), list, sum.mutable_data_as<T>(), choice,
                      axis + 1 == sum.rank(), [](T a, T& b) { b += a; });
  });
}

// ---- Single elements along an axis --------------------------------------------------------------

/// Throws unless the indices fit both the chosen and the listed array.
void check_positions(const Indices& indices, const Shape& list, const Shape& chosen,
                     std::size_t axis, const char* operation) {
  const Shape positions = indices.shape();
  bool fits = positions.size() == chosen.size() && list.size() == chosen.size();
  for (std::size_t i = 0; fits && i < positions.size(); ++i)
    fits = positions[i] <= list[i] && (i == axis || positions[i] <= chosen[i]);
  if (!fits)
    throw ShapeError(
        fmt::format("{}: indices of shape {} do not fit the shapes {} and {}. They need the "
                    "same rank and must not be larger along any axis other than axis {}.",
                    operation, text_of(positions), text_of(chosen), text_of(list), axis));
  indices.check_range(chosen[axis], operation);
}

/// Calls f(listed element, chosen element) for each position of the indices in order.
template <class A, class B, class F>
void for_each_position(const Indices& indices, A* listed,
                       std::span<const std::int64_t> list_strides, B* chosen,
                       std::span<const std::int64_t> strides, std::size_t axis, F f) {
  const Shape positions = indices.shape();
  Extents base(strides);
  base[axis] = 0;
  const Walk<3> walk(positions, {row_major_strides(positions), Extents(list_strides), base});
  const auto row = static_cast<std::int64_t>(walk.row());
  const std::int64_t next = walk.stride(0), stride = walk.stride(1), jump = walk.stride(2);
  const std::int64_t step = strides[axis];
  walk.for_each_row([&](const auto& offsets) {
    const std::int64_t* const index = indices.data() + offsets[0];
    A* const a = listed + offsets[1];
    B* const b = chosen + offsets[2];
    for (std::int64_t i = 0; i < row; ++i) f(a[i * stride], b[i * jump + index[i * next] * step]);
  });
}

}  // namespace

Array rules::IndexSelect::value(const Parameters& p, const Array& x) {
  const std::size_t axis = axis_of(p.axis, x.rank(), "index_select");
  const Indices& indices = *p.indices;
  indices.check_range(x.shape(axis), "index_select");
  const Shape shape = chosen_shape(Shape(x.shape()), axis, indices);
  element_count(shape, "index_select");
  Array result = Array::uninitialised(x.dtype(), shape);
  Shape slab(x.shape());
  slab[axis] = indices.size();
  const Slabs list(row_major_strides(slab), axis), choice(x.strides(), axis);
  slab.erase(axis);
  with_type(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    for_each_in_slabs(slab, indices, result.mutable_data_as<T>(), list, x.data_as<T>(), choice,
                      axis + 1 == x.rank(), [](T& a, T b) { a = b; });
  });
  return result;
}

std::string rules::IndexSelect::describe(const Parameters& p) {
  return described(p.axis, *p.indices);
}

void rules::IndexSelect::add_adjoint(const Parameters& p, const Array& adjoint, Array& sum) {
  add_slabs(axis_of(p.axis, sum.rank(), "index_select"), *p.indices, adjoint, sum);
}

Array rules::IndexAdd::value(const Parameters& p, const Array& x) {
  element_count(p.shape, "index_add");
  const std::size_t axis = axis_of(p.axis, p.shape.size(), "index_add");
  const Indices& indices = *p.indices;
  if (const Shape expected = chosen_shape(p.shape, axis, indices); !x.has_shape(expected))
    throw ShapeError(fmt::format(
        "index_add: a tensor of shape {} cannot be added to {} along axis {} by {} indices: its "
        "shape must be {}",
        text_of(Shape(x.shape())), text_of(p.shape), axis, text_of(indices.shape()),
        text_of(expected)));
  indices.check_range(p.shape[axis], "index_add");
  Array result = Array::filled(x.dtype(), p.shape, p.fill);
  add_slabs(axis, indices, x, result);
  return result;
}

std::string rules::IndexAdd::describe(const Parameters& p) { return described(p.axis, *p.indices); }

Array rules::Gather::value(const Parameters& p, const Array& x) {
  const std::size_t axis = axis_of(p.axis, x.rank(), "gather");
  const Indices& indices = *p.indices;
  check_positions(indices, p.shape, Shape(x.shape()), axis, "gather");
  Array result = indices.shape() == p.shape ? Array::uninitialised(x.dtype(), p.shape)
                                            : Array::filled(x.dtype(), p.shape, p.fill);
  with_type(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    for_each_position(indices, result.mutable_data_as<T>(), result.strides(), x.data_as<T>(),
                      x.strides(), axis, [](T& a, T b) { a = b; });
  });
  return result;
}

std::string rules::Gather::describe(const Parameters& p) { return described(p.axis, *p.indices); }

Array rules::ScatterAdd::value(const Parameters& p, const Array& x) {
  element_count(p.shape, "scatter_add");
  const std::size_t axis = axis_of(p.axis, p.shape.size(), "scatter_add");
  const Indices& indices = *p.indices;
  check_positions(indices, Shape(x.shape()), p.shape, axis, "scatter_add");
  Array result = Array::filled(x.dtype(), p.shape, p.fill);
  with_type(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    for_each_position(indices, x.data_as<T>(), x.strides(), result.mutable_data_as<T>(),
                      result.strides(), axis, [](T a, T& b) { b += a; });
  });
  return result;
}

std::string rules::ScatterAdd::describe(const Parameters& p) {
  return described(p.axis, *p.indices);
}

Array one_hot(const Indices& indices, std::int64_t classes, DType dtype) {
  Shape shape = indices.shape();
  shape.push_back(classes);
  element_count(shape, "one_hot");
  indices.check_range(classes, "one_hot");
  Array result = Array::filled(dtype, shape, 0.0);
  with_type(dtype, [&](auto zero) {
    using T = decltype(zero);
    T* row = result.mutable_data_as<T>();
    for (const std::int64_t index : indices) {
      row[index] = T(1);
      row += classes;
    }
  });
  return result;
}

}  // namespace chainrule
