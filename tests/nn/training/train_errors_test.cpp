// The training loop: what ends it, and errors.
#include <doctest/doctest.h>

#include <cmath>
#include <csignal>
#include <filesystem>
#include <initializer_list>
#include <utility>

#include "nn/training/train.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/small_training.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace chainrule;
using namespace chainrule::testing;

TEST_CASE("values that are not finite end the training and do not change the model") {
  const nn::Dataset data = triangle(40);
  nn::Sequential model = classifier(1, true), same = classifier(1, true);
  nn::Adam optimizer(model.parameters()), other(same.parameters());
  std::int64_t step = 0;
  // The sixth batch, the first of the second epoch, makes the gradient of the last layer NaN.
  const auto loss = [&](const Tensor& output, const Indices& labels) {
    const Tensor plain = nn::cross_entropy(output, labels);
    return ++step == 6 ? plain * NAN : plain;
  };
  bool caught = false;
  try {
    nn::train(model, loss, optimizer, data, {.epochs = 3, .batch_size = 8, .progress = quiet});
  } catch (const nn::NonFiniteError& error) {
    caught = true;
    CHECK(error.step() == 6);
    CHECK(error.parameter() == "layers.0.weight");
    CHECK(contains(error.what(), "step 6, in epoch 2"));
    CHECK(contains(error.what(), "the loss is nan"));
    CHECK(contains(error.what(), "layers.0.weight"));
  }
  CHECK(caught);
  nn::train(same, nn::cross_entropy, other, data,
            {.epochs = 1, .batch_size = 8, .progress = quiet});
  CHECK(same_bits(model.state(), same.state()));  // parameters, running statistics, random streams
  CHECK(same_bits(optimizer.state(), other.state()));
}

TEST_CASE("the first parameter that is not finite is named") {
  const nn::Dataset data = triangle(8);
  const auto culprit = [&](nn::Sequential& model) {
    nn::Sgd optimizer(model.parameters());
    try {
      nn::train(model, nn::cross_entropy, optimizer, data, {.epochs = 1, .progress = quiet});
    } catch (const nn::NonFiniteError& error) {
      return error.parameter();
    }
    return std::string("no error");
  };
  nn::Sequential model = classifier();
  CHECK(culprit(model) == "no error");
  // An infinite bias that tanh saturates: loss and gradients are finite, so it is not an error.
  model.at<nn::Linear>(0).bias.set_value(full({8}, INFINITY));
  CHECK(culprit(model) == "no error");
  nn::Sequential broken = classifier();
  broken.at<nn::Linear>(2).bias.set_value(tensor({0.0, double(NAN), 0.0}));
  const std::string name = culprit(broken);
  CHECK((name == "layers.0.weight" || name == "layers.2.bias"));
  // Only the gradient: the loss is finite, but the derivative of the root at 0 is not.
  nn::Sequential steep{nn::Linear(2, 1), [](const Tensor& x) { return sqrt(x * 0.0); }};
  nn::Sgd optimizer(steep.parameters());
  const auto mean_output = [](const Tensor& output, const Indices&) { return mean(output); };
  CHECK(contains(message_of<nn::NonFiniteError>(
                     [&] { nn::train(steep, mean_output, optimizer, data, {.progress = quiet}); }),
                 "the loss is 0; the first parameter that is not finite, or whose gradient is not, "
                 "is layers.0.weight"));
}

TEST_CASE("Ctrl-C or SIGTERM ends the training after the current step") {
  for (const int signal : {SIGINT, SIGTERM}) {
    nn::Sequential model = classifier();
    nn::Sgd optimizer(model.parameters());
    std::string text;
    const nn::ProgressOptions lines{.style = nn::ProgressStyle::lines,
                                    .sink = [&](std::string_view piece) { text += piece; }};
    // At the end of an epoch, and within one.
    const nn::TrainResult after = nn::train(model, nn::cross_entropy, optimizer, triangle(12),
                                            {.epochs = 5,
                                             .batch_size = 4,
                                             .progress = lines,
                                             .on_epoch = [signal](const nn::Epoch& epoch) {
                                               if (epoch.number == 2) std::raise(signal);
                                             }});
    CHECK(after.interrupted);
    CHECK(after.epochs == 2);
    CHECK(after.steps == 6);
    CHECK(text.ends_with("interrupted\n"));

    int calls = 0;
    const auto loss = [&](const Tensor& output, const Indices& labels) {
      if (++calls == 5) std::raise(signal);
      return nn::cross_entropy(output, labels);
    };
    const nn::TrainResult within = nn::train(model, loss, optimizer, triangle(12),
                                             {.epochs = 5, .batch_size = 4, .progress = quiet});
    CHECK(within.interrupted);
    CHECK(within.epochs == 1);
    CHECK(within.steps == 5);
    CHECK(within.history.size() == 1);
  }
}

TEST_CASE("a signal while the last checkpoint is written is reported") {
  // Sends the signal when its state is read after the last epoch.
  struct Sends : nn::Module {
    bool* armed;
    explicit Sends(bool* flag) : armed(flag) {}
    Tensor forward(const Tensor& x) const override { return x; }
    void members(nn::Members&) override {
      if (std::exchange(*armed, false)) std::raise(SIGTERM);
    }
  };
  bool armed = false;
  const TemporaryFolder folder;
  nn::Sequential model = classifier();
  model.add(Sends(&armed));
  nn::Sgd optimizer(model.parameters());
  const nn::TrainResult result =
      nn::train(model, nn::cross_entropy, optimizer, triangle(12),
                {.epochs = 2,
                 .progress = quiet,
                 .on_epoch = [&](const nn::Epoch& epoch) { armed = epoch.number == 2; },
                 .checkpoint = folder / "run.safetensors"});
  CHECK(result.interrupted);
  CHECK(result.epochs == 2);
  CHECK(std::filesystem::exists(folder / "run.safetensors"));
}

TEST_CASE("invalid options are errors before anything is done") {
  nn::Sequential model = classifier();
  nn::Sgd optimizer(model.parameters());
  const nn::State before = nn::clone(model).state();
  const auto refused = [&](const nn::TrainOptions& options) {
    return message_of<Error>(
        [&] { nn::train(model, nn::cross_entropy, optimizer, triangle(9), options); });
  };
  CHECK(contains(refused({.batch_size = -1}), "batch_size"));
  CHECK(contains(refused({.accumulate = 0}), "accumulate"));
  CHECK(contains(refused({.clip_norm = 0.0}), "clip_norm"));
  CHECK(contains(refused({.monitor = "val_loss"}),
                 "cannot monitor 'val_loss'; the columns are: loss"));
  CHECK(contains(refused({.restore_best = true}), "restore_best needs early_stopping"));
  CHECK(contains(refused({.checkpoint_every = 0}), "checkpoint_every"));
  CHECK(contains(refused({.resume = true}), "path of a checkpoint"));
  CHECK(contains(refused({.epochs = 0}), "epochs"));
  CHECK(
      contains(refused({.batch_size = 10, .drop_last = true}), "9 rows do not fill a batch of 10"));
  CHECK(contains(refused({.extra = {{"model", {}}}}), "extra state"));
  CHECK(contains(refused({.metrics = {{"loss", nn::accuracy}}}), "named 'loss'"));
  CHECK(contains(refused({.metrics = {{"seconds", nn::accuracy}}}), "named 'seconds'"));
  CHECK(contains(message_of<DomainError>([] { nn::Metric("r2", nn::r2_score); }), "predict()"));
  double (*const own)(const Tensor&, const Tensor&, double) = nullptr;
  CHECK(contains(message_of<DomainError>([&] { nn::Metric("own", own, nn::Mode::min); }),
                 "an option whose value is not known"));
  double (*const own_of_labels)(const Tensor&, const Indices&, std::int64_t) = nullptr;
  CHECK(contains(message_of<DomainError>([&] { nn::Metric("own", own_of_labels, nn::Mode::min); }),
                 "an option whose value is not known"));
  CHECK(same_bits(before, model.state()));
  CHECK_THROWS_AS(nn::train(model, nn::cross_entropy, optimizer, nn::Dataset(), {}), ShapeError);
}
