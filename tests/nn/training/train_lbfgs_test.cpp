// L-BFGS in the training loop.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <csignal>

#include "tests/support/message_of.hpp"
#include "tests/support/small_training.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {

/// Options with which a few epochs do not reach the minimum.
const nn::LbfgsOptions slow{.max_iterations = 2, .max_evaluations = 5};

nn::TrainResult run(nn::Sequential& model, nn::Lbfgs& optimizer, nn::TrainOptions options,
                    const nn::Loss& loss = nn::cross_entropy, DType dtype = DType::float64) {
  options.progress = quiet;
  return nn::train(model, loss, optimizer, triangle(45, 5, dtype), options);
}

}  // namespace

TEST_CASE("train() with L-BFGS equals steps by hand, in one batch or several") {
  const nn::Dataset data = triangle(45);
  nn::Sequential by_hand = classifier();
  nn::Lbfgs plain(by_hand.parameters(), slow);
  std::vector<double> losses;
  for (int i = 0; i < 4; ++i)
    losses.push_back(
        plain.step([&] { return nn::cross_entropy(by_hand(data.features()), data.labels()); }));

  nn::Sequential model = classifier();
  nn::Lbfgs optimizer(model.parameters(), slow);
  const nn::TrainResult result = run(model, optimizer, {.epochs = 4, .shuffle = false});
  CHECK(same_bits(model.state(), by_hand.state()));
  CHECK(same_bits(optimizer.state(), plain.state()));
  CHECK(result.steps == 4);
  const std::span<const double> reported = result.history["loss"];
  CHECK(std::vector<double>(reported.begin(), reported.end()) == losses);
  CHECK(losses.back() < 0.5 * losses.front());

  // Batches whose gradients are added are the same function, up to rounding.
  nn::Sequential parts = classifier();
  nn::Lbfgs of_parts(parts.parameters(), slow);
  const nn::TrainResult accumulated =
      run(parts, of_parts, {.epochs = 4, .batch_size = 7, .shuffle = false, .accumulate = 7});
  CHECK(accumulated.steps == 4);
  for (std::size_t i = 0; i < losses.size(); ++i)
    CHECK(accumulated.history["loss"][i] == doctest::Approx(losses[i]).epsilon(1e-8));
}

TEST_CASE("L-BFGS fits a line in one epoch, and weights move it") {
  const nn::Dataset data(tensor({{0}, {1}, {2}}), tensor({{1}, {3}, {9}}));
  const auto fitted = [&](const nn::Dataset& rows) {
    nn::Sequential model{nn::Linear(1, 1)};
    nn::Lbfgs optimizer(model.parameters());
    nn::train(model, nn::mse, optimizer, rows, {.epochs = 2, .progress = quiet});
    return std::pair(model.at<nn::Linear>(0).weight.value().element(0),
                     model.at<nn::Linear>(0).bias.value().element(0));
  };
  const auto all = fitted(data);  // least squares: y = 4 x + 1/3
  CHECK(all.first == doctest::Approx(4.0).epsilon(1e-6));
  CHECK(all.second == doctest::Approx(1.0 / 3.0).epsilon(1e-5));
  const auto two = fitted(data.with_weights(tensor({1, 5, 0})));  // through the first two points
  CHECK(two.first == doctest::Approx(2.0).epsilon(1e-5));
  CHECK(two.second == doctest::Approx(1.0).epsilon(1e-5));
}

TEST_CASE("metrics, validation, early stopping, schedules and progress with L-BFGS") {
  nn::Sequential model = classifier();
  nn::Lbfgs optimizer(model.parameters(), slow);
  std::string text;
  std::vector<nn::State> states;
  const nn::TrainResult result = nn::train(
      model, nn::cross_entropy, optimizer, triangle(45),
      {.epochs = 40,
       .validation = triangle(21, 9),
       .metrics = {{"accuracy", nn::accuracy}},
       .epoch_schedule = nn::StepDecay(2, 0.5),
       .early_stopping = nn::EarlyStoppingOptions{.patience = 2},
       .restore_best = true,
       .progress = {.style = nn::ProgressStyle::lines,
                    .sink = [&](std::string_view piece) { text += piece; }},
       .on_epoch = [&](const nn::Epoch&) { states.push_back(nn::clone(model).state()); }});
  CHECK(result.history.names() == std::vector<std::string>{"loss", "accuracy", "val_loss",
                                                           "val_accuracy", "learning_rate",
                                                           "seconds"});
  CHECK(result.history["learning_rate"][2] == 0.5);
  CHECK(optimizer.learning_rate() == 1.0);
  CHECK(result.history["accuracy"].back() > 0.9);
  CHECK(contains(text, "epoch  1/40  loss "));
  REQUIRE(result.best_epoch);
  const std::span<const double> losses = result.history["val_loss"];
  CHECK(*result.best_epoch == std::min_element(losses.begin(), losses.end()) - losses.begin() + 1);
  CHECK(same_bits(model.state(), states[static_cast<std::size_t>(*result.best_epoch - 1)]));
}

TEST_CASE("a training with L-BFGS that is interrupted and resumed is the same bit for bit") {
  for (const DType dtype : {DType::float64, DType::float32})
    for (const std::int64_t accumulate : {1, 5}) {
      nn::TrainOptions options{.epochs = 6, .accumulate = accumulate};
      if (accumulate > 1) options.batch_size = 9;
      const auto make = [&](std::uint64_t seed) {
        nn::Sequential model = classifier(seed, true);  // with dropout
        model.to(dtype);
        return model;
      };
      nn::Sequential whole = make(1);
      nn::Lbfgs of_whole(whole.parameters(), slow);
      const nn::TrainResult expected = run(whole, of_whole, options, nn::cross_entropy, dtype);
      CHECK(expected.history["loss"].back() < expected.history["loss"].front());
      for (const int at : {1, 7, 13}) {
        CAPTURE(at);
        const TemporaryFolder folder;
        options.checkpoint = folder / "run.safetensors";
        options.resume = false;
        nn::Sequential first = make(1);
        nn::Lbfgs of_first(first.parameters(), slow);
        int calls = 0;
        const auto loss = [&](const Tensor& output, const Indices& labels) {
          if (++calls == at) std::raise(SIGTERM);
          return nn::cross_entropy(output, labels, {.reduction = nn::Reduction::none});
        };
        const auto same = [](const Tensor& output, const Indices& labels) {
          return nn::cross_entropy(output, labels, {.reduction = nn::Reduction::none});
        };
        nn::Sequential alone = make(1);
        nn::Lbfgs of_alone(alone.parameters(), slow);
        nn::TrainOptions plain = options;
        plain.checkpoint.clear();
        const nn::TrainResult wanted = run(alone, of_alone, plain, same, dtype);
        CHECK(run(first, of_first, options, loss, dtype).interrupted);
        nn::Sequential second = make(2);
        nn::Lbfgs of_second(second.parameters(), slow);
        options.resume = true;
        const nn::TrainResult result = run(second, of_second, options, same, dtype);
        CHECK(same_bits(second.state(), alone.state()));
        CHECK(same_bits(of_second.state(), of_alone.state()));
        CHECK(same_bits(result.history, wanted.history));
        CHECK(result.steps == wanted.steps);
      }
    }
}

TEST_CASE("random layers repeat their numbers within a step of L-BFGS") {
  // A loss that draws noise: the line search sees one function only if the noise is the same.
  nn::Sequential model{nn::Linear(1, 1)};
  nn::Lbfgs optimizer(model.parameters());
  std::vector<double> drawn;
  const auto loss = [&](const Tensor& output, const Tensor& y) {
    drawn.push_back(nn::default_random().normal());
    return nn::mse(output + drawn.back(), y);
  };
  nn::train(model, loss, optimizer, line(12), {.epochs = 2, .progress = quiet});
  REQUIRE(drawn.size() > 4);
  CHECK(std::count(drawn.begin(), drawn.end(), drawn.front()) > 1);
  CHECK(drawn.front() != drawn.back());  // another epoch, other numbers
  drawn.erase(std::unique(drawn.begin(), drawn.end()), drawn.end());
  CHECK(drawn.size() == 2);
}

TEST_CASE("L-BFGS: losses that are not finite, in the first evaluation and in a trial") {
  for (const bool searches : {true, false}) {
    nn::Parameter x(tensor({3}));
    struct Root : nn::Module {
      nn::Parameter x;
      explicit Root(nn::Parameter p) : x(std::move(p)) {}
      Tensor forward(const Tensor& rows) const override { return rows + x() - log(x()); }
      void members(nn::Members& m) override { m("x", x); }
    };
    Root model(x);
    nn::Lbfgs optimizer(model.parameters(), {.learning_rate = 100.0, .strong_wolfe = searches});
    const auto loss = [](const Tensor& output, const Tensor&) { return mean(output); };
    const nn::Dataset data(zeros({1, 1}), zeros({1, 1}));
    const nn::State before = optimizer.state();
    const auto train = [&] { nn::train(model, loss, optimizer, data, {.progress = quiet}); };
    if (searches) {  // the search returns from points where log has no value
      train();
      CHECK(x.value().element(0) == doctest::Approx(1.0).epsilon(1e-5));
      continue;
    }
    // Without a search there is no return: nothing is changed.
    CHECK(contains(message_of<nn::NonFiniteError>(train), "step 1, in epoch 1: the loss is nan"));
    CHECK(x.value().element(0) == 3.0);
    CHECK(same_bits(optimizer.state(), before));
    x.set_value(tensor({-1.0}));
    CHECK(contains(message_of<nn::NonFiniteError>(train), "the loss is nan"));
  }
}

TEST_CASE("steps of L-BFGS need all rows and plain gradients") {
  nn::Sequential model = classifier();
  nn::Lbfgs optimizer(model.parameters());
  const nn::State before = nn::clone(model).state();
  const auto refused = [&](const nn::TrainOptions& options) {
    return message_of<DomainError>([&] { run(model, optimizer, options); });
  };
  CHECK(contains(refused({.batch_size = 20}),
                 "train: Lbfgs compares losses at several points, so a step needs all 45 rows"));
  CHECK(contains(refused({.batch_size = 20}), ".batch_size = 20, .accumulate = 3"));
  CHECK(contains(refused({.batch_size = 20, .accumulate = 2}), ".accumulate = 3"));
  CHECK(contains(refused({.batch_size = 20, .drop_last = true, .accumulate = 3}), "all 45 rows"));
  CHECK(contains(refused({.clip_norm = 1.0}), "clip_norm"));
  CHECK(same_bits(model.state(), before));
  for (const std::int64_t size : {0, 45, 100})
    CHECK(run(model, optimizer, {.epochs = 1, .batch_size = size}).steps == 1);
}
