// Diagonals, traces and triangles.
#include "autodiff/structural/diagonals.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "autodiff/autodiff.hpp"
#include "tests/support/naive_indexing.hpp"
#include "tests/support/tensor_differences.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {

constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t greatest = std::numeric_limits<std::int64_t>::max();

const std::vector<Shape> matrices = {{3, 3}, {2, 4}, {4, 2}, {1, 1}, {0, 3}, {3, 0}, {1, 4}};
const std::vector<std::int64_t> all_k = {least, -4, -3, -2, -1, 0, 1, 2, 3, 4, greatest};

}  // namespace

TEST_CASE("diagonals of matrices are views") {
  for (const Shape& shape : matrices)
    for (const std::int64_t k : all_k)
      for (const Array& x : layouts_of(random_array(shape))) {
        std::vector<double> expected;
        for (std::int64_t i = 0; i < shape[0]; ++i)
          for (std::int64_t j = 0; j < shape[1]; ++j)
            if (k > -9 && k < 9 && j - i == k) expected.push_back(at(x, {i, j}));
        const Array y = diag(x, k);
        CAPTURE(text_of(shape));
        CAPTURE(k);
        CHECK(numbers_of(y) == expected);
        CHECK(shares_storage(x, y));
      }
  const Array batch = random_array({2, 3, 4});
  check_elements("diagonal", diagonal(batch, 1), DType::float64, {2, 3}, [&](const Index& i) {
    return at(batch, {i[0], i[1], i[1] + 1});
  });
}

TEST_CASE("diagonal matrices") {
  const Array x = flip(random_array({3}), 0);
  for (const std::int64_t k : {-2, -1, 0, 1, 2}) {
    const std::int64_t side = 3 + std::abs(k);
    const Array y = diag(x, k);
    check_elements("diag", y, DType::float64, {side, side}, [&](const Index& i) {
      return i[1] - i[0] == k ? at(x, {std::min(i[0], i[1])}) : 0.0;
    });
    for (std::int64_t i = 0; i < y.size(); ++i)
      if (y.element(i) == 0.0) CHECK_FALSE(std::signbit(y.element(i)));
    CHECK(numbers_of(diag(y, k)) == numbers_of(x));
  }
  CHECK(Shape(diag(random_array({0})).shape()) == Shape{0, 0});
  CHECK(Shape(diag(random_array({0}), -2).shape()) == Shape{2, 2});
}

TEST_CASE("traces and triangles") {
  for (const Shape& shape : matrices)
    for (const Array& x : layouts_of(random_array(shape))) {
      double sum = 0.0;
      for (std::int64_t i = 0; i < std::min(shape[0], shape[1]); ++i) sum += at(x, {i, i});
      CHECK(trace(x).element(0) == sum);
      CHECK_FALSE(std::signbit(trace(random_array({0, 2})).element(0)));
      for (const std::int64_t k : all_k) {
        const std::int64_t near = std::min<std::int64_t>(std::max<std::int64_t>(k, -9), 9);
        check_elements("tril", tril(x, k), DType::float64, shape,
                       [&](const Index& i) { return i[1] - i[0] <= near ? at(x, i) : 0.0; });
        check_elements("triu", triu(x, k), DType::float64, shape,
                       [&](const Index& i) { return i[1] - i[0] >= near ? at(x, i) : 0.0; });
      }
    }
  const Array batch = permute(random_array({3, 2, 4}), {1, 0, 2});
  check_elements("tril of many", tril(batch), DType::float64, {2, 3, 4},
                 [&](const Index& i) { return i[2] <= i[1] ? at(batch, i) : 0.0; });
}

TEST_CASE("derivatives of diagonals and triangles") {
  for (const Array& x : layouts_of(random_array({2, 3}))) {
    const auto check = [&](const char* what, const TensorFunction& f) {
      check_derivatives(what, f, {x});
    };
    check("diag of a matrix", [](const auto& t) { return sin(diag(t[0])); });
    check("diag above", [](const auto& t) { return sin(diag(t[0], 1)); });
    check("no such diagonal", [](const auto& t) { return sin(diag(t[0], 5)); });
    check("trace", [](const auto& t) { return sin(trace(t[0])) * t[0]; });
    check("tril", [](const auto& t) { return exp(tril(t[0])); });
    check("triu", [](const auto& t) { return sin(triu(t[0], 1)) * t[0]; });
    check("diag of a vector", [](const auto& t) { return sin(diag(reshape(t[0], {6}), -1)); });
  }
  check_derivatives("diagonals", [](const auto& t) { return square(diagonal(t[0], -1)); },
                    {random_array({2, 3, 3})});
}

TEST_CASE("elements off the diagonal are not reached") {
  Graph graph;
  const Tensor x = variable(Tensor(array_of({2, 2}, {1.0, 0.0, 0.0, 2.0})));
  const Tensor logs = log(x);
  const std::vector<double> expected = {1.0, 0.0, 0.0, 0.5};
  CHECK(numbers_of(gradient(trace(logs))[x].value()) == expected);
  CHECK(numbers_of(derivative(sum_to(diag(logs), {}), x).value()) == expected);
  const Tensor corner = sum_to(slice(tril(triu(logs)), {{}, {1, 2}}), {});
  CHECK(numbers_of(gradient(corner)[x].value()) == std::vector<double>{0.0, 0.0, 0.0, 0.5});
}

TEST_CASE("errors of diagonals") {
  check_message<ShapeError>(
      [] {
        diag(random_array({2, 2, 2}));
      },
      {"diag", "[2, 2, 2]", "diagonal()"});
  check_message<ShapeError>([] { diag(random_array({})); }, {"diag", "[]"});
  check_message<ShapeError>([] { diag(random_array({2}), least); }, {"diag", "2^48"});
  check_message<ShapeError>([] { diag(random_array({2}), greatest); }, {"diag", "2^48"});
  check_message<ShapeError>([] { diagonal(random_array({2})); }, {"diagonal", "[2]"});
  check_message<ShapeError>([] { trace(random_array({2})); }, {"trace", "[2]"});
  check_message<ShapeError>([] { trace(random_array({2, 2, 2})); }, {"trace", "diagonal()"});
  check_message<ShapeError>([] { tril(random_array({2})); }, {"tril", "[2]"});
  check_message<ShapeError>([] { triu(random_array({})); }, {"triu", "[]"});
  check_message<ShapeError>(
      [] {
        apply<rules::DiagonalMatrix>({2, 2, 0, 0.0}, random_array({3}));
      },
      {"diag", "[3]", "2 by 2"});
}
