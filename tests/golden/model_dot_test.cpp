// The DOT text of a model: a cluster for each layer, parameters with their shapes, and folded
// layers. The texts are in tests/golden/*.dot; to view one: dot -Tsvg <file>.
#include <doctest/doctest.h>

#include <string>

#include "nn/nn.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace chainrule;

namespace {

// The numbers are chosen so that every result is exact: the texts show all their digits.
nn::Sequential small_model() {
  nn::Sequential model{nn::Linear(2, 3), nn::Relu(), nn::Linear(3, 1)};
  model.at<nn::Linear>(0).weight.set_value(tensor({{0.5, -0.25}, {1, 0.75}, {-0.5, 0.25}}));
  model.at<nn::Linear>(0).bias.set_value(tensor({0.25, 0.5, -1}));
  model.at<nn::Linear>(2).weight.set_value(tensor({{2, -1, 0.5}}));
  model.at<nn::Linear>(2).bias.set_value(tensor({0.125}));
  return model;
}

Tensor loss_of(nn::Sequential& model) {
  const Tensor x = tensor({{0.5, -1}, {0.25, 2}}), y = tensor({{1}, {0}});
  const Tensor loss = nn::mse(model(x), y);
  model.name_nodes();
  return loss.named("loss");
}

void check_golden(const std::string& text, const std::string& name) {
  const std::string path = std::string(CHAINRULE_TEST_DATA) + "/../golden/" + name;
  CAPTURE(path);
  CHECK(text == contents_of(path));
}

}  // namespace

TEST_CASE("a cluster for each layer, with its parameters, their shapes and gradients") {
  nn::Sequential model = small_model();
  Graph graph;
  const Tensor loss = loss_of(model);
  check_golden(dot(loss, gradient(loss), {.title = "one step"}), "model.dot");
}

TEST_CASE("folded, each layer is one node") {
  nn::Sequential model = small_model();
  Graph graph;
  check_golden(dot(loss_of(model), {.fold = FoldScopes::always}), "model_folded.dot");
}

TEST_CASE("a large model is folded automatically") {
  nn::Sequential model = small_model();
  for (int i = 0; i < 60; ++i) model.add(nn::Linear(1, 1)).add(nn::Tanh());
  Graph graph;
  const Tensor loss = loss_of(model);
  const std::string text = dot(loss);
  CHECK(text == dot(loss, {.fold = FoldScopes::always}));
  CHECK(text.size() < dot(loss, {.fold = FoldScopes::never}).size());
  // Nothing is missing: each layer is there, with its parameters.
  CHECK(contains(text, "Linear(2, 3)"));
  CHECK(contains(text, "layers.2.weight [1, 3]"));
}
