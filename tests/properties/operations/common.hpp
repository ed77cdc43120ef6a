// Code shared by the families of operations.
#pragma once

#include <numeric>

#include "tests/properties/operation.hpp"

namespace chainrule::testing {

using Types = std::span<const Type>;
using TensorValues = std::span<const TensorValue>;
using ScalarValues = std::span<const ScalarValue>;
using MaybeSettings = std::optional<Settings>;

inline bool is_tensor(const Type& type) { return type.kind == Kind::tensor; }
inline const Tensor& tensor_of(const TensorValue& value) { return std::get<Tensor>(value); }

/// A random element of `values`.
template <class T>
const T& any_of(Random& random, const std::vector<T>& values) {
  return values[static_cast<std::size_t>(random.below(values.size()))];
}
/// A random integer, uniform in low ... high.
inline std::int64_t between(Random& random, std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(high - low + 1)));
}
/// A random axis, counted from the front or from the end.
inline std::int64_t any_axis(Random& random, std::size_t rank) {
  const auto axes = static_cast<std::int64_t>(rank);
  return between(random, -axes, axes - 1);
}

/// 0, 1, 2, ... in the given shape, to trace where elements go.
inline Array positions(const Shape& shape) {
  std::vector<double> numbers(static_cast<std::size_t>(element_count(shape, "positions")));
  std::iota(numbers.begin(), numbers.end(), 0.0);
  return tensor(numbers, shape).value();
}

/// The elements at `places`, a tensor computed from positions(); 0 where a place is negative.
inline ScalarValue elements_at(const Tensor& places, const std::vector<Var>& elements) {
  std::vector<Var> taken;
  for (const double place : to_vector(places))
    taken.push_back(place < 0.0 ? Var(0.0) : elements.at(static_cast<std::size_t>(place)));
  return ScalarValue::tensor(places.shape(), std::move(taken));
}

/// The elements, repeated by broadcasting to the given shape.
inline std::vector<Var> broadcast_elements(const ScalarValue& x, const Shape& shape) {
  return elements_at(expand(Tensor(positions(x.type.shape)), shape), x.elements).elements;
}

}  // namespace chainrule::testing
