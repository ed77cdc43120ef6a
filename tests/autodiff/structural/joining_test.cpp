// Joining several tensors into one.
#include "autodiff/structural/joining.hpp"

#include <doctest/doctest.h>

#include "autodiff/autodiff.hpp"
#include "tests/support/naive_indexing.hpp"
#include "tests/support/tensor_differences.hpp"

using namespace chainrule;
using namespace chainrule::testing;

TEST_CASE("concat and stack against index arithmetic") {
  std::mt19937 random(3);
  for (int round = 0; round < 60; ++round) {
    const Shape shape = random_shape(1 + random() % 3, random);
    const std::size_t axis = random() % shape.size();
    std::vector<Array> x, alike;
    std::vector<std::pair<std::size_t, std::int64_t>> source;  // which tensor, and the index in it
    for (std::size_t k = 0; k < 1 + random() % 4; ++k) {
      Shape own = shape;
      own[axis] = static_cast<std::int64_t>(random() % 4);
      for (std::int64_t i = 0; i < own[axis]; ++i) source.emplace_back(k, i);
      const auto layouts = layouts_of(random_array(own, static_cast<unsigned>(round)));
      x.push_back(layouts[random() % layouts.size()]);
      alike.push_back(random_array(shape, static_cast<unsigned>(round) + 100));
    }
    Shape all = shape;
    all[axis] = static_cast<std::int64_t>(source.size());
    const auto negative = static_cast<std::int64_t>(axis) - static_cast<std::int64_t>(shape.size());
    check_elements("concat", concat(x, negative), DType::float64, all, [&](Index i) {
      const auto [which, index] = source[static_cast<std::size_t>(i[axis])];
      i[axis] = index;
      return at(x[which], i);
    });
    Shape stacked = shape;
    stacked.insert(axis, static_cast<std::int64_t>(alike.size()));
    check_elements("stack", stack(alike, static_cast<std::int64_t>(axis)), DType::float64, stacked,
                   [&](Index i) {
                     const auto which = static_cast<std::size_t>(i[axis]);
                     i.erase(i.begin() + static_cast<std::ptrdiff_t>(axis));
                     return at(alike[which], i);
                   });
  }
}

TEST_CASE("lists in braces, and positions of the new axis") {
  const Array x = random_array({2, 3}), y = random_array({2, 3}, 2);
  CHECK(Shape(stack({x, y}).shape()) == Shape{2, 2, 3});
  CHECK(Shape(stack({x, y, x}, -1).shape()) == Shape{2, 3, 3});
  CHECK(Shape(stack({x}, 1).shape()) == Shape{2, 1, 3});
  CHECK(Shape(concat({x, y}).shape()) == Shape{4, 3});
  CHECK(concat({x}).is_same(x));
  const Array one = Array::scalar(DType::float32, 1.0), two = Array::scalar(DType::float32, 2.0);
  const Array numbers = stack({one, two});
  CHECK(numbers.dtype() == DType::float32);
  CHECK(numbers_of(numbers) == std::vector<double>{1.0, 2.0});
  Graph graph;
  const Tensor a = variable(Tensor(x)), b{y};
  CHECK(concat({a, b}, 1).shape() == Shape{2, 6});
  CHECK(graph.size() == 2);
  CHECK(stack({a, a}).shape() == Shape{2, 2, 3});
  CHECK(concat({b, b}).is_constant());
  const Var v = variable(1.0);
  CHECK(stack(std::vector<Var>{v, 2.0}).shape() == Shape{2});
}

TEST_CASE("derivatives of joins of few and of many tensors") {
  const std::vector<Array> x = {random_array({2, 3}), random_array({2, 1}, 2),
                                transpose(random_array({2, 2}, 3))};
  check_derivatives(
      "concat", [](const auto& t) { return sin(concat(t, 1)); }, x);
  check_derivatives("concat of the same",
                    [](const auto& t) {
                      return square(concat({t[0], t[0]}, -1));
                    },
                    {x[0]});
  check_derivatives("stack",
                    [](const auto& t) {
                      return exp(stack({t[0], t[1]}, 1));
                    },
                    {x[0], flip(random_array({2, 3}, 4), 1)});
  check_derivatives("stack with constants",
                    [](const auto& t) {
                      return square(stack({t[0], Tensor(random_array({2, 3}, 5)), t[0]}, -1));
                    },
                    {x[0]});
  std::vector<Array> many;
  for (unsigned k = 0; k < 12; ++k) many.push_back(random_array({2}, k + 1));
  check_derivatives(
      "many", [](const auto& t) { return sin(concat(t)) * concat(t); }, many);
}

TEST_CASE("adjoints of joins are views of the adjoint") {
  Graph graph;
  const Tensor x = variable(Tensor(random_array({3}))), y = variable(Tensor(random_array({2})));
  const Tensor joined = concat({x, y});
  const Tensor seed(random_array({5}));
  const Gradient d =
      gradient(std::span<const Tensor>(&joined, 1), std::span<const Tensor>(&seed, 1));
  CHECK(shares_storage(d.tensor_adjoint(x.id()), seed.value()));
  CHECK(shares_storage(d.tensor_adjoint(y.id()), seed.value()));
  CHECK(d[y].at({1}) == seed.at({4}));
}

TEST_CASE("errors of joins") {
  const Array x = random_array({2, 3}), y = random_array({2, 4});
  check_message<ShapeError>([&] { concat({x, y}, 0); }, {"concat", "[2, 3]", "[2, 4]", "axis 0"});
  check_message<ShapeError>([&] { concat({x, random_array({2})}, 0); }, {"concat", "[2]"});
  check_message<ShapeError>([&] { concat(std::vector<Array>()); }, {"concat", "no tensors"});
  check_message<ShapeError>([&] { concat(std::vector<Tensor>()); }, {"concat", "no tensors"});
  check_message<ShapeError>([&] { concat({random_array({})}); }, {"concat", "stack()"});
  check_message<ShapeError>([&] { concat({x, x}, 2); }, {"concat", "2"});
  check_message<ShapeError>([&] { stack({x, y}); }, {"stack", "[2, 3]", "[2, 4]", "equal"});
  check_message<ShapeError>([&] { stack(std::vector<Array>()); }, {"stack", "no tensors"});
  check_message<ShapeError>([&] { stack({x, x}, 3); }, {"stack", "3"});
  const Array single = random_array({2, 3}, 1, 0.0, 1.0, DType::float32);
  check_message<DTypeError>([&] { concat({x, single}); }, {"concat", "float32", "astype"});
  check_message<DTypeError>([&] { stack({Tensor(x), Tensor(single)}); }, {"stack", "astype"});
}

TEST_CASE("a join of too many elements is refused before anything is allocated") {
  const Tensor large = expand(tensor(1.0), {std::int64_t{1} << 48});
  check_message<ShapeError>([&] { concat({large, large}); }, {"concat", "2^48"});
}
