// The direction in which a monitored value improves.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/message_of.hpp"
#include "tests/support/small_training.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {

double share_of_first(const Tensor& output, const nn::Batch&) { return output.at({0, 0}); }

nn::TrainResult run(const nn::TrainOptions& given, nn::Sequential model = classifier(),
                    double rate = 0.2) {
  nn::TrainOptions options = given;
  options.progress = quiet;
  options.batch_size = 8;
  nn::Sgd optimizer(model.parameters(), {.learning_rate = rate});
  return nn::train(model, nn::cross_entropy, optimizer, triangle(30), options);
}

}  // namespace

TEST_CASE("the metrics of nn know their direction, own ones do not") {
  CHECK(nn::Metric("a", nn::accuracy).mode == nn::Mode::max);
  CHECK(nn::Metric("a", nn::top_k_accuracy).mode == nn::Mode::max);
  CHECK(nn::Metric("a", nn::binary_accuracy).mode == nn::Mode::max);
  CHECK(nn::Metric("a", nn::binary_accuracy_with_logits).mode == nn::Mode::max);
  CHECK(nn::Metric("a", nn::mean_absolute_error).mode == nn::Mode::min);
  CHECK_FALSE(nn::Metric("a", share_of_first).mode);
  CHECK(nn::Metric("a", share_of_first, nn::Mode::max).mode == nn::Mode::max);
  CHECK(nn::Metric("a", nn::accuracy, nn::Mode::max).mode == nn::Mode::max);
  CHECK(contains(message_of<DomainError>([] { nn::Metric("a", nn::accuracy, nn::Mode::min); }),
                 "the mode of 'a' is given as Mode::min, but its best values are the largest"));
  CHECK(contains(
      message_of<DomainError>([] { nn::Metric("a", nn::mean_absolute_error, nn::Mode::max); }),
      "its best values are the smallest"));
  // The default of an option of another function cannot be known.
  double (*own)(const Tensor&, const Tensor&, double) = [](const Tensor&, const Tensor&, double) {
    return 0.0;
  };
  CHECK(contains(message_of<DomainError>([&] { nn::Metric("own", own); }), "option"));
}

TEST_CASE("the best epoch of an accuracy is the one with the largest") {
  for (const char* const column : {"accuracy", "val_accuracy"}) {
    nn::Sequential model = classifier();
    std::vector<nn::State> states;
    const nn::TrainResult result =
        run({.epochs = 8,
             .validation = triangle(21, 9),
             .metrics = {{"accuracy", nn::accuracy}},
             .monitor = column,
             .early_stopping = nn::EarlyStoppingOptions{.patience = 100},
             .restore_best = true,
             .on_epoch = [&](const nn::Epoch&) { states.push_back(nn::clone(model).state()); }},
            model, 0.05);
    const std::span<const double> values = result.history[column];
    const auto best = std::max_element(values.begin(), values.end()) - values.begin();
    CHECK(values.front() < *std::max_element(values.begin(), values.end()));
    CHECK(result.best_epoch == best + 1);
    CHECK(same_bits(model.state(), states[static_cast<std::size_t>(best)]));
  }
}

TEST_CASE("a plateau of an accuracy that rises does not reduce the rate") {
  double calls = 0.0;
  const auto count = [&](const Tensor&, const nn::Batch&) { return ++calls; };
  nn::TrainOptions options{.epochs = 4,
                           .metrics = {{"calls", count, nn::Mode::max}},
                           .plateau = nn::PlateauOptions{.factor = 0.5, .patience = 0},
                           .monitor = "calls"};
  CHECK(run(options).history["learning_rate"].back() == 0.2);
  calls = 0.0;
  options.metrics[0].mode = nn::Mode::min;
  CHECK(run(options).history["learning_rate"].back() == 0.2 * 0.25);
}

TEST_CASE("monitoring a value whose direction is not known is an error before the first step") {
  nn::TrainOptions options{.metrics = {{"share", share_of_first}, {"accuracy", nn::accuracy}}};
  const auto refused = [&] { return message_of<DomainError>([&] { run(options); }); };
  options.monitor = "share";
  CHECK(run(options).epochs == 10);  // nothing is monitored
  options.early_stopping.emplace();
  CHECK(refused() ==
        "train: early_stopping monitors 'share', of which it is not known whether larger or "
        "smaller values are better. Say it with the metric: {\"share\", f, nn::Mode::max}, or "
        "nn::Mode::min.");
  options.early_stopping->mode = nn::Mode::max;
  CHECK(run(options).best_epoch);
  options.plateau.emplace();
  CHECK(contains(refused(), "train: plateau monitors 'share'"));
  options.plateau->mode = nn::Mode::max;
  CHECK(run(options).best_epoch);
  // A mode that contradicts the column.
  options.monitor = "accuracy";
  CHECK(run(options).best_epoch);
  options.early_stopping->mode = nn::Mode::min;
  CHECK(contains(refused(),
                 "the mode of early_stopping is Mode::min, but the best values of "
                 "'accuracy' are the largest"));
  options.monitor = "loss";
  options.early_stopping->mode = std::nullopt;
  CHECK(contains(refused(),
                 "the mode of plateau is Mode::max, but the best values of 'loss' are "
                 "the smallest"));
}
