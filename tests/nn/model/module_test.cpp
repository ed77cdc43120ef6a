#include "nn/model/module.hpp"

#include <doctest/doctest.h>

#include "autodiff/autodiff.hpp"
#include "nn/model/layers/activation.hpp"
#include "nn/model/layers/dropout.hpp"
#include "nn/model/layers/linear.hpp"
#include "nn/model/layers/normalization.hpp"
#include "nn/model/predict.hpp"
#include "nn/model/sequential.hpp"
#include "nn/training/train.hpp"
#include "tests/support/message_of.hpp"

using namespace chainrule;

namespace {

struct Mlp : nn::Module {
  nn::Linear hidden{2, 3}, output{3, 1};
  nn::Dropout dropout{0.5};
  nn::Parameter scale{ones({1})};
  nn::Buffer offset{zeros({1})};

  Tensor forward(const Tensor& x) const override {
    return output(dropout(tanh(hidden(x)))) * scale() + Tensor(offset.value());
  }
  void members(nn::Members& m) override {
    m("hidden", hidden)("dropout", dropout)("output", output)("scale", scale)("offset", offset);
  }
};

struct Tied : nn::Module {
  nn::Linear encode{4, 2};
  nn::Parameter decode = encode.weight;
  std::vector<nn::Linear> more{nn::Linear(2, 2), nn::Linear(2, 2, {.bias = false})};
  void members(nn::Members& m) override { m("encode", encode)("decode", decode)("more", more); }
};

std::string names(const nn::Parameters& parameters) {
  std::string text;
  for (const auto& entry : parameters) text += entry.name + " ";
  return text;
}

Array at(const nn::State& state, const std::string& name) { return state.arrays.at(name); }

}  // namespace

TEST_CASE("parameters are named by path, in the order of members, shared ones once") {
  const Mlp mlp;
  CHECK(names(mlp.parameters()) == "hidden.weight hidden.bias output.weight output.bias scale ");
  CHECK(mlp.count() == 6 + 3 + 3 + 1 + 1);
  CHECK(mlp.buffers().size() == 1);
  CHECK(mlp.buffers()[0].name == "offset");

  const Tied tied;
  CHECK(names(tied.parameters()) ==
        "encode.weight encode.bias more.0.weight more.0.bias more.1.weight ");

  const nn::Sequential model{nn::Linear(2, 2), nn::Sigmoid(),
                             nn::Sequential{nn::Linear(2, 2), nn::Relu()}, Mlp()};
  CHECK(names(model.parameters()) ==
        "layers.0.weight layers.0.bias layers.2.layers.0.weight layers.2.layers.0.bias "
        "layers.3.hidden.weight layers.3.hidden.bias layers.3.output.weight layers.3.output.bias "
        "layers.3.scale ");
}

TEST_CASE("a sequential chains modules and functions") {
  nn::Sequential model{nn::Linear(2, 2), [](const Tensor& x) { return x * 2.0; }};
  model.add(nn::Sigmoid());
  CHECK(model.size() == 3);
  auto& linear_layer = model.at<nn::Linear>(0);
  linear_layer.weight.set_value(tensor({{1, 2}, {3, 4}}));
  linear_layer.bias.set_value(tensor({5, 6}));
  const Tensor y = model(tensor({{1, 1}}));
  CHECK(y.at({0, 0}) == doctest::Approx(1.0 / (1.0 + std::exp(-16.0))));
  CHECK(y.at({0, 1}) == doctest::Approx(1.0 / (1.0 + std::exp(-26.0))));
  CHECK_THROWS_AS(model.at<nn::Relu>(0), DomainError);
  CHECK_THROWS_AS(model[3], ShapeError);
  CHECK(nn::Sequential()(tensor({1})).at({0}) == 1);
}

TEST_CASE("a copy shares parameters, a clone does not and keeps ties") {
  Tied tied;
  const Tied copy = tied;
  CHECK(copy.encode.weight.is_same(tied.encode.weight));
  CHECK(copy.more[0].weight.is_same(tied.more[0].weight));
  Tied apart = nn::clone(tied);
  CHECK(!apart.encode.weight.is_same(tied.encode.weight));
  CHECK(apart.decode.is_same(apart.encode.weight));
  CHECK(apart.encode.weight.value().is_same(tied.encode.weight.value()));
  CHECK(names(apart.parameters()) == names(tied.parameters()));

  nn::Sequential model{nn::Linear(2, 2), nn::Dropout(0.5)};
  nn::Sequential twin = model, other = nn::clone(model);
  CHECK(twin.at<nn::Linear>(0).weight.is_same(model.at<nn::Linear>(0).weight));
  CHECK(!other.at<nn::Linear>(0).weight.is_same(model.at<nn::Linear>(0).weight));
  model.eval();  // each has its own mode
  const Tensor x = ones({1, 2});
  CHECK(model[1](x).at({0, 0}) == 1);
  CHECK(twin[1](x).at({0, 0}) != 1);
}

TEST_CASE("a moved module keeps its parameters") {
  Mlp mlp;
  const nn::Parameter weight = mlp.hidden.weight;
  const Mlp moved = std::move(mlp);
  CHECK(moved.parameters()[0].parameter.is_same(weight));
}

TEST_CASE("the mode is set in all submodules") {
  nn::Sequential model{Mlp(), nn::Sequential{nn::Dropout(0.5)}};
  model.eval();
  const Tensor x = ones({8, 2});
  const Tensor y = model(x), z = model(x);
  for (std::int64_t i = 0; i < 8; ++i) CHECK(y.at({i, 0}) == z.at({i, 0}));
  model.train();
  bool differs = false;
  const Tensor u = model(x), v = model(x);
  for (std::int64_t i = 0; i < 8; ++i) differs = differs || u.at({i, 0}) != v.at({i, 0});
  CHECK(differs);
}

TEST_CASE("frozen parameters are constants") {
  Mlp mlp;
  mlp.hidden.freeze();
  CHECK(mlp.trainable_count() == mlp.count() - 9);
  Graph graph;
  const Tensor y = mlp(ones({1, 2}));
  CHECK(!y.is_constant());
  CHECK(mlp.hidden.weight().is_constant());
  mlp.unfreeze();
  CHECK(mlp.trainable_count() == mlp.count());
}

TEST_CASE("a module converts to another element type") {
  Mlp mlp;
  mlp.to(DType::float32);
  CHECK(mlp(ones({1, 2}, DType::float32)).dtype() == DType::float32);
  CHECK(mlp.offset.value().dtype() == DType::float32);
  CHECK_THROWS_AS(mlp(ones({1, 2})), DTypeError);
}

TEST_CASE("nodes get the names of parameters, and layers are scopes") {
  nn::Sequential model{nn::Linear(2, 2), nn::Sigmoid()};
  Graph graph;
  const Tensor y = model(ones({1, 2}));
  model.name_nodes();
  CHECK(model.at<nn::Linear>(0).weight().name() == "layers.0.weight");
  const std::string text = dot(y);
  CHECK(contains(text, "layers.0.bias"));
  CHECK(contains(text, "Linear(2, 2)"));
}

TEST_CASE(
    "the state has parameters, buffers and random streams, and is checked before it is restored") {
  Mlp mlp, other;
  const nn::State state = mlp.state();
  CHECK(state.arrays.size() == 6);
  CHECK(state.texts.count("dropout.random") == 1);
  other.set_state(state);
  CHECK(at(other.state(), "hidden.weight").element(3) == at(state, "hidden.weight").element(3));
  const Tensor x = ones({4, 2});
  const Tensor y = mlp(x), z = other(x);  // with the same dropout mask
  for (std::int64_t i = 0; i < 4; ++i) CHECK(y.at({i, 0}) == z.at({i, 0}));

  nn::State bad = state;
  bad.arrays.erase("scale");
  bad.arrays["hidden.bias"] = zeros({4}).value();
  bad.arrays["stray"] = zeros({1}).value();
  const std::string message = message_of<FormatError>([&] { other.set_state(bad); });
  CHECK(contains(message, "missing: scale"));
  CHECK(contains(message, "unexpected: stray"));
  CHECK(contains(message, "hidden.bias: float64 [4] given, float64 [3] wanted"));
  bad = state;
  bad.texts["dropout.random"] = "nonsense";
  CHECK_THROWS_AS(other.set_state(bad), FormatError);
  nn::State null = state;
  null.arrays.begin()->second = Array();
  CHECK(message_of<FormatError>([&] { other.set_state(null); }).find("array without elements") !=
        std::string::npos);
  bad.texts.clear();
  other.set_state(bad);
}

TEST_CASE("the summary shows layers, shapes and counts") {
  nn::Sequential model{nn::Linear(2, 16), nn::Tanh(), Mlp(), nn::LeakyRelu(0.2)};
  model.at<Mlp>(2).hidden = nn::Linear(16, 3);
  model.at<nn::Linear>(0).freeze();
  const std::string table = model.summary(ones({5, 2}));
  CHECK(table ==
        "layer                       output   parameters\n"
        "-----------------------------------------------\n"
        "Sequential                  [5, 1]\n"
        "  layers.0: Linear(2, 16)   [5, 16]          48\n"
        "  layers.1: Tanh            [5, 16]\n"
        "  layers.2: Mlp             [5, 1]            1\n"
        "    hidden: Linear(16, 3)   [5, 3]           51\n"
        "    dropout: Dropout(0.5)   [5, 3]\n"
        "    output: Linear(3, 1)    [5, 1]            4\n"
        "  layers.3: LeakyRelu(0.2)  [5, 1]\n"
        "104 parameters: 56 trained, 48 not\n");
  nn::Linear unused(1, 1);
  CHECK(contains(unused.summary(ones({1, 1})), "Linear(1, 1)"));
}

TEST_CASE("calling a module that is not a function of one tensor is an error") {
  Tied tied;
  CHECK(contains(message_of<ShapeError>([&] { tied(ones({1})); }), "Tied"));
}

TEST_CASE("saving a module with two members of the same name is an error") {
  struct Twice : nn::Module {
    nn::Linear a{2, 2}, b{2, 2};
    void members(nn::Members& m) override { m("w", a)("w", b); }
  } model;
  CHECK(contains(message_of<DomainError>([&] { static_cast<void>(model.state()); }), "w.weight"));
}

TEST_CASE("parameters and buffers cannot be made from an unassigned tensor") {
  nn::Parameter p(ones({2}));
  CHECK_THROWS_AS(p.set_value(Tensor()), DomainError);
  CHECK_THROWS_AS(p.replace(Tensor()), DomainError);
  CHECK_THROWS_AS(nn::Buffer{Tensor()}, DomainError);
  CHECK(p.value().element(0) == 1.0);
}

TEST_CASE("const models are called, differentiated, evaluated and described") {
  Random random(3);
  const nn::Sequential model{nn::Linear(2, 4, {.random = &random}), nn::BatchNorm(4), nn::Tanh(),
                             nn::Dropout(0.5, random.split()),
                             nn::Linear(4, 1, {.random = &random})};
  const nn::Linear& first = model.at<nn::Linear>(0);
  CHECK(&model[0] == &first);
  const Tensor x = tensor({{1, 2}, {3, 4}, {-1, 0}});
  {
    Graph graph;
    const Var loss = sum(square(model(x)));
    CHECK(gradient(loss)[first.weight].shape() == Shape{4, 2});
  }
  // In training mode each call draws another mask; in evaluation mode there is none.
  CHECK(to_vector(model(x)) != to_vector(model(x)));
  const Tensor used = nn::predict(model, x);
  CHECK(to_vector(nn::predict(model, x)) == to_vector(used));
  CHECK(nn::evaluate(model, nn::mse, {x, used}).loss == 0);
  CHECK(contains(model.summary(x), "Dropout(0.5)"));
  CHECK(to_vector(model(x)) != to_vector(model(x)));
  CHECK_THROWS_AS(static_cast<void>(model.at<nn::Tanh>(0)), DomainError);
  CHECK_THROWS_AS(static_cast<void>(model[5]), ShapeError);
  const nn::Embedding table(3, 2);
  CHECK(table(Indices{0, 2}).shape() == Shape{2, 2});
}

TEST_CASE("a const model in evaluation mode is not written to, and stays in it") {
  struct Flagged : nn::Module {
    bool is_training = false;
    Tensor forward(const Tensor& x) const override { return is_training ? 2.0 * x : x; }
    void members(nn::Members& m) override { m.mode(is_training); }
  };
  const Flagged model;
  CHECK(nn::predict(model, tensor({1})).at({0}) == 1);
  CHECK_FALSE(model.is_training);
}

TEST_CASE("dropout of a tensor that was never assigned") {
  nn::Dropout dropout(0.5);
  CHECK_THROWS_AS(dropout(Tensor()), ShapeError);
}
