#include "autodiff/values/indices.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "autodiff/core/error.hpp"

namespace chainrule {

Indices::Indices() : Indices(std::span<const std::int64_t>()) {}

Indices::Indices(std::initializer_list<std::int64_t> values)
    : Indices(std::span<const std::int64_t>(values.begin(), values.size())) {}

Indices::Indices(std::span<const std::int64_t> values)
    : Indices(values, Shape{static_cast<std::int64_t>(values.size())}) {}

Indices::Indices(std::span<const std::int64_t> values, const Shape& shape)
    : Indices(uninitialised(shape)) {
  if (size() != static_cast<std::int64_t>(values.size()))
    throw ShapeError(
        fmt::format("Indices: {} values do not match the shape {}", values.size(), text_of(shape)));
  std::copy(values.begin(), values.end(), mutable_data());
}

Indices Indices::uninitialised(const Shape& shape) {
  static_assert(sizeof(std::int64_t) == 8);
  element_count(shape, "Indices");
  return Indices(Array::uninitialised(DType::float64, shape));
}

void Indices::check_range(std::int64_t size, const char* operation) const {
  const auto bad = std::find_if(begin(), end(), [&](std::int64_t i) { return i < 0 || i >= size; });
  if (bad != end())
    throw ShapeError(
        fmt::format("{}: index {} at position {} is out of range: there are {} (0 to {})",
                    operation, *bad, bad - begin(), size, size - 1));
}

}  // namespace chainrule
