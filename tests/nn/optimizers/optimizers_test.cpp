// Update rules against reference values, and the common behaviour of all optimisers.
#include <doctest/doctest.h>

#include <cmath>

#include "autodiff/core/threads.hpp"
#include "nn/model/layers/linear.hpp"
#include "nn/model/sequential.hpp"
#include "nn/optimizers/adam.hpp"
#include "nn/optimizers/adaptive.hpp"
#include "nn/optimizers/sgd.hpp"
#include "tests/support/message_of.hpp"

using namespace chainrule;

namespace {

/// A step in which every element of w has the gradient g.
void step(nn::Optimizer& optimizer, const nn::Parameter& w, double g) {
  Graph graph;
  optimizer.step(gradient(sum_to(w() * g, {})));
}

/// A parameter with the initial value 1 after steps with the gradients 0.5, -0.25, 0.1.
template <class Optimizer>
double after_three(typename Optimizer::Options options, DType dtype = DType::float64) {
  options.learning_rate = 0.1;
  const nn::Parameter w(ones({5}, dtype));
  Optimizer optimizer(nn::Parameters{w}, options);
  for (const double g : {0.5, -0.25, 0.1}) step(optimizer, w, g);
  for (std::int64_t i = 1; i < 5; ++i) CHECK(w.value().element(i) == w.value().element(0));
  return w.value().element(0);
}

template <class Optimizer>
void check(const typename Optimizer::Options& options, double expected) {
  CHECK(after_three<Optimizer>(options) == doctest::Approx(expected).epsilon(2e-14));
  CHECK(after_three<Optimizer>(options, DType::float32) == doctest::Approx(expected).epsilon(3e-6));
}

}  // namespace

TEST_CASE("updates equal those of PyTorch") {
  check<nn::Sgd>({}, 0.965);
  check<nn::Sgd>({.momentum = 0.9}, 0.902);
  check<nn::Sgd>({.momentum = 0.9, .dampening = 0.5}, 0.88325);
  check<nn::Sgd>({.momentum = 0.9, .nesterov = true}, 0.8768);
  check<nn::Sgd>({.momentum = 0.9, .weight_decay = 0.01}, 0.896559749);
  check<nn::Adam>({}, 0.841841943025716);
  check<nn::Adam>({.weight_decay = 0.01}, 0.837292366359363);
  check<nn::AdamW>({}, 0.83907147572501);
  check<nn::Rmsprop>({}, 0.27137417663017);
  check<nn::Rmsprop>({.centered = true}, 0.266441911708617);
  check<nn::Rmsprop>({.momentum = 0.9}, -1.03451362439029);
  check<nn::Adagrad>({}, 0.927112341438584);
}

TEST_CASE("the variants equal their formulas in plain numbers") {
  const double g[] = {0.5, -0.25, 0.1};
  {
    double w = 1, m = 0, v = 0, most = 0;
    for (int t = 1; t <= 3; ++t) {
      m = 0.9 * m + 0.1 * g[t - 1];
      v = 0.5 * v + 0.5 * g[t - 1] * g[t - 1];
      most = std::max(most, v);
      w -= 0.1 / (1 - std::pow(0.9, t)) * m / (std::sqrt(most / (1 - std::pow(0.5, t))) + 1e-8);
    }
    check<nn::Adam>({.beta2 = 0.5, .amsgrad = true}, w);
    check<nn::AdamW>({.beta2 = 0.5, .weight_decay = 0.0, .amsgrad = true}, w);
  }
  {
    double w = 1, m = 0, u = 0;
    for (int t = 1; t <= 3; ++t) {
      const double d = g[t - 1] + 0.1 * w;
      m = 0.9 * m + 0.1 * d;
      u = std::max(0.999 * u, std::fabs(d) + 1e-8);
      w -= 0.1 / (1 - std::pow(0.9, t)) * m / u;
    }
    check<nn::Adamax>({.weight_decay = 0.1}, w);
  }
  {
    double w = 1, v = 0, moved = 0;
    for (const double d : g) {
      v = 0.9 * v + 0.1 * d * d;
      const double move = std::sqrt(moved + 1e-6) / std::sqrt(v + 1e-6) * d;
      moved = 0.9 * moved + 0.1 * move * move;
      w -= 0.1 * move;
    }
    check<nn::Adadelta>({}, w);
  }
  {
    double w = 1, v = 0, a = 0, b = 0;
    for (const double d : g) {
      v = 0.9 * v + 0.1 * d * d;
      a = 0.9 * a + 0.1 * d;
      b = 0.5 * b + d / (std::sqrt(v - a * a) + 1e-8);
      w -= 0.1 * b;
    }
    check<nn::Rmsprop>({.alpha = 0.9, .momentum = 0.5, .centered = true}, w);
  }
  {
    double w = 1, v = 0.1;
    for (int t = 1; t <= 3; ++t) {
      const double d = g[t - 1] + 0.01 * w;
      v += d * d;
      w -= 0.1 / (1 + (t - 1) * 0.02) * d / (std::sqrt(v) + 1e-10);
    }
    check<nn::Adagrad>({.lr_decay = 0.02, .weight_decay = 0.01, .initial_accumulator_value = 0.1},
                       w);
  }
}

TEST_CASE("options out of range are errors that name them") {
  const nn::Parameters none;
  const auto error = [](auto make) { return message_of<DomainError>(make); };
  CHECK(error([&] { nn::Sgd(none, {.learning_rate = -1.0}); }) ==
        "Sgd: learning_rate is -1; it must be finite and not negative");
  CHECK(contains(error([&] { nn::Sgd(none, {.momentum = NAN}); }), "Sgd: momentum"));
  CHECK(contains(error([&] { nn::Sgd(none, {.nesterov = true}); }), "nesterov"));
  CHECK(contains(error([&] { nn::Sgd(none, {.dampening = 2.0}); }), "dampening"));
  CHECK(contains(error([&] { nn::Adam(none, {.beta1 = 1.0}); }), "Adam: beta1"));
  CHECK(contains(error([&] { nn::AdamW(none, {.beta2 = -0.1}); }), "AdamW: beta2"));
  CHECK(contains(error([&] { nn::Adamax(none, {.eps = -1.0}); }), "Adamax: eps"));
  CHECK(contains(error([&] { nn::Rmsprop(none, {.alpha = 1.5}); }), "Rmsprop: alpha"));
  CHECK(contains(error([&] { nn::Adagrad(none, {.lr_decay = -1.0}); }), "Adagrad: lr_decay"));
  CHECK(contains(error([&] { nn::Adadelta(none, {.rho = 1.0}); }), "Adadelta: rho"));
  nn::Sgd sgd(none);
  CHECK_THROWS_AS(sgd.set_learning_rate(INFINITY), DomainError);
  CHECK_THROWS_AS(sgd.set_learning_rate(0.1, 1), ShapeError);
}

TEST_CASE("groups have their own options") {
  const nn::Parameter a(ones({2})), b(ones({2}));
  nn::Sgd optimizer({{nn::Parameters{a}, {.learning_rate = 0.1}},
                     {nn::Parameters{b}, {.learning_rate = 0.01, .momentum = 0.5}}});
  CHECK(optimizer.group_count() == 2);
  CHECK(optimizer.parameters().size() == 2);
  const auto both = [&] {
    Graph graph;
    optimizer.step(gradient(sum_to(a() + b(), {})));
  };
  both();
  CHECK(a.value().element(0) == doctest::Approx(0.9));
  CHECK(b.value().element(0) == doctest::Approx(0.99));
  optimizer.scale_learning_rate(0.5);
  CHECK(optimizer.learning_rate(0) == 0.05);
  CHECK(optimizer.learning_rate(1) == 0.005);
  both();
  CHECK(a.value().element(0) == doctest::Approx(0.85));
  CHECK(b.value().element(0) == doctest::Approx(0.99 - 0.005 * 1.5));
  optimizer.set_learning_rate(1.0);
  CHECK(optimizer.learning_rate(1) == 1.0);
  CHECK_THROWS_AS(optimizer.add_group(nn::Parameters{a}, {}), DomainError);
}

TEST_CASE("parameters from which nothing flows do not change, nor does their state") {
  const nn::Parameter used(ones({2})), unused(ones({2}));
  nn::Adam optimizer(nn::Parameters{used, unused}, {.weight_decay = 0.1});
  {
    Graph graph;
    unused();
    optimizer.step(gradient(sum_to(used(), {})));
  }
  CHECK(used.value().element(0) < 1.0);
  CHECK(unused.value().element(0) == 1.0);
  CHECK(optimizer.state().numbers.at("1.step") == 0.0);
  CHECK(optimizer.state().numbers.at("0.step") == 1.0);
}

TEST_CASE("a gradient without any of the parameters is an error") {
  nn::Parameter w(ones({2}));
  const nn::Parameter stranger(ones({2}));
  nn::Sgd optimizer(nn::Parameters{w});
  Graph graph;
  CHECK_THROWS_AS(optimizer.step(gradient(sum_to(stranger(), {}))), GraphError);
  w.set_trainable(false);
  w();
  CHECK_THROWS_AS(optimizer.step(gradient(sum_to(stranger(), {}))), GraphError);
}

TEST_CASE("a step without parameters is an error") {
  nn::Sgd optimizer(nn::Parameters{});
  const nn::Parameter w(ones({2}));
  Graph graph;
  const Gradient d = gradient(sum(w()));
  CHECK(contains(message_of<GraphError>([&] { optimizer.step(d); }), "members()"));
  CHECK_THROWS_AS(optimizer.step(optimizer.gradients(d)), GraphError);
}

TEST_CASE("a gradient outlives its graph and can be used by two optimisers") {
  const nn::Parameter a(ones({1})), b(ones({1}));
  nn::Sgd first(nn::Parameters{a}, {.learning_rate = 1.0});
  nn::Sgd second(nn::Parameters{b}, {.learning_rate = 1.0});
  const Gradient d = [&] {
    Graph graph;
    return gradient(sum_to(a() * b() * 3.0, {}));
  }();
  first.step(d);
  second.step(d);
  CHECK(a.value().element(0) == -2.0);
  CHECK(b.value().element(0) == -2.0);
}

TEST_CASE("gradients that are views are copied to row-major order first") {
  const nn::Parameter w(ones({2, 3}));
  nn::Sgd optimizer(nn::Parameters{w}, {.learning_rate = 1.0});
  Graph graph;
  const Tensor x = tensor({{1, 2}, {3, 4}, {5, 6}});
  optimizer.step(gradient(sum_to(transpose(w()) * x, {})));
  CHECK(to_vector(Tensor(w.value())) == std::vector<double>{0, -2, -4, -1, -3, -5});
}

TEST_CASE("all forms of step() have the same result, and arrays that are shared do not change") {
  const Tensor x = [] {
    Random random(3);
    return normal(random, {50'000}, 0.0, 1.0, DType::float32);  // enough work for two threads
  }();
  const auto loss_of = [&](const Tensor& w) { return sum(square(w) * x); };
  const auto numbers = [](const Array& array) { return to_vector(Tensor(array)); };
  const auto check_kind = [&](auto make) {
    const nn::Parameter in_place(x), kept(x), moved(x), collected(x);
    auto first = make(nn::Parameters{in_place}), second = make(nn::Parameters{kept});
    auto third = make(nn::Parameters{moved}), fourth = make(nn::Parameters{collected});
    for (int i = 0; i < 2; ++i) {
      first.step([&] {
        Graph graph;
        return gradient(loss_of(in_place()));
      }());
      Graph graph;
      const Tensor w = kept();
      const Gradient d = gradient(loss_of(w));
      const std::vector<double> old = numbers(w.value()), slope = to_vector(d[w]);
      second.step(d);
      CHECK(to_vector(w) == old);
      CHECK(to_vector(d[w]) == slope);
      const Tensor v = moved();
      Gradient e = gradient(loss_of(v));
      const Array adjoint = i == 0 ? e.tensor_adjoint(v.id()) : Array();
      const void* const memory = e.tensor_adjoint(v.id()).data();
      third.step(std::move(e));
      CHECK(to_vector(v) == old);
      if (i == 0)
        CHECK(numbers(adjoint) == slope);
      else
        CHECK(moved.value().data() == memory);
      const Tensor u = collected();
      fourth.step(fourth.gradients(gradient(loss_of(u))));
      CHECK(to_vector(u) == old);
    }
    const std::vector<double> result = numbers(in_place.value());
    CHECK(result != to_vector(x));
    CHECK(numbers(kept.value()) == result);
    CHECK(numbers(moved.value()) == result);
    CHECK(numbers(collected.value()) == result);
  };
  const int threads = thread_count();
  for (const int count : {1, 2}) {
    set_thread_count(count);
    check_kind([](const nn::Parameters& p) { return nn::Sgd(p, {.momentum = 0.9}); });
    check_kind([](const nn::Parameters& p) { return nn::Sgd(p); });
    check_kind([](const nn::Parameters& p) { return nn::Adam(p, {.amsgrad = true}); });
    check_kind([](const nn::Parameters& p) { return nn::Rmsprop(p, {.centered = true}); });
    check_kind([](const nn::Parameters& p) { return nn::Adadelta(p); });
  }
  set_thread_count(threads);
}

TEST_CASE("a restored state continues a training exactly") {
  const auto train = [](nn::Optimizer& optimizer, const nn::Parameter& w, int steps) {
    for (int i = 0; i < steps; ++i) {
      Graph graph;
      optimizer.step(gradient(sum_to(square(w() - 3.0), {})));
    }
  };
  const auto check_kind = [&](auto make) {
    const nn::Parameter w(tensor({1, 2})), other(tensor({0, 0}));
    auto optimizer = make(nn::Parameters{w}), resumed = make(nn::Parameters{other});
    optimizer.set_learning_rate(0.02);
    train(optimizer, w, 3);
    nn::Parameter twin = other;
    twin.set_value(Tensor(w.value()));
    const nn::State state = optimizer.state();
    resumed.set_state(state);
    CHECK(resumed.learning_rate() == 0.02);
    train(optimizer, w, 3);
    train(resumed, other, 3);
    CHECK(w.value().element(0) == other.value().element(0));
    // A state that was saved does not change later.
    auto third = make(nn::Parameters{nn::Parameter(zeros({2}))});
    third.set_state(state);
    CHECK(third.state().numbers.at("0.step") == 3.0);
    for (const auto& [name, array] : state.arrays)
      CHECK(third.state().arrays.at(name).element(1) == array.element(1));
  };
  check_kind([](const nn::Parameters& p) { return nn::Sgd(p, {.momentum = 0.9}); });
  check_kind([](const nn::Parameters& p) { return nn::Adam(p, {.amsgrad = true}); });
  check_kind([](const nn::Parameters& p) { return nn::AdamW(p); });
  check_kind([](const nn::Parameters& p) { return nn::Adamax(p); });
  check_kind([](const nn::Parameters& p) { return nn::Adagrad(p); });
  check_kind([](const nn::Parameters& p) { return nn::Adadelta(p); });
  check_kind(
      [](const nn::Parameters& p) { return nn::Rmsprop(p, {.momentum = 0.9, .centered = true}); });
}

TEST_CASE("a state that does not fit changes nothing") {
  const nn::Parameter w(tensor({1, 2}));
  nn::Adam optimizer(nn::Parameters{w}, {.learning_rate = 0.5});
  step(optimizer, w, 1.0);
  const nn::State good = optimizer.state();
  CHECK(good.arrays.count("0.first_moment") == 1);
  const auto error = [&](const nn::State& state) {
    return message_of<FormatError>([&] { optimizer.set_state(state); });
  };
  nn::State bad = good;
  bad.numbers["group.0.learning_rate"] = 0.25;
  bad.arrays.erase("0.second_moment");
  bad.arrays["0.first_moment"] = zeros({3}).value();
  bad.arrays["1.first_moment"] = zeros({3}).value();
  const std::string message = error(bad);
  CHECK(contains(message, "missing: 0.second_moment"));
  CHECK(contains(message, "unexpected: 1.first_moment"));
  CHECK(contains(message, "0.first_moment: float64 [3] given, float64 [2] wanted"));
  CHECK(optimizer.learning_rate() == 0.5);
  bad = good;
  bad.numbers["0.step"] = 1.5;
  CHECK(contains(error(bad), "1.5, which is not a count"));
  bad = good;
  bad.texts["optimizer"] = "Sgd";
  CHECK(contains(error(bad), "the state is that of an optimiser Sgd"));
  bad = good;
  bad.numbers["group.0.beta1"] = 2.0;
  CHECK_THROWS_AS(optimizer.set_state(bad), DomainError);
  CHECK(error(good).empty());
}

TEST_CASE("a converted parameter needs a new optimiser") {
  nn::Parameter w(ones({2}));
  nn::Adam optimizer(nn::Parameters{w});
  step(optimizer, w, 1.0);
  w.replace(ones({2}, DType::float32));
  CHECK_THROWS_AS(step(optimizer, w, 1.0), DTypeError);
}

TEST_CASE("a step with gradients that do not fit changes nothing") {
  nn::Sequential model{nn::Linear(2, 3), nn::Linear(3, 1)};
  nn::Adam adam(model.parameters());
  nn::Sgd sgd(model.parameters());
  const auto gradient_now = [&](DType dtype) {
    Graph graph;
    return gradient(sum(model(ones({4, 2}, dtype))));
  };
  const Gradient old = gradient_now(DType::float64);
  adam.step(old);
  const nn::Gradients collected = adam.gradients(old);
  model.to(DType::float32);
  const nn::State before = model.state();
  CHECK_THROWS_AS(sgd.step(old), DTypeError);
  CHECK_THROWS_AS(sgd.step(collected), DTypeError);
  CHECK(contains(message_of<DTypeError>([&] {
                   const nn::Gradients now = adam.gradients(gradient_now(DType::float32));
                   adam.step(now);
                 }),
                 "was converted to float32"));
  CHECK(model.state().arrays.begin()->second.is_same(before.arrays.begin()->second));
}

TEST_CASE("parameters of two groups may share a name and have separate states") {
  nn::Linear encoder(2, 2), head(2, 3);
  const auto make = [&] {
    return nn::Adam({{encoder.parameters(), {}}, {head.parameters(), {.learning_rate = 0.1}}});
  };
  nn::Adam adam = make();
  {
    Graph graph;
    adam.step(gradient(sum(square(head(encoder(ones({1, 2})))))));
  }
  const nn::State state = adam.state();
  CHECK(state.arrays.size() == 8);
  CHECK(state.numbers.contains("weight.step"));
  CHECK(state.numbers.contains("group.1.weight.step"));
  nn::Adam other = make();
  other.set_state(state);
  const nn::State again = other.state();
  CHECK(again.arrays.size() == 8);
  for (const auto& [name, array] : state.arrays)
    CHECK(again.arrays.at(name).element(0) == array.element(0));
  const nn::Parameter a(ones({1})), b(ones({1}));
  const nn::Parameters twice(std::vector<nn::NamedParameter>{{"w", a}, {"w", b}});
  CHECK(contains(message_of<DomainError>([&] { nn::Sgd{twice}; }), "named w"));
}

TEST_CASE("a constant gradient does not make the variance of centred Rmsprop negative") {
  for (const DType dtype : {DType::float32, DType::float64})
    for (const double g : {0.1, 0.3, 0.7}) {
      const nn::Parameter w(full({1}, 0.0, dtype));
      nn::Rmsprop optimizer(nn::Parameters{w}, {.learning_rate = 1e-6, .centered = true});
      Graph graph;
      const Gradient d = gradient(sum(w() * g));
      for (int i = 0; i < 4000; ++i) optimizer.step(d);
      CHECK(std::isfinite(w.value().element(0)));
    }
}
