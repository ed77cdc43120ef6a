// Tests of the derivative checker itself: correct derivatives pass, in every layout.
#include "tests/support/tensor_differences.hpp"

#include <doctest/doctest.h>

#include "autodiff/autodiff.hpp"

using namespace chainrule;
using namespace chainrule::testing;

TEST_CASE("layouts hold the same elements") {
  const Array x = random_array({2, 3, 4});
  const std::vector<Array> layouts = layouts_of(x);
  REQUIRE(layouts.size() == 4);
  for (const Array& layout : layouts) CHECK(numbers_of(layout) == numbers_of(x));
  CHECK_FALSE(layouts[1].is_contiguous());
  CHECK(layouts[3].stride(2) == -1);
  const Array rows = repeated_rows({3, 2});
  CHECK(rows.stride(0) == 0);
  CHECK(rows.element(0) == rows.element(4));
}

TEST_CASE("derivatives of elementwise operations and broadcasting pass, from every layout") {
  for (const Array& x : layouts_of(random_array({2, 3})))
    check_derivatives("exp(x) * y", [](const auto& t) { return exp(t[0]) * t[1]; },
                      {x, random_array({3}, 2)});
  check_derivatives("sin of expand",
                    [](const auto& t) {
                      return sin(expand(t[0], {2, 3}));
                    },
                    {random_array({2, 1})});
  check_derivatives("square of sum_to",
                    [](const auto& t) {
                      return square(sum_to(t[0], {1, 3}));
                    },
                    {repeated_rows({2, 3})});
}
