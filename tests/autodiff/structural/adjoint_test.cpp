// The adjoint of an array: which elements are reached, through the operations that rules use.
#include "autodiff/structural/adjoint.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "autodiff/autodiff.hpp"
#include "tests/support/naive_indexing.hpp"
#include "tests/support/partial_adjoint.hpp"
#include "tests/support/tensor_differences.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {

using Numbers = std::vector<double>;

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("an adjoint has the shape and the type of its numbers") {
  const Adjoint<Array> adjoint(random_array({2, 3}, 1, -1.0, 1.0, DType::float32));
  CHECK(adjoint.rank() == 2);
  CHECK(adjoint.size() == 6);
  CHECK(adjoint.shape(1) == 3);
  CHECK(adjoint.has_shape(Shape{2, 3}));
  CHECK_FALSE(adjoint.has_shape(Shape{3, 2}));
  CHECK(adjoint.dtype() == DType::float32);
  CHECK(Adjoint<Array>(random_array({2})).dtype() == DType::float64);
  CHECK_FALSE(adjoint.is_null());
  CHECK(Adjoint<Array>().is_null());
}

TEST_CASE("numbers that are -0 count as reached") {
  const Numbers numbers = {-0.0, 1.0, -0.0, -2.0};
  for (const DType dtype : {DType::float32, DType::float64}) {
    const Adjoint<Array> adjoint(array_of({4}, numbers, dtype));  // the only handle
    CHECK_FALSE(adjoint.is_partial());
    CHECK(adjoint.reached().is_null());
    CHECK(numbers_of(adjoint.numbers()) == numbers);
    const Array shared = array_of({4}, numbers, dtype);
    CHECK_FALSE(Adjoint<Array>(shared).is_partial());
    CHECK(std::signbit(shared.element(0)));  // the other handle is not changed
  }
  // A view that does not hold every element of its memory.
  Array columns = slice(Array::filled(DType::float64, Shape{2, 2}, -0.0), 1, {0, 1});
  const Adjoint<Array> adjoint(std::move(columns));
  CHECK_FALSE(adjoint.is_partial());
  CHECK(numbers_of(adjoint.numbers()) == Numbers{0.0, 0.0});
}

TEST_CASE("one element that is not reached is found among many") {
  for (const DType dtype : {DType::float32, DType::float64})
    for (const std::int64_t size : {1, 255, 256, 257, 512, 700})
      for (const std::int64_t position : {std::int64_t{0}, size / 2, size - 1}) {
        Numbers mask(static_cast<std::size_t>(size), 1.0);
        mask[static_cast<std::size_t>(position)] = 0.0;
        const Adjoint<Array> adjoint = Adjoint<Array>(Array::filled(dtype, Shape{size}, 3.0))
                                           .only_where(array_of({size}, mask, dtype));
        CHECK(adjoint.is_partial());
        CHECK(numbers_of(adjoint.reached()) == mask);
      }
}

TEST_CASE("an adjoint times a factor has the shape to which both broadcast") {
  const Array numbers = array_of({2, 2}, {1, 2, 3, 4});
  const Adjoint<Array> adjoint = partial(numbers, {1, 0, 1, 1});
  const struct {
    Array factor;
    Shape shape;
    Numbers numbers;
  } rows[] = {{array_of({}, {2}), {2, 2}, {2, 0, 6, 8}},
              {array_of({1, 1}, {2}), {2, 2}, {2, 0, 6, 8}},
              {array_of({1, 1, 1}, {2}), {1, 2, 2}, {2, 0, 6, 8}},
              {array_of({2}, {5, infinity}), {2, 2}, {5, 0, 15, infinity}},
              {array_of({2, 1, 1}, {1, 2}), {2, 2, 2}, {1, 0, 3, 4, 2, 0, 6, 8}}};
  for (const auto& row : rows) {
    CAPTURE(text_of(Shape(row.factor.shape())));
    const Adjoint<Array> product = adjoint.times(row.factor);
    CHECK(text_of(Shape(product.shape())) == text_of(row.shape));
    CHECK(numbers_of(product.numbers()) == row.numbers);
    CHECK(product.is_partial());
  }
  const Array number = array_of({}, {2});
  CHECK(
      numbers_of(Adjoint<Array>(array_of({2}, {1, 2})).times(array_of({2, 1}, {3, 5})).numbers()) ==
      Numbers{3, 6, 5, 10});
  check_message<DTypeError>([&] { adjoint.times(astype(numbers, DType::float32)); },
                            {"adjoint", "float32", "float64", "astype()"});
  check_message<DTypeError>([&] { adjoint.times(astype(number, DType::float32)); },
                            {"adjoint", "float32", "float64"});
  check_message<ShapeError>(
      [&] {
        adjoint.times(array_of({3}, {1, 2, 3}));
      },
      {"adjoint", "[2, 2]", "[3]"});
}

TEST_CASE("an infinite factor does not reach through elements that are not reached") {
  // out is one element of a product: the others are not reached, and infinity times them is 0.
  const Array w = array_of({2, 2}, {infinity, 3, 1, 5});
  using Product = std::function<Tensor(const Tensor& x, const Tensor& w)>;
  const struct {
    const char* what;
    Shape shape;
    Product of_left, of_right;  // the variable is the left or the right operand
  } rows[] = {{"matmul",
               {1, 2},
               [](const auto& x, const auto& m) { return matmul(x, m); },
               [](const auto& x, const auto& m) { return matmul(transpose(m), transpose(x)); }},
              {"transposed",
               {1, 2},
               [](const auto& x, const auto& m) {
                 return apply<rules::Matmul>({true, false, Precision::full}, transpose(x), m);
               },
               [](const auto& x, const auto& m) {
                 return apply<rules::Matmul>({true, true, Precision::full}, m, x);
               }},
              {"vectors",
               {2},
               [](const auto& x, const auto& m) { return matmul(x, m); },
               [](const auto& x, const auto& m) { return matmul(transpose(m), x); }},
              {"einsum",
               {1, 2},
               [](const auto& x, const auto& m) {
                 return einsum("ij,jk->ik", {x, m});
               },
               [](const auto& x, const auto& m) {
                 return einsum("kj,ij->ki", {transpose(m), x});
               }}};
  for (const auto& row : rows)
    for (const bool left : {true, false}) {
      CAPTURE(row.what);
      CAPTURE(left);
      Graph graph;
      const Tensor x = variable(Tensor(ones(row.shape)));
      const Tensor y = flatten((left ? row.of_left : row.of_right)(x, Tensor(w)));
      const Tensor out = sum(slice(y, 0, {1, 2}));
      CHECK(numbers_of(gradient(out)[x].value()) == Numbers{3, 5});
      CHECK(numbers_of(derivative(out, x).value()) == Numbers{3, 5});
    }
}

TEST_CASE("rows of a product that are not reached leave rows of its operands not reached") {
  // The roots of 0 have an infinite slope, which an adjoint of 0 would turn into NaN.
  for (const bool by_einsum : {false, true}) {
    CAPTURE(by_einsum);
    Graph graph;
    const Tensor x = variable(tensor({{0.0, 0.0}, {4.0, 1.0}}));
    const Tensor w = variable(tensor({{0.0, 4.0}, {0.0, 16.0}}));
    const Tensor y = by_einsum ? einsum("ij,jk->ik", {sqrt(x), sqrt(w)}) : matmul(sqrt(x), sqrt(w));
    const Tensor out = sum(slice(y, {{1, 2}, {1, 2}}));  // 2 * 2 + 1 * 4
    CHECK(out.item() == 8.0);
    const Numbers of_x = {0, 0, 0.5, 2}, of_w = {0, 0.5, 0, 0.125};
    const Gradient d = gradient(out);
    CHECK(numbers_of(d[x].value()) == of_x);
    CHECK(numbers_of(d[w].value()) == of_w);
    CHECK(numbers_of(derivative(out, x).value()) == of_x);
    CHECK(numbers_of(derivative(out, w).value()) == of_w);
  }
}

TEST_CASE("columns of a product that are not reached leave columns of the result not reached") {
  const Array x = random_array({3, 2});
  const Adjoint<Array> of_columns = partial(random_array({2, 2}), {1, 0, 1, 0});
  CHECK(numbers_of(apply<rules::Matmul>({}, x, of_columns).reached()) == Numbers{1, 0, 1, 0, 1, 0});
  const Adjoint<Array> of_rows = partial(random_array({2, 2}), {0, 0, 1, 1});
  CHECK(numbers_of(apply<rules::Matmul>({false, true}, x, of_rows).reached()) ==
        Numbers{0, 1, 0, 1, 0, 1});
  CHECK_FALSE(apply<rules::Matmul>({}, x, of_rows).is_partial());
}

TEST_CASE("whether an adjoint is partial is found again after a change of its elements") {
  Adjoint<Array> adjoint = partial(random_array({3}), {1, 0, 1});
  CHECK(adjoint.is_partial());
  CHECK(adjoint.is_partial());
  detail::AdjointAccess::elements(adjoint) = random_array({3});
  CHECK_FALSE(adjoint.is_partial());
  CHECK(adjoint.reached().is_null());
}

TEST_CASE("products are split into products of elements only where that is needed") {
  // The nodes of a recorded sweep show it: one product, or a product of every two elements.
  const auto nodes = [](double factor, bool partial) {
    Graph graph;
    const Tensor x = variable(Tensor(ones({2, 2})));
    const Tensor y = matmul(x, tensor({{factor, 3.0}, {1.0, 5.0}}));
    const Tensor out = sum(square(partial ? slice(y, 1, {1, 2}) : y));
    const std::size_t before = graph.size();
    derivative(out, x);
    return graph.size() - before;
  };
  const std::size_t whole = nodes(2.0, false);
  CHECK(nodes(infinity, false) == whole);
  CHECK(nodes(2.0, true) < nodes(infinity, true));
}
