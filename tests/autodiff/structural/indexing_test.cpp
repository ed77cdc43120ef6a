// Elements selected by integer indices.
#include "autodiff/structural/indexing.hpp"

#include <doctest/doctest.h>

#include <map>

#include "autodiff/autodiff.hpp"
#include "autodiff/values/indices.hpp"
#include "tests/support/naive_indexing.hpp"
#include "tests/support/tensor_differences.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {

/// Random indices below `size`.
Indices random_indices(const Shape& shape, std::int64_t size, std::mt19937& random) {
  std::vector<std::int64_t> values(static_cast<std::size_t>(element_count(shape, "test")));
  for (std::int64_t& value : values) value = random_integer(0, size - 1, random);
  return Indices(values, shape);
}

std::int64_t position_in(const Index& index, const Shape& shape) {
  std::int64_t position = 0;
  for (std::size_t i = 0; i < index.size(); ++i) position = position * shape[i] + index[i];
  return position;
}

}  // namespace

TEST_CASE("index_select and index_add against index arithmetic") {
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    Shape shape = random_shape(1 + random() % 3, random);
    const std::size_t axis = random() % shape.size();
    shape[axis] = std::max<std::int64_t>(shape[axis], 1);
    const auto layouts = layouts_of(random_array(shape, static_cast<unsigned>(round)));
    const Array& x = layouts[random() % layouts.size()];
    const Shape index_shape = random_shape(random() % 3, random);
    const Indices indices = random_indices(index_shape, shape[axis], random);
    Shape chosen;
    for (std::size_t i = 0; i < axis; ++i) chosen.push_back(shape[i]);
    for (const std::int64_t size : index_shape) chosen.push_back(size);
    for (std::size_t i = axis + 1; i < shape.size(); ++i) chosen.push_back(shape[i]);
    const auto source = [&](const Index& i) {
      Index from(i.begin(), i.begin() + static_cast<std::ptrdiff_t>(axis));
      const auto begin = i.begin() + static_cast<std::ptrdiff_t>(axis);
      const auto end = begin + static_cast<std::ptrdiff_t>(index_shape.size());
      from.push_back(indices[position_in(Index(begin, end), index_shape)]);
      from.insert(from.end(), end, i.end());
      return from;
    };
    const auto negative = static_cast<std::int64_t>(axis) - static_cast<std::int64_t>(shape.size());
    const Array y = index_select(x, negative, indices);
    check_elements("index_select", y, DType::float64, chosen,
                   [&](const Index& i) { return at(x, source(i)); });

    const auto adjoints = layouts_of(random_array(chosen, static_cast<unsigned>(round) + 1000));
    const Array& w = adjoints[random() % adjoints.size()];
    std::map<Index, double> sums;
    for (std::int64_t i = 0; i < w.size(); ++i) sums[source(index_at(i, chosen))] += w.element(i);
    check_elements("index_add", index_add(w, negative, indices, shape), DType::float64, shape,
                   [&](const Index& i) { return sums.count(i) != 0 ? sums[i] : 0.0; });
  }
}

TEST_CASE("gather and scatter_add against index arithmetic") {
  std::mt19937 random(12);
  for (int round = 0; round < 200; ++round) {
    Shape shape = random_shape(1 + random() % 3, random);
    const std::size_t axis = random() % shape.size();
    shape[axis] = std::max<std::int64_t>(shape[axis], 1);
    Shape index_shape = shape, larger = shape;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      if (i != axis) index_shape[i] = random_integer(0, shape[i], random);
      if (i == axis) index_shape[i] = random_integer(0, 4, random);
      larger[i] = index_shape[i] + random_integer(0, 1, random);
    }
    const auto along = static_cast<std::int64_t>(axis);
    const Indices indices = random_indices(index_shape, shape[axis], random);
    const auto source = [&](Index i) {
      i[axis] = indices[position_in(i, index_shape)];
      return i;
    };
    const auto layouts = layouts_of(random_array(shape, static_cast<unsigned>(round)));
    const Array& x = layouts[random() % layouts.size()];
    check_elements("gather", gather(x, along, indices), DType::float64, index_shape,
                   [&](const Index& i) { return at(x, source(i)); });

    const auto sources = layouts_of(random_array(larger, static_cast<unsigned>(round) + 1000));
    const Array& w = sources[random() % sources.size()];
    std::map<Index, double> sums;
    for (std::int64_t i = 0; i < indices.size(); ++i) {
      const Index index = index_at(i, index_shape);
      sums[source(index)] += at(w, index);
    }
    check_elements("scatter_add", scatter_add(w, along, indices, shape), DType::float64, shape,
                   [&](const Index& i) { return sums.count(i) != 0 ? sums[i] : 0.0; });
  }
}

TEST_CASE("rows of a table, repeated and in float32") {
  const Array table = array_of({3, 2}, {1, 2, 3, 4, 5, 6}, DType::float32);
  const Array rows = index_select(table, 0, {2, 0, 2});
  CHECK(rows.dtype() == DType::float32);
  CHECK(numbers_of(rows) == std::vector<double>{5, 6, 1, 2, 5, 6});
  CHECK(numbers_of(index_add(rows, 0, {0, 0, 1}, {4, 2})) ==
        std::vector<double>{6, 8, 5, 6, 0, 0, 0, 0});
  const Array columns = index_select(table, 1, Indices(std::vector<std::int64_t>{1}, Shape{}));
  CHECK(Shape(columns.shape()) == Shape{3});
  CHECK(numbers_of(columns) == std::vector<double>{2, 4, 6});
  CHECK(Shape(index_select(table, 0, Indices()).shape()) == Shape{0, 2});
}

TEST_CASE("one_hot") {
  const Array y = one_hot({2, 0}, 3);
  CHECK(Shape(y.shape()) == Shape{2, 3});
  CHECK(numbers_of(y) == std::vector<double>{0, 0, 1, 1, 0, 0});
  CHECK(one_hot({0}, 1, DType::float32).dtype() == DType::float32);
  CHECK(Shape(one_hot(Indices(), 4).shape()) == Shape{0, 4});
  check_message<ShapeError>([] { one_hot({3}, 3); }, {"one_hot", "index 3", "position 0"});
  check_message<ShapeError>([] { one_hot({0}, -1); }, {"one_hot", "negative"});
}

TEST_CASE("derivatives of index operations") {
  const Indices some({2, 0, 2, 1}), grid(std::vector<std::int64_t>{0, 2, 1, 1}, {2, 2});
  const Indices small(std::vector<std::int64_t>{0, 2, 2, 1, 0, 0}, {2, 3});
  for (const Array& x : layouts_of(random_array({3, 4}))) {
    const auto check = [&](const char* what, const TensorFunction& f) {
      check_derivatives(what, f, {x});
    };
    check("index_select of rows", [&](const auto& t) { return sin(index_select(t[0], 0, some)); });
    check("index_select of columns",
          [&](const auto& t) { return sin(index_select(t[0], -1, grid)); });
    check("index_select by a grid",
          [&](const auto& t) { return exp(index_select(t[0], -2, grid)); });
    check("index_add", [&](const auto& t) { return sin(index_add(t[0], 1, some, {3, 5})); });
    check("gather along 0", [&](const auto& t) { return sin(gather(t[0], 0, small)); });
    check("gather along 1", [&](const auto& t) { return sin(gather(t[0], 1, small)); });
    check("scatter_add along 0", [&](const auto& t) {
      return sin(scatter_add(t[0], 0, small, {3, 3}));
    });
    check("scatter_add along 1", [&](const auto& t) {
      return exp(scatter_add(t[0], -1, small, {2, 3}));
    });
  }
}

TEST_CASE("elements at no index are not reached") {
  Graph graph;
  const Tensor x = variable(Tensor(array_of({3}, {0.0, 2.0, 0.0})));
  const Tensor inverse = 1.0 / x;
  const std::vector<double> expected = {0.0, -0.5, 0.0}, second = {0.0, 0.5, 0.0};
  for (const Tensor& y : {index_select(inverse, 0, {1, 1}), gather(inverse, 0, {1, 1})}) {
    const Tensor sum = sum_to(y, {}), d = derivative(sum, x);
    CHECK(numbers_of(gradient(sum)[x].value()) == expected);
    CHECK(numbers_of(d.value()) == expected);
    CHECK(numbers_of(derivative(sum_to(d, {}), x).value()) == second);
  }
  // Elements of x that the indices leave out.
  const Tensor part = sum_to(scatter_add(slice(inverse, {{1}}), 0, {4}, {5}), {});
  CHECK(numbers_of(gradient(part)[x].value()) == std::vector<double>{0.0, -0.25, 0.0});
}

TEST_CASE("errors of index operations") {
  const Array x = random_array({3, 4});
  check_message<ShapeError>(
      [&] {
        index_select(x, 0, {0, 3});
      },
      {"index_select", "index 3", "position 1"});
  check_message<ShapeError>([&] { index_select(x, 1, {-1}); }, {"index_select", "index -1"});
  check_message<ShapeError>([&] { index_select(x, 2, {0}); }, {"index_select", "axis 2"});
  check_message<ShapeError>([&] { index_select(random_array({}), 0, {0}); }, {"index_select"});
  check_message<ShapeError>([&] { index_select(random_array({0}), 0, {0}); }, {"index 0"});
  check_message<ShapeError>(
      [&] {
        index_add(x, 0, {0, 1}, {3, 4});
      },
      {"index_add", "[3, 4]", "[2, 4]"});
  check_message<ShapeError>([&] { index_add(x, 0, {0, 1, 5}, {3, 4}); }, {"index_add", "index 5"});
  check_message<ShapeError>([&] { gather(x, 0, {0}); }, {"gather", "[1]", "[3, 4]"});
  const Indices wide(std::vector<std::int64_t>(5, 0), {1, 5});
  check_message<ShapeError>([&] { gather(x, 0, wide); }, {"gather", "[1, 5]", "[3, 4]", "axis 0"});
  CHECK(Shape(gather(x, 1, wide).shape()) == Shape{1, 5});
  check_message<ShapeError>(
      [&] {
        gather(x, 1, Indices(std::vector<std::int64_t>{4}, {1, 1}));
      },
      {"gather", "index 4"});
  check_message<ShapeError>([&] { scatter_add(x, 0, wide, {3, 5}); }, {"scatter_add", "[1, 5]"});
  check_message<ShapeError>(
      [&] {
        scatter_add(x, 0, Indices(std::vector<std::int64_t>{7}, {1, 1}), {3, 5});
      },
      {"scatter_add", "index 7"});
  check_message<ShapeError>([&] { scatter_add(x, 0, wide, {-1, 5}); }, {"scatter_add", "negative"});
  check_message<ShapeError>([&] { gather(Tensor(), 0, {0}); }, {"gather", "never assigned"});
}

TEST_CASE("errors of index operations: the first axis, and results that are too large") {
  const Array x = random_array({3, 4});
  const Indices tall(std::vector<std::int64_t>(4, 0), {4, 1});
  check_message<ShapeError>([&] { gather(x, 1, tall); }, {"gather", "[4, 1]", "[3, 4]", "axis 1"});
  const std::int64_t many = std::int64_t{1} << 47;
  const Array rows = expand(random_array({}), {4, many / 2});
  check_message<ShapeError>(
      [&] {
        index_select(rows, 0, Indices{0, 1, 2, 3, 3});
      },
      {"index_select", "2^48"});
  check_message<ShapeError>(
      [&] {
        index_add(rows, 0, Indices{0, 1, 2, 3}, {5, many / 2});
      },
      {"index_add", "2^48"});
}
