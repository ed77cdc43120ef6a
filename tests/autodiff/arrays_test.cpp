#include "autodiff/arrays.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "autodiff/autodiff.hpp"

using namespace chainrule;

TEST_CASE("all_finite() accepts tensors and views, and records nothing") {
  constexpr double inf = std::numeric_limits<double>::infinity();
  CHECK(all_finite(tensor({1, 2})));
  CHECK_FALSE(all_finite(tensor({1, inf})));
  CHECK_FALSE(all_finite(tensor({std::numeric_limits<double>::quiet_NaN(), 1})));
  CHECK(all_finite(slice(tensor({1, inf, 3, inf}), 0, {.step = 2})));
  CHECK(all_finite(zeros({0})));
  CHECK_THROWS_AS(static_cast<void>(all_finite(Tensor())), ShapeError);
  Graph graph;
  CHECK(all_finite(variable(tensor({1, 2}))));
  CHECK(graph.size() == 1);
}
