// Shapes and the order of axes: elements against index arithmetic, views, derivatives, errors.
#include "autodiff/structural/arrangement.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "autodiff/autodiff.hpp"
#include "autodiff/graph/node.hpp"
#include "tests/support/naive_indexing.hpp"
#include "tests/support/tensor_differences.hpp"

using namespace chainrule;
using namespace chainrule::testing;

TEST_CASE("reshape keeps the elements in row-major order") {
  const Array x = random_array({2, 3, 4});
  for (const Array& layout : layouts_of(x))
    for (const Shape& shape : {Shape{24}, Shape{4, 6}, Shape{3, 2, 4}, Shape{2, 1, 3, 1, 4},
                               Shape{2, 3, 2, 2}, Shape{1, 24}}) {
      const Array y = reshape(layout, shape);
      CHECK(Shape(y.shape()) == shape);
      CHECK(numbers_of(y) == numbers_of(x));
    }
  CHECK(Shape(reshape(x, {-1}).shape()) == Shape{24});
  CHECK(Shape(reshape(x, {4, -1, 2}).shape()) == Shape{4, 3, 2});
  CHECK(Shape(reshape(Array::scalar(DType::float32, 1.0), {1, -1, 1}).shape()) == Shape{1, 1, 1});
  CHECK(reshape(random_array({1, 1}), {}).rank() == 0);
  CHECK(Shape(reshape(random_array({0, 3}), {5, 0, 2}).shape()) == Shape{5, 0, 2});
  CHECK(Shape(reshape(random_array({0, 3}), {-1, 3}).shape()) == Shape{0, 3});
}

TEST_CASE("reshape is a view exactly where strides allow it") {
  const Array x = random_array({4, 6});
  const auto is_view = [](const Array& of, const Shape& shape) {
    return shares_storage(of, reshape(of, shape));
  };
  CHECK(is_view(x, {2, 2, 3, 2}));
  CHECK(reshape(x, {4, 6}).is_same(x));
  const Array columns = slice(x, {{}, {0, 6, 2}});  // strides 6 and 2
  CHECK(is_view(columns, {2, 2, 3}));
  CHECK(is_view(columns, {4, 1, 3, 1}));
  CHECK(is_view(columns, {12}));  // 6 == 3 * 2: contiguous
  const Array left = slice(x, {{}, {0, 4}});
  CHECK(is_view(left, {2, 2, 2, 2}));
  CHECK_FALSE(is_view(left, {16}));
  CHECK_FALSE(is_view(transpose(x), {24}));
  CHECK(is_view(transpose(x), {2, 3, 2, 2}));
  CHECK(is_view(flip(x, {0, 1}), {24}));
  CHECK_FALSE(is_view(flip(x, 0), {24}));
  CHECK_FALSE(is_view(expand(random_array({3}), {2, 3}), {6}));
  CHECK(is_view(expand(random_array({3, 1}), {3, 4}), {3, 2, 2}));
}

TEST_CASE("random reshapes of random views are right") {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    const Shape shape = random_shape(1 + random() % 4, random);
    Array x = random_array(shape, static_cast<unsigned>(round));
    if (random() % 2 == 0) x = flip(x, static_cast<std::int64_t>(random() % x.rank()));
    if (random() % 2 == 0) x = transpose(x);
    if (random() % 2 == 0) x = slice(x, 0, Slice{Slice::none, Slice::none, 2});
    if (random() % 3 == 0) x = expand(x, broadcast(Shape{2, 1, 1, 1, 1}, Shape(x.shape()), "test"));
    Shape sizes(x.shape());
    Shape next;  // random axes merged, ones inserted, others split
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      if (!next.empty() && random() % 2 == 0)
        next[next.size() - 1] *= sizes[i];
      else
        next.push_back(sizes[i]);
      if (random() % 4 == 0) next.push_back(1);
      if (next.back() % 2 == 0 && next.back() > 0 && random() % 2 == 0) {
        next[next.size() - 1] /= 2;
        next.push_back(2);
      }
    }
    const Array y = reshape(x, next);
    CAPTURE(text_of(next));
    CHECK(Shape(y.shape()) == next);
    CHECK(numbers_of(y) == numbers_of(x));
  }
}

TEST_CASE("permute and transpose are views") {
  for (const Array& x : layouts_of(random_array({2, 3, 4}))) {
    const Array y = permute(x, {2, 0, -2});
    CHECK(shares_storage(x, y));
    check_elements("permute", y, DType::float64, {4, 2, 3}, [&](const Index& i) {
      return at(x, {i[1], i[2], i[0]});
    });
    check_elements("transpose", transpose(x), DType::float64, {4, 3, 2}, [&](const Index& i) {
      return at(x, {i[2], i[1], i[0]});
    });
    check_elements("transpose 0 and -1", transpose(x, 0, -1), DType::float64, {4, 3, 2},
                   [&](const Index& i) {
                     return at(x, {i[2], i[1], i[0]});
                   });
    check_elements("flip", flip(x, {0, -1}), DType::float64, {2, 3, 4}, [&](const Index& i) {
      return at(x, {1 - i[0], i[1], 3 - i[2]});
    });
    CHECK(shares_storage(x, flip(x, 1)));
  }
  CHECK(transpose(random_array({})).rank() == 0);
  CHECK(Shape(flip(random_array({0, 2}), {0, 1}).shape()) == Shape{0, 2});
  CHECK(flip(random_array({2}), Axes{}).element(1) == random_array({2}).element(1));
}

TEST_CASE("copies of transposed arrays larger than a block of the copy") {
  for (const DType dtype : {DType::float32, DType::float64})
    for (const Shape& shape : {Shape{19, 9}, Shape{8, 8}, Shape{3, 17, 10}, Shape{9, 2, 3, 11}}) {
      const Array x = random_array(shape, 3, -2.0, 2.0, dtype);
      for (const Array& y : {transpose(x), flip(transpose(x), 0), transpose(x, -1, 0),
                             slice(transpose(x, 0, 1), -1, Slice{Slice::none, Slice::none, -2})})
        CHECK(numbers_of(reshape(y, {-1})) == numbers_of(y));
    }
}

TEST_CASE("axes of size 1 are added and removed without a copy") {
  const Array x = transpose(random_array({3, 1, 2, 1}));
  CHECK(Shape(squeeze(x).shape()) == Shape{2, 3});
  CHECK(Shape(squeeze(x, 0).shape()) == Shape{2, 1, 3});
  CHECK(Shape(squeeze(x, {0, -2}).shape()) == Shape{2, 3});
  CHECK(Shape(unsqueeze(x, 0).shape()) == Shape{1, 1, 2, 1, 3});
  CHECK(Shape(unsqueeze(x, -1).shape()) == Shape{1, 2, 1, 3, 1});
  CHECK(Shape(unsqueeze(Array::scalar(DType::float64, 1.0), 0).shape()) == Shape{1});
  for (const Array& y : {squeeze(x), squeeze(x, 0), unsqueeze(x, 2)}) {
    CHECK(shares_storage(x, y));
    CHECK(numbers_of(y) == numbers_of(x));
  }
}

TEST_CASE("derivatives of arrangements") {
  for (const Array& x : layouts_of(random_array({2, 3, 2}))) {
    const auto check = [&](const char* what, const TensorFunction& f) {
      check_derivatives(what, f, {x});
    };
    check("reshape", [](const auto& t) { return sin(reshape(t[0], {3, -1})); });
    check("permute", [](const auto& t) { return sin(permute(t[0], {-1, 0, 1})); });
    check("transpose", [](const auto& t) { return exp(transpose(t[0]) * 0.5); });
    check("flip", [](const auto& t) { return square(flip(t[0], {0, 2})) * t[0]; });
    check("unsqueeze", [](const auto& t) { return sin(unsqueeze(t[0], 1)); });
    check("squeeze", [](const auto& t) { return sin(squeeze(reshape(t[0], {1, 12, 1}))); });
  }
  check_derivatives("empty",
                    [](const auto& t) {
                      return sin(reshape(t[0], {3, 0}));
                    },
                    {random_array({0, 2})});
}

TEST_CASE("arrangements record one node each and keep the element type") {
  Graph graph;
  const Tensor x = variable(Tensor(random_array({2, 3}, 1, -2.0, 2.0, DType::float32)));
  const Tensor y = transpose(x);
  CHECK(graph.size() == 2);
  CHECK(y.dtype() == DType::float32);
  CHECK(shares_storage(x.value(), y.value()));
  CHECK(read_node(graph.tape(), y.id()).tensor->structural->notation.name ==
        std::string("permute"));
  const Gradient d = gradient(sum_to(square(y), {}));
  CHECK(d[x].dtype() == DType::float32);
  CHECK(transpose(Tensor(x.value())).is_constant());
}

TEST_CASE("errors name the operation, the shapes and the remedy") {
  const Array x = random_array({2, 3});
  check_message<ShapeError>([&] { reshape(x, {4, 2}); }, {"reshape", "[2, 3]", "[4, 2]"});
  check_message<ShapeError>([&] { reshape(x, {4, -1}); }, {"reshape", "divide"});
  check_message<ShapeError>([&] { reshape(x, {-1, -1}); }, {"reshape", "only one"});
  check_message<ShapeError>([&] { reshape(x, {-2, 3}); }, {"reshape", "negative"});
  check_message<ShapeError>([&] { reshape(random_array({0}), {0, -1}); }, {"reshape", "-1"});
  check_message<ShapeError>(
      [&] {
        reshape(x, {std::int64_t{1} << 40, std::int64_t{1} << 40});
      },
      {"reshape", "2^48"});
  check_message<ShapeError>([&] { permute(x, {0}); }, {"permute", "[0]", "[2, 3]"});
  check_message<ShapeError>([&] { permute(x, {0, 0}); }, {"permute", "[0, 0]"});
  check_message<ShapeError>([&] { permute(x, {0, 2}); }, {"permute", "no axis 2"});
  check_message<ShapeError>([&] { transpose(x, 0, 5); }, {"transpose", "5"});
  check_message<ShapeError>([&] { flip(x, 2); }, {"flip", "2"});
  check_message<ShapeError>([&] { flip(x, {1, -1}); }, {"flip", "[1, -1]"});
  check_message<ShapeError>([&] { squeeze(x, 1); }, {"squeeze", "size 3", "[2, 3]"});
  check_message<ShapeError>([&] { unsqueeze(x, 4); }, {"unsqueeze", "4"});
  check_message<ShapeError>([&] { expand(x, {2, 4}); }, {"expand", "[2, 4]"});
  check_message<ShapeError>([] { transpose(Tensor()); }, {"transpose", "never assigned"});
  check_message<ShapeError>([] { reshape(Tensor(), {1}); }, {"reshape", "never assigned"});
}

TEST_CASE("three axes that are evenly spaced in memory are merged into a view") {
  const Array x = slice(random_array({2, 3, 4, 2}), 3, {0, 1});  // every second element
  CHECK(shares_storage(x, reshape(x, {24})));
  CHECK(shares_storage(x, reshape(x, {4, 6})));
  CHECK(numbers_of(flatten(x)) == numbers_of(x));
  const Array gaps = slice(random_array({2, 4, 4}), 1, {0, 3});
  CHECK_FALSE(shares_storage(gaps, reshape(gaps, {24})));
}

TEST_CASE("squeeze looks at the size of the axis that is given") {
  CHECK(Shape(squeeze(random_array({2, 1, 3}), 1).shape()) == Shape{2, 3});
  check_message<ShapeError>([] { squeeze(random_array({1, 2}), 1); }, {"axis 1", "size 2"});
}

TEST_CASE("sum_to() sums axes that are missing and axes that were stretched") {
  const Array x = random_array({2, 3, 4});
  const Array y = sum_to(x, {1, 4}), whole = sum(x, {0, 1});
  CHECK(text_of(Shape(y.shape())) == "[1, 4]");
  for (std::int64_t i = 0; i < 4; ++i) CHECK(y.element(i) == whole.element(i));
}

TEST_CASE("expand() and sum_to() do not go the other way") {
  check_message<ShapeError>(
      [] {
        expand(random_array({2, 3}), {1, 3});
      },
      {"expand: the shape [2, 3] cannot be broadcast to [1, 3]"});
  check_message<ShapeError>([] { expand(random_array({2, 3}), {3}); }, {"expand", "[2, 3]"});
  check_message<ShapeError>(
      [] {
        sum_to(random_array({1, 3}), {2, 3});
      },
      {"sum_to: the shape [2, 3] does not broadcast to [1, 3]"});
  check_message<ShapeError>(
      [] {
        apply<rules::Spread>({{2, 3}, 1}, random_array({3}));
      },
      {"spread: [3] is not the shape [2, 3] reduced along the axes [1]"});
}
