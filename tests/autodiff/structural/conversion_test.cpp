// Conversion of element types, where() and detach().
#include "autodiff/structural/conversion.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "autodiff/autodiff.hpp"
#include "tests/support/naive_indexing.hpp"
#include "tests/support/tensor_differences.hpp"

using namespace chainrule;
using namespace chainrule::testing;

TEST_CASE("astype rounds to nearest and is free for the same type") {
  for (const Array& x : layouts_of(random_array({3, 4}))) {
    const Array single = astype(x, DType::float32);
    check_elements("to float32", single, DType::float32, {3, 4}, [&](const Index& i) {
      return static_cast<double>(static_cast<float>(at(x, i)));
    });
    const Array back = astype(transpose(single), DType::float64);
    check_elements("to float64", back, DType::float64, {4, 3}, [&](const Index& i) {
      return at(single, {i[1], i[0]});
    });
    CHECK(astype(x, DType::float64).is_same(x));
    CHECK(rules::AsType::value({DType::float64}, x).is_same(x));
  }
  CHECK(astype(random_array({0, 2}), DType::float32).size() == 0);
  Graph graph;
  const Tensor x = variable(Tensor(random_array({2})));
  CHECK(astype(x, DType::float64).id() == x.id());
  CHECK(graph.size() == 1);
}

TEST_CASE("the adjoint of astype has the type of its operand") {
  Graph graph;
  const Tensor x = variable(Tensor(random_array({3})));
  const Tensor y = square(astype(x, DType::float32));
  CHECK(y.dtype() == DType::float32);
  const Tensor sum = sum_to(y, {});
  const Tensor d = derivative(sum, x);
  CHECK(d.dtype() == DType::float64);
  CHECK(gradient(sum)[x].dtype() == DType::float64);
  for (std::int64_t i = 0; i < 3; ++i) {
    const auto rounded = static_cast<double>(static_cast<float>(x.at({i})));
    CHECK(d.at({i}) == 2.0 * rounded);
    CHECK(gradient(sum)[x].at({i}) == 2.0 * rounded);
  }
  CHECK(numbers_of(derivative(sum_to(d, {}), x).value()) == std::vector<double>{2.0, 2.0, 2.0});
  check_message<ShapeError>([] { astype(Tensor(), DType::float32); }, {"astype", "never assigned"});
}

TEST_CASE("detach shares the elements and stops derivatives") {
  Graph graph;
  const Tensor x = variable(Tensor(array_of({2}, {2.0, 3.0})));
  const Tensor c = detach(x);
  CHECK(c.is_constant());
  CHECK(c.value().is_same(x.value()));
  CHECK(graph.size() == 1);
  const Tensor sum = sum_to(detach(x * x) * x, {});
  CHECK(numbers_of(gradient(sum)[x].value()) == std::vector<double>{4.0, 9.0});
  CHECK(numbers_of(derivative(sum, x).value()) == std::vector<double>{4.0, 9.0});
  CHECK(detach(x.value()).is_same(x.value()));
}

TEST_CASE("where takes masks, tensors and arrays, and broadcasts all three") {
  const Array x = random_array({2, 3}), y = random_array({3}, 2);
  const Array m = array_of({2, 1}, {0.0, -0.5});
  const auto expected = [&](const Index& i) { return i[0] == 1 ? at(x, i) : at(y, {i[1]}); };
  check_elements("array", where(m, x, y), DType::float64, {2, 3}, expected);
  check_elements("mask", where(m < 0.0, x, y), DType::float64, {2, 3}, expected);
  check_elements("tensor", where(Tensor(m), Tensor(x), y).value(), DType::float64, {2, 3},
                 expected);
  check_elements("float32 mask", where(astype(m, DType::float32), x, y), DType::float64, {2, 3},
                 expected);
  const Array tiny = array_of({2, 1}, {0.0, 1e-300});  // 0 as a float, and yet not 0
  const Array xf = astype(x, DType::float32), yf = astype(y, DType::float32);
  check_elements("float64 mask", where(tiny, xf, yf), DType::float32, {2, 3},
                 [&](const Index& i) { return i[0] == 1 ? at(xf, i) : at(yf, {i[1]}); });
  check_elements("numbers", where(m, 1.0, -1), DType::float64, {2, 1},
                 [](const Index& i) { return i[0] == 1 ? 1.0 : -1.0; });
  check_elements("a larger mask", where(x > 0.0, y, 0.0), DType::float64, {2, 3},
                 [&](const Index& i) { return at(x, i) > 0.0 ? at(y, {i[1]}) : 0.0; });
  CHECK(where(random_array({0, 2}), random_array({1, 2}), 3.0).size() == 0);
}

TEST_CASE("derivatives of where") {
  const Array mask = array_of({2, 3}, {1, 0, 1, 0, 0, 1});
  check_derivatives("where",
                    [&](const auto& t) { return where(mask, sin(t[0]), exp(t[1])) * t[1]; },
                    {random_array({2, 3}), random_array({3}, 2)});
  check_derivatives("with a number",
                    [](const auto& t) { return where(t[0] > 0.0, t[0] * t[0], -1.0); },
                    {random_array({5}, 3)});
  Graph graph;
  const Tensor x = variable(Tensor(array_of({2}, {0.0, 4.0})));
  const Tensor y = sum_to(where(x, log(x), 1.0), {});
  CHECK(numbers_of(gradient(y)[x].value()) == std::vector<double>{0.0, 0.25});
  CHECK(numbers_of(derivative(y, x).value()) == std::vector<double>{0.0, 0.25});
  const Var v = variable(3.0);
  const Tensor mixed = where(x > 1.0, x, v);
  CHECK(numbers_of(mixed.value()) == std::vector<double>{3.0, 4.0});
  CHECK(gradient(sum_to(mixed, {}))[v] == 1.0);
}

TEST_CASE("errors of where") {
  const Array x = random_array({2, 3});
  check_message<ShapeError>([&] { where(x, x, random_array({4})); }, {"select", "[4]"});
  check_message<DTypeError>([&] { where(x, x, astype(x, DType::float32)); }, {"astype"});
  check_message<ShapeError>([&] { where(Tensor(), x, x); }, {"where", "never assigned"});
  check_message<ShapeError>([&] { where(x, Tensor(), x); }, {"where", "never assigned"});
}
