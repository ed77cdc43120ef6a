#include "nn/optimizers/gradients.hpp"

#include <doctest/doctest.h>

#include <thread>

#include "nn/model/layers/linear.hpp"
#include "nn/model/sequential.hpp"
#include "nn/optimizers/sgd.hpp"

using namespace chainrule;

namespace {

struct Two {
  nn::Parameter a{zeros({1})}, b{zeros({2})};
  nn::Parameters list{a, b};

  /// The gradients of a loss whose derivatives are 3 with respect to a and (4, 0) with respect to
  /// b.
  nn::Gradients gradients() const {
    Graph graph;
    return {list, gradient(sum_to(a() * 3.0, {}) + sum_to(b() * tensor({4, 0}), {}))};
  }
};

}  // namespace

TEST_CASE("gradients can be added to themselves") {
  const nn::Parameter w(tensor({1, 2}));
  Graph graph;
  nn::Gradients d(nn::Parameters{w}, gradient(sum(square(w()))));
  const nn::Gradients& same = d;
  d += same;
  CHECK(to_vector(d[w]) == std::vector<double>{4, 8});
}

TEST_CASE("gradients are found by parameter") {
  const Two two;
  const nn::Gradients g = two.gradients();
  CHECK(g.size() == 2);
  CHECK(g.norm() == 5.0);
  CHECK(g[two.a].at({0}) == 3.0);
  CHECK(g[two.b].at({1}) == 0.0);
  CHECK_THROWS_AS(g[nn::Parameter(ones({1}))], DomainError);
  Graph graph;
  two.a();
  const nn::Gradients part(two.list, gradient(sum_to(two.a(), {})));
  CHECK(part[1].is_null());
  CHECK(part[two.b].at({0}) == 0.0);
  const Tensor stranger = variable(ones({1}));
  CHECK_THROWS_AS(
      nn::Gradients(nn::Parameters{nn::Parameter(ones({1}))}, gradient(sum_to(stranger, {}))),
      GraphError);
}

TEST_CASE("clipping the norm") {
  const Two two;
  double norm = 0.0;
  const nn::Gradients g = two.gradients();
  const nn::Gradients clipped = nn::clip_grad_norm(g, 1.0, &norm);
  CHECK(norm == 5.0);
  CHECK(clipped[two.a].at({0}) == doctest::Approx(0.59999988).epsilon(1e-12));
  CHECK(clipped[two.b].at({0}) == doctest::Approx(0.79999984).epsilon(1e-12));
  CHECK(g[two.a].at({0}) == 3.0);  // g is a value: clipping changed a copy
  CHECK(nn::clip_grad_norm(g, 10.0)[two.a].at({0}) == 3.0);
  CHECK_THROWS_AS(nn::clip_grad_norm(g, 0.0), DomainError);
}

TEST_CASE("clipping values") {
  const Two two;
  const nn::Gradients clipped = nn::clip_grad_value(two.gradients() * -1.0, 3.5);
  CHECK(clipped[two.a].at({0}) == -3.0);
  CHECK(clipped[two.b].at({0}) == -3.5);
  CHECK_THROWS_AS(nn::clip_grad_value(two.gradients(), -1.0), DomainError);
}

TEST_CASE("gradients of several batches add up") {
  Two two;
  nn::Gradients sum = two.gradients();
  sum += two.gradients();
  CHECK(sum[two.a].at({0}) == 6.0);
  CHECK((sum + two.gradients())[two.b].at({0}) == 12.0);
  CHECK(sum[two.b].at({0}) == 8.0);
  nn::Sgd optimizer(two.list, {.learning_rate = 1.0});
  optimizer.step(sum * 0.5);
  CHECK(two.a.value().element(0) == -3.0);
  CHECK_THROWS_AS(sum += nn::Gradients(sum.parameters(),
                                       [&] {
                                         Graph graph;
                                         return gradient(sum_to(variable(ones({1})), {}));
                                       }()),
                  GraphError);
  const nn::Parameter other(ones({2}));
  Graph graph;
  const nn::Gradients one(nn::Parameters{other}, gradient(sum_to(other(), {})));
  CHECK_THROWS_AS(sum += one, ShapeError);
  CHECK_THROWS_AS(optimizer.step(one), ShapeError);
}

TEST_CASE("an optimiser steps with clipped gradients") {
  const Two two;
  nn::Sgd optimizer(two.list, {.learning_rate = 1.0});
  optimizer.step(nn::clip_grad_norm(two.gradients(), 1.0));
  CHECK(two.a.value().element(0) == doctest::Approx(-0.6).epsilon(1e-6));
}

TEST_CASE("clones compute gradients in other threads") {
  nn::Sequential model{nn::Linear(3, 2)};
  const nn::Parameters parameters = model.parameters();
  const auto batch = [&](double x) { return full({4, 3}, x); };
  std::vector<nn::Gradients> parts;
  for (int i = 0; i < 2; ++i)
    parts.emplace_back(nn::Parameters(), [] {
      Graph graph;
      return gradient(variable(1.0));
    }());
  std::vector<nn::Sequential> clones{nn::clone(model), nn::clone(model)};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 2; ++i)
    threads.emplace_back([&, i] {
      Graph graph;
      const Tensor loss = sum_to(clones[i](batch(static_cast<double>(i + 1))), {});
      parts[i] = nn::Gradients(clones[i].parameters(), gradient(loss));
    });
  for (std::thread& thread : threads) thread.join();
  const nn::Gradients sum = parts[0] + parts[1];
  nn::Sgd optimizer(parameters, {.learning_rate = 1.0});
  const double before = parameters[0].parameter.value().element(0);
  optimizer.step(sum);
  CHECK(parameters[0].parameter.value().element(0) == doctest::Approx(before - 12.0));
}
