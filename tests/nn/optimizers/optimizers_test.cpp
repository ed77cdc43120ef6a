// The common behaviour of all optimisers: steps, groups, and errors.
#include <doctest/doctest.h>

#include <cmath>

#include "autodiff/core/threads.hpp"
#include "nn/model/layers/linear.hpp"
#include "nn/model/sequential.hpp"
#include "nn/optimizers/adam.hpp"
#include "nn/optimizers/adaptive.hpp"
#include "nn/optimizers/sgd.hpp"
#include "tests/nn/optimizers/check_optimizers.hpp"
#include "tests/support/message_of.hpp"

using namespace chainrule;
using chainrule::testing::step;

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

TEST_CASE("a converted parameter needs a new optimiser") {
  const nn::Parameter first(ones({1}));
  nn::Parameter w(ones({2}));
  nn::Adam optimizer(nn::Parameters{first, w});
  step(optimizer, w, 1.0);
  w.replace(ones({2}, DType::float32));
  CHECK(contains(message_of<DTypeError>([&] { step(optimizer, w, 1.0); }),
                 "Adam: the parameter 1 was converted to float32 [2] since the last step"));
  w.replace(ones({3}));
  CHECK(contains(message_of<DTypeError>([&] { step(optimizer, w, 1.0); }),
                 "Adam: the parameter 1 was converted to float64 [3] since the last step"));
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
