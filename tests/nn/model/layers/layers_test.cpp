#include <doctest/doctest.h>

#include <cmath>

#include "autodiff/autodiff.hpp"
#include "nn/model/layers/activation.hpp"
#include "nn/model/layers/dropout.hpp"
#include "nn/model/layers/linear.hpp"
#include "nn/model/layers/normalization.hpp"
#include "tests/support/message_of.hpp"

using namespace chainrule;

TEST_CASE("linear: x Wᵀ + b in one node, for any rank; initial values in U(±1/√in)") {
  nn::Linear layer(3, 2);
  layer.weight.set_value(tensor({{1, 2, 3}, {4, 5, 6}}));
  layer.bias.set_value(tensor({10, 20}));
  Graph graph;
  const Tensor y = layer(tensor({{1, 0, 0}, {0, 1, 1}}));
  CHECK(graph.size() == 3);
  CHECK(to_vector(y) == std::vector<double>{11, 24, 15, 31});
  CHECK(layer(ones({4, 5, 3})).shape() == Shape{4, 5, 2});
  CHECK_THROWS_AS(layer(ones({4, 5})), ShapeError);

  nn::Linear without(3, 2, {.bias = false, .dtype = DType::float32});
  CHECK(without.parameters().size() == 1);
  CHECK(without(ones({1, 3}, DType::float32)).dtype() == DType::float32);
  CHECK(without.describe() == "Linear(3, 2, no bias)");

  Random random(1);
  const nn::Linear large(100, 50, {.random = &random});
  double most = 0.0;
  for (const auto& entry : large.parameters())
    for (const double w : to_vector(Tensor(entry.parameter.value())))
      most = std::max(most, std::fabs(w));
  CHECK(most <= 0.1);
  CHECK(most > 0.099);
  const nn::Linear made(2, 2,
                        {.weight_init = nn::init::constant(2.0), .bias_init = nn::init::zeros()});
  CHECK(made.weight.value().element(3) == 2.0);
  CHECK(made.bias.value().element(1) == 0.0);
  CHECK_THROWS_AS(nn::Linear(0, 2), ShapeError);
}

TEST_CASE("bias and embedding") {
  nn::Bias bias({3});
  bias.bias.set_value(tensor({1, 2, 3}));
  CHECK(to_vector(bias(zeros({2, 3}))) == std::vector<double>{1, 2, 3, 1, 2, 3});

  nn::Embedding table(4, 2);
  table.weight.set_value(tensor({{0, 1}, {2, 3}, {4, 5}, {6, 7}}));
  Graph graph;
  const Tensor y = table(Indices{3, 1, 3});
  CHECK(to_vector(y) == std::vector<double>{6, 7, 2, 3, 6, 7});
  const Gradient d = gradient(sum(y));
  CHECK(to_vector(d[table.weight]) == std::vector<double>{0, 0, 1, 1, 0, 0, 2, 2});
  CHECK_THROWS_AS(table(Indices{4}), ShapeError);
  const std::int64_t square[] = {0, 1, 2, 3};
  CHECK(table(Indices(square, {2, 2})).shape() == Shape{2, 2, 2});
}

TEST_CASE("dropout preserves the mean, follows its seed, and is off in evaluation mode") {
  nn::Dropout layer(0.25, Random(3));
  const Tensor x = ones({100, 100});
  const Tensor y = layer(x);
  double total = 0.0, zeros = 0.0;
  for (const double e : to_vector(y)) {
    CHECK((e == 0.0 || e == 1.0 / 0.75));
    total += e;
    zeros += e == 0.0;
  }
  CHECK(total / 1e4 == doctest::Approx(1.0).epsilon(0.02));
  CHECK(zeros / 1e4 == doctest::Approx(0.25).epsilon(0.05));
  CHECK(to_vector(nn::Dropout(0.25, Random(3))(x)) == to_vector(y));
  CHECK(to_vector(layer(x)) != to_vector(y));

  Graph graph;
  const Tensor v = variable(x);
  const Tensor z = layer(v);
  const Gradient d = gradient(sum(z));
  CHECK(to_vector(d[v]) == to_vector(z));
  layer.eval();
  CHECK(layer(v).tag() == v.tag());
  CHECK(to_vector(nn::Dropout(1.0)(x)) == std::vector<double>(10000, 0.0));
  CHECK(nn::Dropout(0.5)(ones({2}, DType::float32)).dtype() == DType::float32);
  CHECK_THROWS_AS(nn::Dropout(1.5), DomainError);
}

TEST_CASE("what dropout drops has no influence, even if it is not finite") {
  for (const double p : {0.5, 1.0}) {
    nn::Dropout layer(p, Random(3));
    Graph graph;
    const Tensor x = variable(full({50}, 1e200));
    const Tensor y = layer(x * 1e200);
    const Tensor slope = gradient(sum(y))[x];
    std::int64_t dropped = 0;
    for (std::int64_t i = 0; i < 50; ++i) {
      CHECK((y.at({i}) == 0.0 || y.at({i}) == double(INFINITY)));
      CHECK(slope.at({i}) == (y.at({i}) == 0.0 ? 0.0 : 1e200 / (1.0 - p)));
      dropped += y.at({i}) == 0.0 ? 1 : 0;
    }
    CHECK(dropped > 10);
    CHECK((dropped == 50) == (p == 1.0));
  }
}

TEST_CASE("parameters of activations are finite") {
  for (const double bad : {double(NAN), double(INFINITY)}) {
    CHECK_THROWS_AS(nn::LeakyRelu{bad}, DomainError);
    CHECK_THROWS_AS(nn::Elu{bad}, DomainError);
    CHECK_THROWS_AS(nn::Hardshrink{bad}, DomainError);
    CHECK_THROWS_AS(nn::LayerNorm(3, bad), DomainError);
  }
  CHECK_THROWS_AS(nn::BatchNorm(3, {.momentum = double(NAN)}), DomainError);
  CHECK_THROWS_AS(nn::Dropout(double(NAN)), DomainError);
}

TEST_CASE("flatten") {
  CHECK(nn::Flatten()(ones({2, 3, 4})).shape() == Shape{2, 12});
  CHECK(nn::Flatten(0)(ones({2, 3})).shape() == Shape{6});
  CHECK(nn::Flatten(2)(ones({2, 3, 4, 5})).shape() == Shape{2, 3, 20});
}

TEST_CASE("layer normalisation") {
  nn::LayerNorm layer(3, 0.0);
  const Tensor y = layer(tensor({{1, 2, 3}, {0, 0, 6}}));
  const double a = std::sqrt(1.5);
  CHECK(y.at({0, 0}) == doctest::Approx(-a));
  CHECK(y.at({0, 1}) == doctest::Approx(0.0));
  CHECK(y.at({1, 2}) == doctest::Approx(std::sqrt(2.0)));
  layer.weight.set_value(tensor({2, 2, 2}));
  layer.bias.set_value(tensor({1, 1, 1}));
  CHECK(layer(tensor({{1, 2, 3}})).at({0, 0}) == doctest::Approx(1 - 2 * a));
  CHECK_THROWS_AS(nn::LayerNorm(0), ShapeError);
  CHECK_THROWS_AS(nn::LayerNorm(1, -1.0), DomainError);
}

TEST_CASE(
    "batch normalisation: batch statistics in training mode, running ones in evaluation mode") {
  nn::BatchNorm layer(2, {.eps = 0.0});
  const Tensor x = tensor({{1, 10}, {3, 10}, {5, 40}, {7, 40}});
  const Tensor y = layer(x);
  CHECK(y.at({0, 0}) == doctest::Approx(-3 / std::sqrt(5.0)));
  CHECK(y.at({3, 1}) == doctest::Approx(1.0));
  CHECK(layer.running_mean.value().element(0) == doctest::Approx(0.4));
  CHECK(layer.running_mean.value().element(1) == doctest::Approx(2.5));
  CHECK(layer.running_var.value().element(0) == doctest::Approx(0.9 + 0.1 * 20.0 / 3));
  CHECK(layer.running_var.value().element(1) == doctest::Approx(0.9 + 0.1 * 300));
  layer.eval();
  const Tensor z = layer(x);
  CHECK(z.at({0, 0}) == doctest::Approx((1 - 0.4) / std::sqrt(0.9 + 0.1 * 20.0 / 3)));
  CHECK(layer.running_mean.value().element(0) == doctest::Approx(0.4));
  CHECK(layer.parameters().size() == 2);
  CHECK(layer.buffers().size() == 2);
  layer.train();
  CHECK_THROWS_AS(layer(ones({1, 2})), ShapeError);
  CHECK_THROWS_AS(layer(ones({4, 3})), ShapeError);
  CHECK_THROWS_AS(nn::BatchNorm(2, {.momentum = 2.0}), DomainError);
}

TEST_CASE("batch normalisation: the gradient flows through the statistics") {
  nn::BatchNorm layer(1);
  const Tensor x = tensor({{1}, {2}, {4}}), weights = tensor({{1}, {-2}, {3}});
  const auto loss = [&](const Tensor& v) { return sum(layer(v) * weights); };
  Graph graph;
  const Tensor v = variable(x);
  const Tensor d = gradient(loss(v))[v];
  for (std::int64_t i = 0; i < 3; ++i) {
    const double h = 1e-5;
    std::vector<double> up = to_vector(x), down = up;
    up[static_cast<std::size_t>(i)] += h;
    down[static_cast<std::size_t>(i)] -= h;
    const double slope =
        (loss(tensor(up, {3, 1})).item() - loss(tensor(down, {3, 1})).item()) / (2 * h);
    CHECK(d.at({i, 0}) == doctest::Approx(slope).epsilon(1e-6));
  }
}

TEST_CASE("activation modules compute the rules") {
  const Tensor x = tensor({-3.5, -0.7, -0.2, 0, 0.3, 2, 7});
  const auto check = [&](nn::Module&& layer, const Tensor& expected, const char* name) {
    CHECK(to_vector(layer(x)) == to_vector(expected));
    CHECK(layer.describe() == name);
  };
  check(nn::Sigmoid(), sigmoid(x), "Sigmoid");
  check(nn::Softplus(), softplus(x), "Softplus");
  check(nn::Logsigmoid(), logsigmoid(x), "Logsigmoid");
  check(nn::Tanh(), tanh(x), "Tanh");
  check(nn::Relu(), relu(x), "Relu");
  check(nn::Relu6(), relu6(x), "Relu6");
  check(nn::LeakyRelu(), leaky_relu(x), "LeakyRelu(0.01)");
  check(nn::LeakyRelu(0.2), leaky_relu(x, 0.2), "LeakyRelu(0.2)");
  check(nn::Elu(), elu(x), "Elu(1)");
  check(nn::Celu(0.5), celu(x, 0.5), "Celu(0.5)");
  check(nn::Selu(), selu(x), "Selu");
  check(nn::Gelu(), gelu(x), "Gelu");
  check(nn::GeluTanh(), gelu_tanh(x), "GeluTanh");
  check(nn::Silu(), silu(x), "Silu");
  check(nn::Mish(), mish(x), "Mish");
  check(nn::Softsign(), softsign(x), "Softsign");
  check(nn::Tanhshrink(), tanhshrink(x), "Tanhshrink");
  check(nn::Hardtanh(), hardtanh(x), "Hardtanh");
  check(nn::Hardsigmoid(), hardsigmoid(x), "Hardsigmoid");
  check(nn::Hardswish(), hardswish(x), "Hardswish");
  check(nn::Softshrink(), softshrink(x), "Softshrink(0.5)");
  check(nn::Hardshrink(1.0), hardshrink(x, 1.0), "Hardshrink(1)");
  check(nn::Softmax(), softmax(x, 0), "Softmax(axis -1)");
  check(nn::LogSoftmax(0), log_softmax(x, 0), "LogSoftmax(axis 0)");
  CHECK(to_vector(nn::Logit()(tensor({0.5}))) == std::vector<double>{0.0});
}
