#include "nn/optimizers/lbfgs.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "autodiff/autodiff.hpp"
#include "tests/nn/optimizers/check_optimizers.hpp"
#include "tests/support/message_of.hpp"

using namespace chainrule;
using chainrule::testing::check_equal;

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

TEST_CASE("L-BFGS: a gradient that is not finite is an error, and changes nothing") {
  for (const bool strong_wolfe : {true, false}) {
    const nn::Parameter x(tensor({0.0, 3.0}));
    nn::Lbfgs optimizer(nn::Parameters{x}, {.strong_wolfe = strong_wolfe});
    CHECK(message_of<DomainError>([&] {
            optimizer.step([&] { return sum(sqrt(x())); });
          }).find("its gradient has elements that are infinite or NaN") != std::string::npos);
    CHECK(x.value().element(0) == 0.0);
    CHECK(x.value().element(1) == 3.0);
  }
}

TEST_CASE("a restored state continues exactly") {
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
}

TEST_CASE("the state of L-BFGS before the first step, after one, and with a full history") {
  for (const std::int64_t iterations : {0, 1, 3}) {
    const nn::Parameter x(full({2}, -1.2));
    const nn::LbfgsOptions options{.max_iterations = std::max<std::int64_t>(iterations, 1),
                                   .history = 2};
    nn::Lbfgs first(nn::Parameters{x}, options), second(nn::Parameters{x}, options);
    first.set_learning_rate(0.5);
    if (iterations > 0) first.step([&] { return rosenbrock(x()); });
    const nn::State state = first.state();
    const auto pairs = static_cast<std::size_t>(std::max<std::int64_t>(iterations - 1, 0));
    CHECK(state.texts == decltype(state.texts){{"optimizer", "Lbfgs"}});
    CHECK(state.numbers.at("iterations") == static_cast<double>(iterations));
    CHECK(state.numbers.at("evaluations") == static_cast<double>(first.evaluations()));
    CHECK(state.numbers.at("pairs") == static_cast<double>(pairs));
    CHECK(state.arrays.size() == (iterations > 0 ? 2 + 2 * pairs : 0));
    second.set_state(state);
    CHECK(second.learning_rate() == 0.5);
    CHECK(second.evaluations() == first.evaluations());
    check_equal(second.state(), state);
  }
}

TEST_CASE("each entry of the state of L-BFGS is needed, and must be in its range") {
  const nn::Parameter x(full({2}, -1.2));
  nn::Lbfgs optimizer(nn::Parameters{x}, {.max_iterations = 3, .history = 2});
  optimizer.step([&] { return rosenbrock(x()); });
  const nn::State good = optimizer.state();
  CHECK(good.numbers.at("pairs") == 2.0);
  const auto check_refused = [&](const nn::State& state, const std::string& text) {
    CHECK(contains(message_of<FormatError>([&] { optimizer.set_state(state); }), text));
    check_equal(optimizer.state(), good);
  };
  for (const auto& entry : good.arrays) {
    nn::State bad = good;
    bad.arrays.erase(entry.first);
    check_refused(bad, "missing: " + entry.first);
    bad.arrays[entry.first] = ones({3}).value();
    check_refused(bad, entry.first + ": float64 [3] given, float64 [2] wanted");
  }
  // Without its entry, a number is taken as its least value. Then there are no pairs, say.
  for (const auto& entry : good.numbers) {
    nn::State bad = good;
    bad.numbers.erase(entry.first);
    check_refused(bad, "missing: " + entry.first);
  }
  nn::State bad = good;
  bad.texts.clear();
  check_refused(bad, "missing: optimizer");
  bad.texts["optimizer"] = "Sgd";
  check_refused(bad, "Lbfgs: the state is that of an optimiser Sgd");

  const auto with = [&](const char* name, double value) {
    nn::State state = good;
    state.numbers[name] = value;
    return state;
  };
  const double infinity = std::numeric_limits<double>::infinity();
  check_refused(with("learning_rate", 0.0), "Lbfgs: in the state learning_rate is 0; it must be");
  for (const char* const name : {"learning_rate", "t", "iterations", "evaluations", "pairs"})
    for (const double value : {-1.0, infinity, static_cast<double>(NAN)})
      check_refused(with(name, value), std::string("Lbfgs: in the state ") + name + " is ");
  for (const char* const name : {"iterations", "evaluations", "pairs"}) {
    check_refused(with(name, 0.5), std::string(name) + " is 0.5, which is not a count");
    check_refused(with(name, 0x1p54), name);
  }
  check_refused(with("pairs", 3.0), "in the state pairs is 3; it must be in [0, 2]");
  for (const char* const name : {"iterations", "evaluations"}) {
    nn::Lbfgs other(nn::Parameters{x}, {.history = 2});
    other.set_state(with(name, 0x1p53));
    CHECK(other.state().numbers.at(name) == 0x1p53);
  }
}

TEST_CASE("L-BFGS: another size of parameters is an error, and a failing loss undoes the step") {
  nn::Parameter w(full({4}, 7.0));
  nn::Lbfgs optimizer(nn::Parameters{w}, {.max_iterations = 1});
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

TEST_CASE("pairs of L-BFGS without curvature and numbers that are not finite are refused") {
  const nn::Parameter x(full({2}, -1.2));
  nn::Lbfgs optimizer(nn::Parameters{x}, {.max_iterations = 3, .history = 2});
  optimizer.step([&] { return rosenbrock(x()); });
  const nn::State good = optimizer.state();
  const auto refused = [&](const std::string& name, const Tensor& value) {
    nn::State bad = good;
    bad.arrays[name] = value.value();
    const std::string message = message_of<FormatError>([&] { optimizer.set_state(bad); });
    check_equal(optimizer.state(), good);
    return message;
  };
  for (const char* const name : {"pair.0.step", "pair.1.change"})
    CHECK(
        contains(refused(name, zeros({2})), "has a product of step and change of 0, not above 0"));
  for (const auto& entry : good.arrays)
    for (const double element : {double(NAN), double(INFINITY)})
      CHECK(contains(refused(entry.first, tensor({0.0, element})),
                     entry.first + " has an element that is not finite"));
}
