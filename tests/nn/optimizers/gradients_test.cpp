#include "nn/optimizers/gradients.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <thread>
#include <vector>

#include "nn/model/layers/linear.hpp"
#include "nn/model/sequential.hpp"
#include "nn/optimizers/sgd.hpp"
#include "tests/support/message_of.hpp"

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
  CHECK(message_of<DomainError>([&] { g[nn::Parameter(ones({1}))]; }) ==
        "Gradients: asked for a parameter that is not in the list");
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

TEST_CASE("the norm of gradients whose squares leave the range") {
  for (const double unit : {1e-200, 1e160}) {
    Graph graph;
    const nn::Parameter a(tensor({3.0, 0.0})), b(tensor({4.0}));
    const Tensor loss = 0.5 * unit * (sum(square(a())) + sum(square(b())));
    const nn::Gradients g(nn::Parameters{a, b}, gradient(loss));
    CHECK(g.norm() == doctest::Approx(5.0 * unit));
    CHECK(nn::clip_grad_norm(g, 0.5 * unit).norm() == doctest::Approx(0.5 * unit).epsilon(1e-5));
  }
}

TEST_CASE("the norm and clipped values of arrays of every length") {
  for (const DType dtype : {DType::float32, DType::float64})
    for (std::int64_t n = 1; n <= 9; ++n) {
      const nn::Parameter w(zeros({n}, dtype));
      const Tensor slope = arange(-4.0, static_cast<double>(n) - 4.0).astype(dtype);  // -4, -3, ...
      Graph graph;
      const nn::Gradients g(nn::Parameters{w}, gradient(sum(w() * slope)));
      double square_sum = 0.0;
      for (std::int64_t i = 0; i < n; ++i) square_sum += static_cast<double>((i - 4) * (i - 4));
      CHECK(g.norm() == doctest::Approx(std::sqrt(square_sum)).epsilon(1e-15));
      const std::vector<double> clipped = to_vector(nn::clip_grad_value(g, 2.5)[w]);
      const std::vector<double> halved = to_vector((g * 0.5)[w]);
      for (std::size_t i = 0; i < clipped.size(); ++i) {
        const double element = static_cast<double>(i) - 4.0;
        CHECK(clipped[i] == std::fmax(-2.5, std::fmin(element, 2.5)));
        CHECK(halved[i] == 0.5 * element);
      }
    }
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
}

TEST_CASE("gradients of which some are null add up") {
  const nn::Parameter a(ones({1})), b(ones({1})), c(ones({1})), d(ones({1}));
  const nn::Parameters list{a, b, c, d};
  Graph graph;
  const nn::Gradients ab(list, gradient(sum(a() + 2.0 * b())));
  const nn::Gradients bc(list, gradient(sum(4.0 * b() + 8.0 * c())));
  for (const nn::Gradients& sum : {ab + bc, bc + ab}) {
    CHECK(sum[a].item() == 1.0);
    CHECK(sum[b].item() == 6.0);
    CHECK(sum[c].item() == 8.0);
    CHECK(sum[3].is_null());
  }
}

TEST_CASE("gradients that do not match are errors that say where, and change nothing") {
  // The derivatives with respect to a parameter of one element and one given, all ones.
  const auto gradients_with = [](const Tensor& value) {
    const nn::Parameter a(ones({1})), b(value);
    Graph graph;
    return nn::Gradients(nn::Parameters{a, b},
                         gradient(sum(a()) + sum(b()).astype(DType::float64)));
  };
  nn::Gradients sum = gradients_with(ones({2}));
  const nn::Gradients longer = gradients_with(ones({3}));
  const nn::Gradients shorter = gradients_with(ones({2}, DType::float32));
  const nn::Parameter other(ones({1}));
  Graph graph;
  const nn::Gradients one(nn::Parameters{other}, gradient(sum_to(other(), {})));
  CHECK(message_of<ShapeError>([&] { sum += one; }) ==
        "Gradients: cannot add gradients of 2 parameters and of 1");
  CHECK(message_of<ShapeError>([&] { sum += longer; }) ==
        "Gradients: cannot add: 1 has shape [2] on the left and [3] on the right");
  CHECK(message_of<DTypeError>([&] { sum += shorter; }) ==
        "Gradients: cannot add: 1 is float64 on the left and float32 on the right");
  CHECK(sum[0].element(0) == 1.0);
  // The first parameters differ.
  const nn::Parameter wide(ones({2}));
  nn::Gradients first(nn::Parameters{wide}, gradient(chainrule::sum(wide())));
  CHECK(contains(message_of<ShapeError>([&] { first += one; }), "0 has shape [2]"));

  const nn::Parameter a(ones({1})), b(ones({2}));
  nn::Sgd optimizer(nn::Parameters{a, b});
  CHECK(message_of<ShapeError>([&] { optimizer.step(one); }) ==
        "Sgd: expected gradients of 2 parameters, not of 1");
  CHECK(message_of<ShapeError>([&] { optimizer.step(longer); }) ==
        "Sgd: the gradient by 1 has shape [3], the parameter [2]");
  CHECK(message_of<DTypeError>([&] { optimizer.step(shorter); }) ==
        "Sgd: the gradient by 1 is float32, the parameter float64");
  CHECK(a.value().element(0) == 1.0);
}

TEST_CASE("parameters frozen after the gradients were computed do not change") {
  const nn::Parameter a(ones({1})), b(ones({1}));
  nn::Parameter frozen = b;
  Graph graph;
  const nn::Gradients g(nn::Parameters{a, b}, gradient(sum(a() + b())));
  frozen.set_trainable(false);
  nn::Sgd optimizer(nn::Parameters{a, b}, {.learning_rate = 0.5});
  optimizer.step(g);
  CHECK(a.value().element(0) == 0.5);
  CHECK(b.value().element(0) == 1.0);
}

TEST_CASE("a derivative of -0 is given as 0") {
  const nn::Parameter w(ones({1}));
  Graph graph;
  const nn::Gradients g = nn::Gradients(nn::Parameters{w}, gradient(sum(w() * 0.0))) * -1.0;
  CHECK(std::signbit(g[0].element(0)));
  CHECK(!std::signbit(g[w].item()));
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

TEST_CASE("clipping a norm beyond the range, and gradients that are not finite") {
  for (const double element : {1.7e308, 1e308}) {
    const nn::Parameter a(zeros({3})), b(zeros({2}));
    nn::Gradients huge = [&] {
      Graph graph;
      return nn::Gradients(nn::Parameters{a, b},
                           gradient(Var(sum(a() * element) + sum(b() * -element))));
    }();
    double norm = 0.0;
    const nn::Gradients clipped = nn::clip_grad_norm(huge, 2.0, &norm);
    CHECK(std::isinf(norm));
    CHECK(clipped.norm() == doctest::Approx(2.0).epsilon(1e-12));
    CHECK(clipped[a].at({0}) == doctest::Approx(2.0 / std::sqrt(5.0)).epsilon(1e-12));
    CHECK(clipped[b].at({1}) == doctest::Approx(-2.0 / std::sqrt(5.0)).epsilon(1e-12));
    CHECK(nn::clip_grad_norm(huge, 1e308)[a].at({0}) ==
          doctest::Approx(1e308 / std::sqrt(5.0)).epsilon(1e-12));
    CHECK(nn::clip_grad_norm(huge, double(INFINITY))[a].at({0}) == element);
  }
  for (const double element : {double(NAN), double(INFINITY)}) {
    const nn::Parameter a(zeros({1})), b(zeros({1}));
    const nn::Gradients bad = [&] {
      Graph graph;
      return nn::Gradients(nn::Parameters{a, b}, gradient(Var(sum(a()) + sum(b() * element))));
    }();
    const std::string message = [&] {
      try {
        nn::clip_grad_norm(bad, 1.0);
      } catch (const DomainError& error) {
        return std::string(error.what());
      }
      return std::string();
    }();
    CHECK(message.find("the gradient by 1 has elements that are infinite or NaN") !=
          std::string::npos);
  }
}
