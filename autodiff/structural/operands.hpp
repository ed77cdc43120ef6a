// Checks and access to operands before a structural rule runs on them.
#pragma once

#include "autodiff/core/dtype.hpp"
#include "autodiff/core/structural.hpp"

namespace chainrule::detail {

/// Throws ShapeError: the operand is a Tensor that was never assigned.
[[noreturn]] void throw_unassigned(const char* operation);

/// The array of elements of a tensor, a mask or an array.
template <class T>
const auto& elements_of(const T& x) {
  if constexpr (requires { x.values(); })
    return x.values();
  else if constexpr (requires { x.value(); })
    return x.value();
  else
    return x;
}

template <class T>
void check_assigned(const T& x, const char* operation) {
  if (elements_of(x).is_null()) throw_unassigned(operation);
}
template <Tensorial T>
Shape shape_of(const T& x, const char* operation) {
  check_assigned(x, operation);
  return Shape(x.shape());
}
template <Tensorial T>
DType element_type_of(const T& x, const char* operation) {
  check_assigned(x, operation);
  return x.dtype();
}

}  // namespace chainrule::detail
