// Whole training runs against reference trajectories: a small network, several optimisers, 50
// steps.
#include <doctest/doctest.h>

#include <cmath>
#include <memory>

#include "nn/nn.hpp"
#include "tests/support/reference_data.hpp"

using namespace chainrule;
using chainrule::testing::Json;

namespace {

Tensor tensor_of(const Json& json) {
  Shape shape;
  for (const Json& size : json.at("shape")) shape.push_back(size.get<std::int64_t>());
  return tensor(testing::numbers(json.at("data")), shape);
}

/// h = tanh(x W1ᵀ + b1), o = h W2ᵀ + b2.
nn::Sequential network(const Json& init) {
  nn::Sequential model{nn::Linear(3, 5), nn::Tanh(), nn::Linear(5, 2)};
  model.at<nn::Linear>(0).weight.set_value(tensor_of(init.at("W1")));
  model.at<nn::Linear>(0).bias.set_value(tensor_of(init.at("b1")));
  model.at<nn::Linear>(2).weight.set_value(tensor_of(init.at("W2")));
  model.at<nn::Linear>(2).bias.set_value(tensor_of(init.at("b2")));
  return model;
}
const char* const names[] = {"W1", "b1", "W2", "b2"};  // in the order of parameters()

/// Hyper-parameters by name; absent ones are 0 or false.
struct Hyper {
  const Json& json;
  double operator()(const char* name) const { return json.value(name, 0.0); }
  double or_else(const char* name, double value) const { return json.value(name, value); }
  double beta(std::size_t i) const { return json.at("betas").at(i).get<double>(); }
  bool flag(const char* name) const { return json.value(name, false); }
};

std::unique_ptr<nn::GradientOptimizer> optimizer(const std::string& algorithm, const Hyper& h,
                                                 const nn::Parameters& parameters) {
  const double rate = h("lr"), decay = h("weight_decay");
  if (algorithm == "sgd")
    return std::make_unique<nn::Sgd>(parameters, nn::SgdOptions{.learning_rate = rate,
                                                                .momentum = h("momentum"),
                                                                .dampening = h("dampening"),
                                                                .weight_decay = decay,
                                                                .nesterov = h.flag("nesterov")});
  if (algorithm == "adam")
    return std::make_unique<nn::Adam>(parameters, nn::AdamOptions{.learning_rate = rate,
                                                                  .beta1 = h.beta(0),
                                                                  .beta2 = h.beta(1),
                                                                  .eps = h("eps"),
                                                                  .weight_decay = decay,
                                                                  .amsgrad = h.flag("amsgrad")});
  if (algorithm == "adamw")
    return std::make_unique<nn::AdamW>(parameters, nn::AdamWOptions{.learning_rate = rate,
                                                                    .beta1 = h.beta(0),
                                                                    .beta2 = h.beta(1),
                                                                    .eps = h("eps"),
                                                                    .weight_decay = decay,
                                                                    .amsgrad = h.flag("amsgrad")});
  if (algorithm == "adamax")
    return std::make_unique<nn::Adamax>(parameters, nn::AdamaxOptions{.learning_rate = rate,
                                                                      .beta1 = h.beta(0),
                                                                      .beta2 = h.beta(1),
                                                                      .eps = h("eps"),
                                                                      .weight_decay = decay});
  if (algorithm == "rmsprop")
    return std::make_unique<nn::Rmsprop>(parameters,
                                         nn::RmspropOptions{.learning_rate = rate,
                                                            .alpha = h("alpha"),
                                                            .eps = h("eps"),
                                                            .weight_decay = decay,
                                                            .momentum = h("momentum"),
                                                            .centered = h.flag("centered")});
  if (algorithm == "adagrad")
    return std::make_unique<nn::Adagrad>(
        parameters, nn::AdagradOptions{.learning_rate = rate,
                                       .lr_decay = h("lr_decay"),
                                       .weight_decay = decay,
                                       .initial_accumulator_value = h("initial_accumulator_value"),
                                       .eps = h("eps")});
  if (algorithm == "adadelta")
    return std::make_unique<nn::Adadelta>(parameters,
                                          nn::AdadeltaOptions{.learning_rate = h.or_else("lr", 1.0),
                                                              .rho = h("rho"),
                                                              .eps = h("eps"),
                                                              .weight_decay = decay});
  throw std::runtime_error("no such algorithm: " + algorithm);
}

/// The largest difference, relative to the larger of 1 and the largest reference.
double difference(const Array& got, const Json& reference) {
  const std::vector<double> wanted = testing::numbers(reference);
  double worst = 0.0, largest = 1.0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    worst = std::max(worst, std::fabs(got.element(static_cast<std::int64_t>(i)) - wanted[i]));
    largest = std::max(largest, std::fabs(wanted[i]));
  }
  return worst / largest;
}

struct Data {
  Tensor x, targets;
  Indices labels;

  explicit Data(const Json& json)
      : x(tensor_of(json.at("x"))),
        targets(tensor_of(json.at("targets"))),
        labels(std::span<const std::int64_t>(json.at("labels").get<std::vector<std::int64_t>>())) {}

  Data rows(std::int64_t first, std::int64_t count) const {
    Data part = *this;
    part.x = slice(x, {Slice{first, first + count, 1}});
    part.targets = slice(targets, {Slice{first, first + count, 1}});
    part.labels = Indices(std::span(labels.begin() + first, static_cast<std::size_t>(count)));
    return part;
  }
};

void check_run(const Json& file, const Json& run) {
  const Data all(file);
  nn::Sequential model = network(file.at("init"));
  const nn::Parameters parameters = model.parameters();
  const auto rule = optimizer(run.at("algorithm"), Hyper{run.at("hyper")}, parameters);
  const bool is_mse = run.at("loss") == "mse";
  const auto loss_on = [&](const Data& data) {
    const Tensor output = model(data.x);
    return is_mse ? nn::mse(output, data.targets) : nn::cross_entropy(output, data.labels);
  };
  const bool cancels = run.at("id") == "rmsprop_centered_momentum_mse";
  const double tolerance = cancels ? 1e-9 : 1e-11;
  const auto check_parameters = [&](const Json& reference) {
    for (std::size_t i = 0; i < 4; ++i)
      CHECK(difference(parameters[i].parameter.value(), reference.at(names[i])) < tolerance);
  };

  const auto steps = run.at("steps").get<std::int64_t>();
  const auto batch = run.value("batch", std::int64_t{16});
  for (std::int64_t k = 0; k < steps; ++k) {
    const auto at = static_cast<std::size_t>(k);
    if (run.contains("lr_step") && k > 0 && k % run["lr_step"].at("every").get<int>() == 0)
      rule->scale_learning_rate(run["lr_step"].at("factor").get<double>());
    Graph graph;
    const Tensor loss = loss_on(batch == 16 ? all : all.rows(batch * k % 16, batch));
    const double wanted = testing::number(run.at("losses").at(at));
    CHECK(std::fabs(loss.item() - wanted) <= tolerance * std::fabs(wanted));
    nn::Gradients gradients = rule->gradients(gradient(loss));
    if (k == 0)
      for (std::size_t i = 0; i < 4; ++i)
        CHECK(difference(gradients[i], run.at("grads_step0").at(names[i])) < tolerance);
    if (run.contains("clip_grad_norm")) {
      double norm = 0.0;
      gradients = nn::clip_grad_norm(std::move(gradients), run["clip_grad_norm"], &norm);
      const double before = testing::number(run.at("grad_norms").at(at));
      CHECK(std::fabs(norm - before) <= tolerance * before);
    }
    rule->step(gradients);
    if (k == 0) check_parameters(run.at("params_after_1"));
  }
  const double final_loss = testing::number(run.at("final_loss"));
  CHECK(std::fabs(loss_on(all).item() - final_loss) <= tolerance * final_loss);
  check_parameters(run.at("final_params"));
}

}  // namespace

TEST_CASE("training runs follow the reference step by step") {
  const Json file = testing::read_reference("training.json");
  CHECK(file.at("runs").size() == 12);
  for (const Json& run : file.at("runs")) {
    CAPTURE(run.at("id").get<std::string>());
    check_run(file, run);
  }
}
