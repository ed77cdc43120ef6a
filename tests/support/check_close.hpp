// Compares arrays with expected ones.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "autodiff/values/array.hpp"

namespace chainrule::testing {

/// Checks that two arrays have the same shape, and that each element is within the tolerance,
/// relative to the expected element and at least 1.
inline void check_close(const Array& got, const Array& expected, double tolerance = 1e-13) {
  REQUIRE(text_of(Shape(got.shape())) == text_of(Shape(expected.shape())));
  for (std::int64_t i = 0; i < got.size(); ++i) {
    CAPTURE(i);
    CHECK(std::abs(got.element(i) - expected.element(i)) <=
          tolerance * std::max(1.0, std::abs(expected.element(i))));
  }
}

}  // namespace chainrule::testing
