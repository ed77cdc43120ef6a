// Reference results for rearranging operations, computed element by element with plain index
// arithmetic.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "autodiff/values/array.hpp"

namespace chainrule::testing {

using Index = std::vector<std::int64_t>;

/// The index at a row-major position.
inline Index index_at(std::int64_t position, const Shape& shape) {
  Index index(shape.size());
  for (std::size_t i = shape.size(); i-- > 0;) {
    index[i] = position % shape[i];
    position /= shape[i];
  }
  return index;
}

inline double at(const Array& x, const Index& index) {
  std::int64_t position = 0;
  for (std::size_t i = 0; i < index.size(); ++i) position = position * x.shape(i) + index[i];
  return x.element(position);
}

/// Checks the shape, the element type and every element.
inline void check_elements(const std::string& what, const Array& result, DType dtype,
                           const Shape& shape,
                           const std::function<double(const Index&)>& expected) {
  CAPTURE(what);
  REQUIRE(text_of(Shape(result.shape())) == text_of(shape));
  REQUIRE(result.dtype() == dtype);
  for (std::int64_t i = 0; i < result.size(); ++i) {
    CAPTURE(i);
    CHECK(result.element(i) == expected(index_at(i, shape)));
  }
}

inline bool shares_storage(const Array& x, const Array& y) {
  return x.storage().begin == y.storage().begin;
}

/// A random shape of the given rank, with sizes 1 to 4, or rarely 0.
inline Shape random_shape(std::size_t rank, std::mt19937& random) {
  Shape shape;
  for (std::size_t i = 0; i < rank; ++i)
    shape.push_back(random() % 12 == 0 ? 0 : 1 + static_cast<std::int64_t>(random() % 4));
  return shape;
}

/// A random integer from `low` to `high`, both included.
inline std::int64_t random_integer(std::int64_t low, std::int64_t high, std::mt19937& random) {
  return low + static_cast<std::int64_t>(random() % static_cast<std::uint32_t>(high - low + 1));
}

/// Checks that f() throws an E whose message contains all these parts.
template <class E, class F>
void check_message(F&& f, const std::vector<std::string>& parts) {
  std::string message = "nothing was thrown";
  try {
    f();
  } catch (const E& error) {
    message = error.what();
  }
  CAPTURE(message);
  for (const std::string& part : parts) {
    CAPTURE(part);
    CHECK(message.find(part) != std::string::npos);
  }
}

}  // namespace chainrule::testing
