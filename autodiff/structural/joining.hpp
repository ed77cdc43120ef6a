// Joins several tensors into one.
#pragma once

#include "autodiff/structural/slicing.hpp"

namespace chainrule {

namespace rules {
/// Tensors joined along an existing axis.
struct Concat : Variadic {
  static constexpr Notation notation = library_call("concat");
  struct Parameters {
    std::int64_t axis;
    Extents ends;  ///< where each operand ends along the axis of the result
  };
  static Array value(const Parameters& p, OperandList<Array> x);
  static std::string describe(const Parameters& p);
  template <Tensorial T>
  static Adjoint<T> operand_adjoint(const Parameters& p, std::size_t k, OperandList<T>, const T&,
                                    const Adjoint<T>& adjoint) {
    return slice(adjoint, p.axis, Slice{k == 0 ? 0 : p.ends[k - 1], p.ends[k]});
  }
};

/// Tensors of one shape joined along a new axis.
struct Stack : Variadic {
  static constexpr Notation notation = library_call("stack");
  struct Parameters {
    std::int64_t axis;
  };
  static Array value(const Parameters& p, OperandList<Array> x);
  static std::string describe(const Parameters& p);
  template <Tensorial T>
  static Adjoint<T> operand_adjoint(const Parameters& p, std::size_t k, OperandList<T> x, const T&,
                                    const Adjoint<T>& adjoint) {
    const auto start = static_cast<std::int64_t>(k);
    return reshape(slice(adjoint, p.axis, Slice{start, start + 1}), Shape(x[k]->shape()));
  }
};
}  // namespace rules

namespace detail {
/// The parameters for these operands. The operation itself checks the shapes.
rules::Concat::Parameters concat_parameters(std::span<const Shape> shapes, std::int64_t axis);
}  // namespace detail

/// Joins tensors along an existing axis: np.concatenate. Throws ShapeError if their shapes differ
/// along another axis or there are no tensors, DTypeError if their element types differ.
template <Tensorial T>
T concat(std::span<const T> x, std::int64_t axis = 0) {
  ShortArray<Shape> shapes(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) shapes[i] = detail::shape_of(x[i], "concat");
  return apply<rules::Concat>(detail::concat_parameters(shapes, axis), x);
}
template <Tensorial T>
T concat(const std::vector<T>& x, std::int64_t axis = 0) {
  return concat(std::span<const T>(x), axis);
}
template <Tensorial T>
T concat(std::initializer_list<T> x, std::int64_t axis = 0) {
  return concat(std::span<const T>(x.begin(), x.size()), axis);
}

/// Joins tensors of one shape along a new axis at position `axis` of the result (-1: last):
/// np.stack. Throws ShapeError if their shapes differ or there are no tensors, DTypeError if their
/// element types differ.
template <Tensorial T>
T stack(std::span<const T> x, std::int64_t axis = 0) {
  return apply<rules::Stack>({axis}, x);
}
template <Tensorial T>
T stack(const std::vector<T>& x, std::int64_t axis = 0) {
  return stack(std::span<const T>(x), axis);
}
template <Tensorial T>
T stack(std::initializer_list<T> x, std::int64_t axis = 0) {
  return stack(std::span<const T>(x.begin(), x.size()), axis);
}

namespace rules {
using Joining = RuleList<Concat, Stack>;
}  // namespace rules

}  // namespace chainrule
