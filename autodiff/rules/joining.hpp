// Several tensors made one.
#pragma once

#include "autodiff/rules/slicing.hpp"

namespace chainrule {

/// Tensors one after the other along an axis that they have.
struct Concat : Variadic {
  static constexpr Notation notation = library_call("concat");
  struct Parameters {
    std::int64_t axis;
  };
  static Array value(const Parameters& p, std::span<const Array> x);
  static std::string describe(const Parameters& p);
  template <Tensorial T>
  static T operand_adjoint(const Parameters& p, std::size_t k, std::span<const T> x, const T&,
                           const T& adjoint) {
    const std::size_t axis = axis_of(p.axis, x[k].rank(), "concat");
    std::int64_t start = 0;
    for (std::size_t i = 0; i < k; ++i) start += Shape(x[i].shape())[axis];
    return slice(adjoint, p.axis, Slice{start, start + Shape(x[k].shape())[axis]});
  }
};

/// Tensors of one shape side by side along an axis of their own.
struct Stack : Variadic {
  static constexpr Notation notation = library_call("stack");
  struct Parameters {
    std::int64_t axis;
  };
  static Array value(const Parameters& p, std::span<const Array> x);
  static std::string describe(const Parameters& p);
  template <Tensorial T>
  static T operand_adjoint(const Parameters& p, std::size_t k, std::span<const T> x, const T&,
                           const T& adjoint) {
    const auto start = static_cast<std::int64_t>(k);
    return reshape(slice(adjoint, p.axis, Slice{start, start + 1}), Shape(x[k].shape()));
  }
};

/// Tensors one after the other along an axis: np.concatenate. Throws ShapeError if their shapes
/// differ along another axis or there is none, DTypeError if their element types differ.
template <Tensorial T>
T concat(std::span<const T> x, std::int64_t axis = 0) {
  return apply<Concat>({axis}, x);
}
template <Tensorial T>
T concat(const std::vector<T>& x, std::int64_t axis = 0) {
  return concat(std::span<const T>(x), axis);
}
template <Tensorial T>
T concat(std::initializer_list<T> x, std::int64_t axis = 0) {
  return concat(std::span<const T>(x.begin(), x.size()), axis);
}

/// Tensors of one shape along a new axis, which stands at place `axis` of the result (-1: last):
/// np.stack. Throws ShapeError if their shapes differ or there is none, DTypeError if their element
/// types differ.
template <Tensorial T>
T stack(std::span<const T> x, std::int64_t axis = 0) {
  return apply<Stack>({axis}, x);
}
template <Tensorial T>
T stack(const std::vector<T>& x, std::int64_t axis = 0) {
  return stack(std::span<const T>(x), axis);
}
template <Tensorial T>
T stack(std::initializer_list<T> x, std::int64_t axis = 0) {
  return stack(std::span<const T>(x.begin(), x.size()), axis);
}

using Joining = RuleList<Concat, Stack>;

}  // namespace chainrule
