#include "nn/optimizers/lbfgs.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/support/message_of.hpp"

using namespace chainrule;

namespace {

/// Rosenbrock's function, with its minimum 0 at (1, 1, ...).
Tensor rosenbrock(const Tensor& x) {
  const std::int64_t n = x.size();
  const Tensor head = slice(x, {Slice{0, n - 1, 1}}), tail = slice(x, {Slice{1, n, 1}});
  return sum_to(100.0 * square(tail - square(head)) + square(1.0 - head), {});
}

}  // namespace

TEST_CASE("the minimum of Rosenbrock's function is found") {
  for (const std::int64_t n : {2, 10}) {
    const nn::Parameter x(full({n}, -1.2));
    nn::Lbfgs optimizer(nn::Parameters{x},
                        {.max_iterations = 200, .max_evaluations = 400, .tolerance_change = 1e-14});
    const double before = optimizer.step([&] { return rosenbrock(x()); });
    CHECK(before > 100.0);
    for (std::int64_t i = 0; i < n; ++i)
      CHECK(x.value().element(i) == doctest::Approx(1.0).epsilon(1e-6));
    CHECK(optimizer.evaluations() < 130);
  }
}

TEST_CASE("a quadratic is minimised in few iterations, and the next step continues") {
  const nn::Parameter x(tensor({3, -2, 5}));
  const Tensor scale = tensor({1, 10, 100});
  nn::Lbfgs optimizer(nn::Parameters{x}, {.max_iterations = 3});
  double last = INFINITY;
  for (int i = 0; i < 6; ++i) {
    const double loss = optimizer.step([&] { return sum_to(scale * square(x() - 1.0), {}); });
    CHECK(loss <= last);
    last = loss;
  }
  for (std::int64_t i = 0; i < 3; ++i)
    CHECK(x.value().element(i) == doctest::Approx(1.0).epsilon(1e-7));
}

TEST_CASE("several parameters, float32, a frozen one, and a loss as a Var") {
  nn::Parameter a(full({2}, 4.0, DType::float32)), b(full({1}, 3.0, DType::float32));
  nn::Parameter frozen(full({1}, 7.0, DType::float32));
  frozen.set_trainable(false);
  nn::Lbfgs optimizer(nn::Parameters{a, frozen, b});
  for (int i = 0; i < 3; ++i)
    optimizer.step([&] {
      const Var loss = sum_to(square(a() - 1.0), {}) + sum_to(square(b() - frozen()), {});
      return loss;
    });
  CHECK(a.value().element(1) == doctest::Approx(1.0).epsilon(1e-4));
  CHECK(b.value().element(0) == doctest::Approx(7.0).epsilon(1e-4));
  CHECK(frozen.value().element(0) == 7.0);
}

TEST_CASE("steps to points where the loss is not finite are undone") {
  const nn::Parameter x(tensor({0.1}));
  nn::Lbfgs optimizer(nn::Parameters{x}, {.learning_rate = 100.0});
  // log is NaN for x < 0 and falls steeply near 0.
  optimizer.step([&] { return sum_to(x() - log(x()), {}); });
  CHECK(x.value().element(0) == doctest::Approx(1.0).epsilon(1e-5));
}

TEST_CASE("a restored state continues exactly; one that does not fit changes nothing") {
  const nn::Parameter x(full({2}, -1.2)), y(full({2}, 0.0));
  nn::Lbfgs first(nn::Parameters{x}, {.max_iterations = 5}), second(nn::Parameters{y});
  first.step([&] { return rosenbrock(x()); });
  nn::Parameter twin = y;
  twin.set_value(Tensor(x.value()));
  second = nn::Lbfgs(nn::Parameters{y}, {.max_iterations = 5});
  second.set_state(first.state());
  first.step([&] { return rosenbrock(x()); });
  second.step([&] { return rosenbrock(y()); });
  CHECK(x.value().element(0) == y.value().element(0));
  nn::State bad = first.state();
  bad.arrays.erase("direction");
  CHECK(contains(message_of<FormatError>([&] { second.set_state(bad); }), "missing: direction"));
  bad = first.state();
  for (const double pairs : {-1.0, 0.5, 11.0, 1e6}) {  // at most 10 are kept
    bad.numbers["pairs"] = pairs;
    CHECK_THROWS_AS(second.set_state(bad), FormatError);
  }
}

TEST_CASE("options out of range are errors that name them") {
  const nn::Parameters none;
  CHECK(contains(message_of<DomainError>([&] { nn::Lbfgs(none, {.learning_rate = 0.0}); }),
                 "Lbfgs: learning_rate"));
  CHECK(contains(message_of<DomainError>([&] { nn::Lbfgs(none, {.history = 0}); }),
                 "Lbfgs: history"));
  nn::Lbfgs optimizer(none);
  CHECK_THROWS_AS(optimizer.set_learning_rate(-1.0), DomainError);
}

TEST_CASE("L-BFGS: another size of parameters is an error, and a failing loss undoes the step") {
  nn::Parameter w(full({4}, 7.0));
  nn::Lbfgs optimizer(nn::Parameters{w}, {.max_iterations = 2});
  const auto loss = [&] { return Tensor(sum(square(w() * w()))); };
  optimizer.step(loss);
  w.replace(full({400}, 7.0));
  CHECK_THROWS_AS(optimizer.step(loss), ShapeError);
  nn::Lbfgs other(nn::Parameters{w});
  int calls = 0;
  CHECK_THROWS_AS(other.step([&] {
    if (++calls == 2) throw DomainError("enough");
    return loss();
  }),
                  DomainError);
  CHECK(w.value().element(0) == 7.0);
}
