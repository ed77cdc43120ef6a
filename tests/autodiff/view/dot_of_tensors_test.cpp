#include <doctest/doctest.h>

#include "autodiff/autodiff.hpp"
#include "tests/support/message_of.hpp"

using namespace chainrule;

TEST_CASE("a small constant is shown in full, a large one by its shape") {
  const Graph graph;
  const Tensor x = variable(tensor({1.0, 2.0}), "x");
  const std::string small = dot(sum(x * tensor({0.05, 1.0 / 3})));
  CHECK(contains(small, "[label=\"[0.05, 0.333333]\", style=dashed"));
  CHECK(contains(small, "tooltip=\"constant [0.050000000000000003, 0.33333333333333331]\""));
  const Tensor y = variable(ones({2, 3}), "y");
  const std::string large = dot(sum(y * full({2, 3}, 0.25)));
  CHECK(contains(large, "[label=\"[2, 3]\", style=dashed"));
  CHECK(contains(large, "tooltip=\"constant all 0.25\""));
}
