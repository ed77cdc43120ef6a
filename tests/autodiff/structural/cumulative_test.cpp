// Cumulative sums and products, and products of all elements: derivatives where elements are 0.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "autodiff/autodiff.hpp"
#include "tests/support/tensor_differences.hpp"

using namespace chainrule;
using namespace chainrule::testing;

TEST_CASE("cumsum and cumprod") {
  const Array x = array_of({2, 3}, {1, 2, 3, -1, 0.5, 4});
  CHECK(numbers_of(cumsum(x, 1)) == std::vector<double>{1, 3, 6, -1, -0.5, 3.5});
  CHECK(numbers_of(cumsum(x, 0)) == std::vector<double>{1, 2, 3, 0, 2.5, 7});
  CHECK(numbers_of(cumprod(x, -1)) == std::vector<double>{1, 2, 6, -1, -0.5, -2});
  CHECK(numbers_of(cumprod(x, 0)) == std::vector<double>{1, 2, 3, -1, 1, 12});
  for (const Array& layout : layouts_of(x)) {
    CHECK(numbers_of(cumsum(layout, 1)) == numbers_of(cumsum(x, 1)));
    CHECK(numbers_of(cumprod(layout, 0)) == numbers_of(cumprod(x, 0)));
  }
  CHECK_THROWS_WITH_AS(cumsum(x, 2), "cumsum: there is no axis 2 in a tensor of rank 2",
                       ShapeError);
  CHECK_THROWS_AS(cumprod(array_of({}, {1.0}), 0), ShapeError);
}

TEST_CASE("derivatives of cumulative sums and products, to second order") {
  for (const std::int64_t axis : {0, 1, -1})
    for (const Array& x : layouts_of(random_array({3, 4, 2}, 21))) {
      check_derivatives("cumsum", [&](const auto& t) { return square(cumsum(t[0], axis)); }, {x},
                        {axis == 0 ? 2 : 1});
      check_derivatives("cumprod", [&](const auto& t) { return cumprod(t[0], axis); }, {x},
                        {axis == 1 ? 2 : 1});
    }
  check_derivatives("cumprod of repeated rows", [](const auto& t) { return cumprod(t[0], 0); },
                    {repeated_rows({3, 2})});
}

TEST_CASE("derivatives of products with no, one, two and three zeros") {
  const Array x = array_of({4, 3}, {2, 3, 4, 0, 3, 4, 0, 3, 0, 0, 0, 0});
  check_derivatives("prod", [](const auto& t) { return prod(t[0], 1); }, {x});
  check_derivatives("prod of both axes", [](const auto& t) { return prod(t[0]); },
                    {array_of({2, 2}, {0, 3, 0, 5})});
  check_derivatives("cumprod", [](const auto& t) { return cumprod(t[0], 1); }, {x});
  check_derivatives("cumprod of columns", [](const auto& t) { return cumprod(t[0], 0); }, {x});
}

TEST_CASE("third derivatives of products with two zeros") {
  Graph graph;
  const Tensor x = variable(Tensor(array_of({4}, {0, 3, 0, 5})));
  const auto weighted = [](const Tensor& t, std::vector<double> weights) {
    return Var(sum(t * array_of({4}, weights)));
  };
  for (const Tensor& y : {prod(x), sum(cumprod(x, 0) * array_of({4}, {0, 0, 0, 1}))}) {
    // y = a b c d at (0, 3, 0, 5): y_a = y_c = 0, y_ac = b d = 15, y_acb = d, y_acd = b.
    const Tensor first = derivative(Var(y), x);
    CHECK(numbers_of(first.value()) == std::vector<double>{0, 0, 0, 0});
    const Tensor second = derivative(weighted(first, {1, 0, 0, 0}), x);
    CHECK(numbers_of(second.value()) == std::vector<double>{0, 0, 15, 0});
    const Tensor third = derivative(weighted(second, {0, 0, 1, 0}), x);
    CHECK(numbers_of(third.value()) == std::vector<double>{0, 5, 0, 3});
    const Tensor fourth = derivative(weighted(third, {0, 1, 0, 0}), x);
    CHECK(numbers_of(fourth.value()) == std::vector<double>{0, 0, 0, 1});
  }
}

TEST_CASE("elements after the last one that is used are not reached by cumprod() and prod()") {
  // The roots and inverses of 0 have infinite slopes, which an adjoint of 0 would turn into NaN.
  Graph graph;
  const auto check = [](const Tensor& out, const Tensor& x, const std::vector<double>& expected) {
    CHECK(numbers_of(gradient(out)[x].value()) == expected);
    CHECK(numbers_of(derivative(out, x).value()) == expected);
  };
  const Tensor x = variable(tensor({2.0, 0.0}));
  check(sum(slice(cumprod(1.0 / x, 0), {{0, 1}})), x, {-0.25, 0.0});
  const Tensor y = variable(tensor({4.0, 9.0, 0.0, 0.0}));
  check(sum(slice(cumprod(sqrt(y), 0), {{1, 2}})), y, {0.75, 1.0 / 3.0, 0.0, 0.0});
  const Tensor rows = variable(tensor({{0.0, 1.0}, {4.0, 9.0}}));
  check(sum(slice(cumprod(sqrt(rows), 1), {{1, 2}})), rows, {0.0, 0.0, 1.0, 1.0 / 3.0});

  const Tensor z = variable(tensor({{0.0, 4.0}, {1.0, 4.0}}));
  const Tensor product = sum(slice(prod(sqrt(z), 1), {{1, 2}}));
  check(product, z, {0.0, 0.0, 1.0, 0.25});
  const Tensor first = sum(slice(reshape(derivative(product, z), {4}), {{2, 3}}));
  check(first, z, {0.0, 0.0, -0.5, 0.125});
}

TEST_CASE("an infinite factor counts where something has reached the element that it multiplies") {
  // r[2] = x[0] x[1] x[2] with x[1] infinite.
  Graph graph;
  const double infinity = std::numeric_limits<double>::infinity();
  const Tensor x = 1.0 / variable(tensor({0.5, 0.0, 0.25}));
  const std::vector<double> expected = {infinity, 8.0, infinity};
  const Tensor out = sum(slice(cumprod(x, 0), {{2, 3}}));
  CHECK(numbers_of(gradient(out)[x].value()) == expected);
  CHECK(numbers_of(derivative(out, x).value()) == expected);
}

TEST_CASE("special values of cumulative sums and products") {
  CHECK(std::signbit(cumsum(array_of({2}, {-0.0, -0.0}), 0).element(1)));  // as in NumPy
  // Rounded once, from the exact product, although a partial product is subnormal.
  const double tiny = std::numeric_limits<double>::denorm_min();
  CHECK(numbers_of(cumprod(array_of({3}, {3 * tiny, 0.5, 2.0}), 0)) ==
        std::vector<double>{3 * tiny, 2 * tiny, 3 * tiny});
  CHECK(Shape(cumprod(array_of({2, 0}, {}), 1).shape()) == Shape{2, 0});
  CHECK_THROWS_WITH_AS(
      apply<rules::Recurrence>({{0}, false}, array_of({2}, {1, 2}), array_of({3}, {1, 2, 3})),
      "recurrence: factors of shape [2] and terms of shape [3] differ", ShapeError);
}

TEST_CASE("derivatives of a product of many factors whose partial products leave the range") {
  // Factors 1.3 * 2^200 and 1.3 * 2^-200 in turn: their product is 1.3^2000, about 2^757.
  constexpr std::size_t count = 2000;
  std::vector<double> factors(count);
  for (std::size_t i = 0; i < count; ++i) factors[i] = std::ldexp(1.3, i < count / 2 ? 200 : -200);
  Graph graph;
  const Tensor x = variable(Tensor(array_of({count}, factors)));
  const Tensor d = gradient(prod(x))[x];
  const double others = std::pow(1.3, 1999.0);
  CHECK(d.at({0}) == doctest::Approx(std::ldexp(others, -200)).epsilon(1e-11));
  CHECK(d.at({count - 1}) == doctest::Approx(std::ldexp(others, 200)).epsilon(1e-11));
}
