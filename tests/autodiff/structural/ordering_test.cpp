// Sorting, the k largest elements, and running extremes.
#include "autodiff/structural/ordering.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

#include "autodiff/autodiff.hpp"
#include "tests/support/naive_indexing.hpp"
#include "tests/support/tensor_differences.hpp"

using namespace chainrule;
using namespace chainrule::testing;

using Numbers = std::vector<double>;
using Positions = std::vector<std::int64_t>;

namespace {

bool is_greater(double a, double b) { return a > b || (std::isnan(a) && !std::isnan(b)); }

/// The indices of a list in sorted order, each found by a search for the best remaining element.
Positions naive_order(const Numbers& list, bool descending) {
  Positions order;
  std::vector<bool> is_taken(list.size(), false);
  while (order.size() < list.size()) {
    std::size_t best = list.size();
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (is_taken[i]) continue;
      if (best == list.size() ||
          (descending ? is_greater(list[i], list[best]) : is_greater(list[best], list[i])))
        best = i;
    }
    is_taken[best] = true;
    order.push_back(static_cast<std::int64_t>(best));
  }
  return order;
}

/// For each index of a list, the index of the largest (smallest) element up to it; the first NaN
/// stays.
Positions naive_running(const Numbers& list, bool least) {
  Positions positions;
  std::size_t best = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const bool is_better = least ? list[i] < list[best] : list[i] > list[best];
    if (is_better || (std::isnan(list[i]) && !std::isnan(list[best]))) best = i;
    positions.push_back(static_cast<std::int64_t>(best));
  }
  return positions;
}

/// The elements along an axis, at the other indices of `at`.
Numbers line_along(const Array& x, Index at, std::size_t axis) {
  Numbers list;
  for (at[axis] = 0; at[axis] < x.shape(axis); ++at[axis]) list.push_back(testing::at(x, at));
  return list;
}

std::int64_t index_in(const Indices& indices, const Index& at) {
  std::int64_t position = 0;
  for (std::size_t i = 0; i < at.size(); ++i) position = position * indices.shape()[i] + at[i];
  return indices[position];
}

void check_same_numbers(const Array& got, const Numbers& expected) {
  const Numbers numbers = numbers_of(got);
  REQUIRE(numbers.size() == expected.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    CAPTURE(i);
    if (std::isnan(expected[i]))
      CHECK(std::isnan(numbers[i]));
    else
      CHECK((numbers[i] == expected[i] && std::signbit(numbers[i]) == std::signbit(expected[i])));
  }
}

/// Few distinct numbers, so that there are ties; NaN, infinities and both zeros are among them.
Array random_with_ties(const Shape& shape, std::mt19937& random, DType dtype) {
  const Numbers numbers = {0.0,      -0.0,      1.0, -1.0,  0.1,   -2.5,
                           INFINITY, -INFINITY, NAN, 1e-40, -1e30, 3.0};
  Numbers elements(static_cast<std::size_t>(element_count(shape, "test")));
  for (double& element : elements) element = numbers[random() % numbers.size()];
  return array_of(shape, elements, dtype);
}

/// Checks the indices along an axis against those that `expected` finds for each line, and that
/// `values` are the elements at these indices.
template <class F>
void check_positions(const Array& x, std::size_t axis, const Indices& indices, const Array& values,
                     std::int64_t count, F expected) {
  Shape shape(x.shape());
  shape[axis] = count;
  REQUIRE(text_of(indices.shape()) == text_of(shape));
  REQUIRE(text_of(Shape(values.shape())) == text_of(shape));
  REQUIRE(values.dtype() == x.dtype());
  Numbers elements;
  for (std::int64_t i = 0; i < indices.size(); ++i) {
    const Index at = index_at(i, shape);
    const Numbers list = line_along(x, at, axis);
    const std::int64_t position = expected(list)[static_cast<std::size_t>(at[axis])];
    CHECK(index_in(indices, at) == position);
    elements.push_back(list[static_cast<std::size_t>(position)]);
  }
  check_same_numbers(values, elements);
}

}  // namespace

TEST_CASE("sort, topk and running extremes against searches, with ties, NaN and infinities") {
  std::mt19937 random(17);
  for (int round = 0; round < 300; ++round) {
    const Shape shape = random_shape(1 + random() % 3, random);
    const std::size_t axis = random() % shape.size();
    const DType dtype = random() % 2 == 0 ? DType::float32 : DType::float64;
    const auto layouts = layouts_of(random_with_ties(shape, random, dtype));
    const Array& x = layouts[random() % layouts.size()];
    const std::int64_t along = static_cast<std::int64_t>(axis) -
                               (random() % 2 == 0 ? 0 : static_cast<std::int64_t>(shape.size()));
    CAPTURE(round);
    for (const bool flag : {false, true}) {
      const auto order = [&](const Numbers& list) { return naive_order(list, flag); };
      check_positions(x, axis, argsort(x, along, flag), sort(x, along, flag), shape[axis], order);
      const std::int64_t k = random_integer(0, shape[axis], random);
      const auto [values, indices] = topk(x, k, along, flag);
      check_positions(x, axis, indices, values, k, order);
      const auto running = [&](const Numbers& list) { return naive_running(list, flag); };
      const Indices positions = detail::running_extreme(x, along, flag, "test");
      check_positions(x, axis, positions, flag ? cummin(x, along) : cummax(x, along), shape[axis],
                      running);
    }
  }
}

TEST_CASE("long rows are sorted, and topk takes the same elements for every k") {
  std::mt19937 random(5);
  Numbers elements(5000);
  for (double& element : elements)
    element = 0.25 * static_cast<double>(random_integer(-400, 400, random));
  const Array x = array_of({5000}, elements);
  const Positions order = argsort(x).to_vector();
  for (std::size_t i = 1; i < order.size(); ++i) {
    const double before = elements[static_cast<std::size_t>(order[i - 1])];
    const double next = elements[static_cast<std::size_t>(order[i])];
    REQUIRE((before < next || (before == next && order[i - 1] < order[i])));
  }
  const Positions descending = argsort(x, 0, true).to_vector();
  for (const std::int64_t k : {1, 10, 999, 5000})
    CHECK(topk(x, k).indices.to_vector() == Positions(descending.begin(), descending.begin() + k));
}

TEST_CASE("the order of special numbers") {
  const Array x = array_of({7}, {NAN, 0.0, INFINITY, -0.0, -INFINITY, NAN, 1.0});
  CHECK(argsort(x).to_vector() == Positions{4, 1, 3, 6, 2, 0, 5});
  CHECK(argsort(x, 0, true).to_vector() == Positions{0, 5, 2, 6, 1, 3, 4});
  check_same_numbers(sort(x), {-INFINITY, 0.0, -0.0, 1.0, INFINITY, NAN, NAN});
  check_same_numbers(topk(x, 3).values, {NAN, NAN, INFINITY});
  check_same_numbers(topk(x, 3, 0, false).values, {-INFINITY, 0.0, -0.0});
  const Array y = array_of({5}, {-0.0, 0.0, -1.0, NAN, 7.0});
  check_same_numbers(cummax(y, 0), {-0.0, -0.0, -0.0, NAN, NAN});
  check_same_numbers(cummin(y, 0), {-0.0, -0.0, -1.0, NAN, NAN});
  // Numbers that differ in the last bit only, and subnormal numbers.
  const double tiny = std::numeric_limits<double>::denorm_min();
  CHECK(argsort(array_of({5}, {std::nextafter(1.0, 2.0), 1.0, tiny, 0.0, -tiny})).to_vector() ==
        Positions{4, 3, 2, 1, 0});
}

TEST_CASE("derivatives of sort, topk and running extremes") {
  for (const Array& x : layouts_of(random_array({3, 4}, 8)))
    for (const std::int64_t axis : {0, -1}) {
      const auto check = [&](const char* what, const TensorFunction& f) {
        check_derivatives(what, f, {x}, {axis == 0 ? 3 : 2});
      };
      check("sort", [=](const auto& t) { return sin(sort(t[0], axis) * t[0]); });
      check("sort, descending", [=](const auto& t) { return sin(sort(t[0], axis, true) * t[0]); });
      check("topk", [=](const auto& t) { return exp(topk(t[0], 2, axis).values); });
      check("topk, least", [=](const auto& t) { return exp(topk(t[0], 2, axis, false).values); });
      check("cummax", [=](const auto& t) { return sin(cummax(t[0], axis) * t[0]); });
      check("cummin", [=](const auto& t) { return sin(cummin(t[0], axis) * t[0]); });
    }
  check_derivatives("of no elements", [](const auto& t) { return sort(t[0]) + cummax(t[0], 1); },
                    {random_array({2, 0})});
}

TEST_CASE("an infinite slope of an element that is not taken has no effect on the gradient") {
  Graph graph;
  const Tensor x = variable(tensor({0.0, 4.0, 1.0}));
  const Tensor root = sqrt(x);  // infinite slope at 0, where the value is smallest
  const Numbers expected = {0, 0.25, 0};
  for (const Tensor& y :
       {topk(root, 1).values, slice(sort(root), 0, {2, 3}), slice(cummax(root, 0), 0, {1, 2}),
        slice(sort(root, 0, true), 0, {0, 1})}) {
    CHECK(to_vector(gradient(sum(y))[x]) == expected);
    const Tensor slope = derivative(sum(y), x);
    CHECK(to_vector(slope) == expected);
    CHECK(to_vector(derivative(sum(slope), x)) == Numbers{0, -0.03125, 0});
  }
}

TEST_CASE("with ties, each element has the derivative of its own position") {
  Graph graph;
  const Tensor x = variable(tensor({2.0, 2.0, 1.0}));
  const Tensor weights = tensor({1.0, 10.0, 100.0});
  CHECK(to_vector(gradient(sum(sort(x) * weights))[x]) == Numbers{10, 100, 1});
  CHECK(to_vector(gradient(sum(sort(x, 0, true) * weights))[x]) == Numbers{1, 10, 100});
  CHECK(to_vector(gradient(sum(cummax(x, 0) * weights))[x]) == Numbers{111, 0, 0});
  CHECK(to_vector(gradient(sum(cummin(x, 0) * weights))[x]) == Numbers{11, 0, 100});
}

TEST_CASE("errors of sorting, which record nothing") {
  Graph graph;
  const Tensor x = variable(ones({2, 3}));
  const std::size_t size = graph.size();
  check_message<ShapeError>([&] { sort(x, 2); }, {"sort", "axis 2"});
  check_message<ShapeError>([&] { argsort(x, -3); }, {"argsort", "axis -3"});
  check_message<ShapeError>([&] { cummax(x, 2); }, {"cummax", "axis 2"});
  check_message<ShapeError>([&] { cummin(x, 2); }, {"cummin", "axis 2"});
  check_message<ShapeError>([&] { topk(x, 1, 2); }, {"topk", "axis 2"});
  check_message<ShapeError>(
      [&] { topk(x, 4); },
      {"topk: 4 elements cannot be taken along axis 1 of shape [2, 3], which has 3"});
  check_message<ShapeError>([&] { topk(x, -1, 0); }, {"topk: -1 elements", "axis 0", "[2, 3]"});
  check_message<ShapeError>([] { sort(tensor(1.0)); }, {"sort", "rank 0"});
  check_message<ShapeError>([] { cummax(tensor(1.0), 0); }, {"cummax", "rank 0"});
  check_message<Error>([] { sort(Tensor()); }, {"sort"});
  check_message<Error>([] { argsort(Tensor()); }, {"argsort"});
  check_message<Error>([] { topk(Tensor(), 1); }, {"topk"});
  check_message<Error>([] { cummin(Tensor(), 0); }, {"cummin"});
  CHECK(graph.size() == size);
  CHECK(Shape(topk(x, 0).values.shape()) == Shape{2, 0});
}
