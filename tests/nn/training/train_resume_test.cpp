// A training that is interrupted, saved and resumed has the results of an uninterrupted one.
#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "nn/nn.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/small_disk.hpp"
#include "tests/support/small_training.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {

/// A model, its optimiser and its data, as a program makes them at its start.
struct Run {
  nn::Sequential model;
  nn::Adam optimizer;
  nn::Dataset data;

  explicit Run(std::uint64_t seed = 1, DType dtype = DType::float64)
      : model(made(seed, dtype)),
        optimizer(model.parameters(), {.learning_rate = 0.05, .amsgrad = true}),
        data(triangle(44, 5, dtype)) {}
  static nn::Sequential made(std::uint64_t seed, DType dtype) {
    nn::Sequential model = classifier(seed, true);
    model.to(dtype);
    return model;
  }
  /// All options combined: 6 batches per epoch, 3 steps of two batches each.
  nn::TrainOptions options(const std::string& checkpoint) const {
    return {.epochs = 6,
            .batch_size = 8,
            .seed = 3,
            .accumulate = 2,
            .validation = triangle(20, 8, data.features().dtype()),
            .metrics = {{"accuracy", nn::accuracy}},
            .schedule = nn::Warmup(4, nn::Cosine(18)),
            .plateau = nn::PlateauOptions{.factor = 0.5, .patience = 0, .threshold = 0.2},
            .clip_norm = 1.0,
            .early_stopping = nn::EarlyStoppingOptions{.min_delta = 0.02, .patience = 2},
            .restore_best = true,
            .progress = quiet,
            .checkpoint = checkpoint};
  }
  nn::TrainResult train(const nn::TrainOptions& options, const nn::Loss& loss = nn::cross_entropy) {
    return nn::train(model, loss, optimizer, data, options);
  }
};

/// Cross entropy, whose n-th call raises SIGINT.
nn::Loss interrupted_at(int n) {
  return [n, calls = 0](const Tensor& output, const Indices& labels) mutable {
    if (++calls == n) std::raise(SIGINT);
    return nn::cross_entropy(output, labels);
  };
}

void check_same(const Run& run, const nn::TrainResult& result, const Run& other,
                const nn::TrainResult& expected) {
  CHECK(same_bits(run.model.state(), other.model.state()));
  CHECK(same_bits(run.optimizer.state(), other.optimizer.state()));
  CHECK(same_bits(result.history, expected.history));
  CHECK(result.epochs == expected.epochs);
  CHECK(result.steps == expected.steps);
  CHECK(result.stopped_early == expected.stopped_early);
  CHECK(result.best_epoch == expected.best_epoch);
}

}  // namespace

TEST_CASE(
    "a training interrupted at any step and resumed equals the uninterrupted one bit for bit") {
  for (const DType dtype : {DType::float64, DType::float32}) {
    Run whole(1, dtype);
    const nn::TrainResult expected = whole.train(whole.options(""));
    REQUIRE_FALSE(expected.interrupted);
    REQUIRE(expected.steps >= 9);
    // Each epoch calls the loss for 6 training batches and 3 validation batches.
    for (int call = 1; call <= 9 * static_cast<int>(expected.epochs);
         call += dtype == DType::float64 ? 1 : 7) {
      CAPTURE(call);
      const TemporaryFolder folder;
      nn::TrainOptions options = whole.options(folder / "run.safetensors");
      options.checkpoint_every = 2;
      Run first(1, dtype);
      const nn::TrainResult part = first.train(options, interrupted_at(call));
      REQUIRE(part.interrupted);
      CHECK(part.steps == (call - 1) / 9 * 3 + std::min((call - 1) % 9 / 2 + 1, 3));

      // Another run of the program: the checkpoint replaces its initial values.
      Run second(77, dtype);
      options.resume = true;
      check_same(second, second.train(options), whole, expected);
    }
  }
}

TEST_CASE("a training that is interrupted repeatedly has the same result") {
  Run whole;
  const nn::TrainResult expected = whole.train(whole.options(""));
  const TemporaryFolder folder;
  nn::TrainOptions options = whole.options(folder / "run.safetensors");
  options.resume = true;  // without a file, training starts from the beginning
  for (int runs = 0; runs < 100; ++runs) {
    Run run;
    const nn::TrainResult result = run.train(options, interrupted_at(3));
    if (result.interrupted) continue;
    CHECK(runs >= 4);
    check_same(run, result, whole, expected);
    return;
  }
  FAIL("it never ended");
}

TEST_CASE("saving does not change a training, and more epochs can be added later") {
  Run whole;
  nn::TrainOptions options = whole.options("");
  options.early_stopping.reset();
  options.restore_best = false;
  const nn::TrainResult expected = whole.train(options);

  const TemporaryFolder folder;
  options.checkpoint = folder / "run.safetensors";
  options.epochs = 4;
  Run first;
  first.train(options);
  options.epochs = 6;
  options.resume = true;
  Run second(5);
  check_same(second, second.train(options), whole, expected);
  // Finished epochs are not repeated.
  Run third(6);
  check_same(third, third.train(options), whole, expected);
}

TEST_CASE("a checkpoint has model, optimiser, training, the best model and extra states") {
  const TemporaryFolder folder;
  Run run;
  nn::TrainOptions options = run.options(folder / "run.safetensors");
  options.extra["data"].arrays.emplace("scale", Array::filled(DType::float64, Shape{2}, 0.25));
  std::int64_t saved = 0;
  options.checkpoint_every = 2;
  options.on_epoch = [&](const nn::Epoch& epoch) {
    // The file is written after this call.
    CHECK(std::filesystem::exists(options.checkpoint) == (epoch.number > 2));
    ++saved;
  };
  run.train(options);
  CHECK(saved >= 3);
  CHECK(folder.files() == 1);
  const nn::Checkpoint checkpoint = nn::load_checkpoint(options.checkpoint);
  for (const char* const name : {"model", "optimizer", "training", "best", "data"})
    CHECK(checkpoint.contains(name));
  CHECK(same_bits(nn::state_in(checkpoint, "data"), options.extra.at("data")));
  CHECK(nn::state_in(checkpoint, "model").texts.size() ==
        1);  // the random stream of the dropout layer
  // Loaded for inference.
  Run other(9);
  nn::load_model(options.checkpoint, other.model);
  CHECK(same_bits(nn::State{other.model.state().arrays, {}, {}},
                  nn::State{nn::state_in(checkpoint, "model").arrays, {}, {}}));
}

TEST_CASE("on a full disk the old checkpoint is unchanged, and the training can resume from it") {
  Run whole;
  const nn::TrainResult expected = whole.train(whole.options(""));
  const TemporaryFolder folder;
  nn::TrainOptions options = whole.options(folder / "run.safetensors");
  Run first;
  first.train(options, interrupted_at(9));
  const std::string before = contents_of(options.checkpoint);
  options.resume = true;
  {
    Run second;
    const SmallDisk disk(4096);
    CHECK(contains(message_of<FormatError>([&] { second.train(options); }),
                   "cannot write " + options.checkpoint + ": File too large"));
  }
  CHECK(contents_of(options.checkpoint) == before);
  CHECK(folder.files() == 1);
  Run third;
  check_same(third, third.train(options), whole, expected);
  if (std::filesystem::exists("/dev/full")) {
    Run run;
    options.resume = false;
    options.checkpoint = "/dev/full";
    CHECK(message_of<FormatError>([&] { run.train(options); }) ==
          "cannot write /dev/full: No space left on device");
  }
}

TEST_CASE(
    "a checkpoint that does not fit is an error that names the mismatch and changes nothing") {
  const TemporaryFolder folder;
  Run first;
  nn::TrainOptions options = first.options(folder / "run.safetensors");
  first.train(options, interrupted_at(3));
  options.resume = true;

  Random random(1);
  nn::Sequential wider{nn::Linear(2, 9, {.random = &random}), nn::Tanh(),
                       nn::Linear(9, 3, {.random = &random})};
  nn::Adam optimizer(wider.parameters());
  const nn::State before = nn::clone(wider).state();
  const std::string message = message_of<FormatError>(
      [&] { nn::train(wider, nn::cross_entropy, optimizer, first.data, options); });
  CHECK(contains(message, "cannot resume from " + options.checkpoint));
  CHECK(contains(message, "layers.0.weight"));
  CHECK(contains(message, "[8, 2]"));
  CHECK(contains(message, "[9, 2]"));
  CHECK(contains(message, "layers.1.running_mean"));
  CHECK(same_bits(wider.state(), before));

  // Another optimiser; and another batch size within an epoch.
  Run second;
  nn::Sgd sgd(second.model.parameters());
  CHECK(contains(message_of<FormatError>([&] {
                   nn::train(second.model, nn::cross_entropy, sgd, second.data, options);
                 }),
                 "Sgd"));
  nn::TrainOptions other = options;
  other.batch_size = 9;
  CHECK(contains(message_of<FormatError>([&] { second.train(other); }),
                 "batch_size was 8 in it, but now is 9"));
  CHECK(same_bits(second.model.state(), Run().model.state()));
}

TEST_CASE("a truncated or damaged checkpoint is an error and does not change the model") {
  const TemporaryFolder folder;
  Run first;
  nn::TrainOptions options = first.options(folder / "run.safetensors");
  first.train(options, interrupted_at(3));
  options.resume = true;
  const std::string whole = contents_of(options.checkpoint);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{7}, std::size_t{100}, whole.size() / 2, whole.size() - 1}) {
    CAPTURE(size);
    folder.write("run.safetensors", whole.substr(0, size));
    Run second;
    CHECK(contains(message_of<FormatError>([&] { second.train(options); }), "run.safetensors"));
    CHECK(same_bits(second.model.state(), Run().model.state()));
  }
  // A safetensors file that is not a checkpoint.
  nn::save_model(options.checkpoint, first.model);
  Run second;
  CHECK(contains(message_of<FormatError>([&] { second.train(options); }), "not a checkpoint"));
}

TEST_CASE("early stopping that is new at a resume counts the earlier epochs") {
  const TemporaryFolder folder;
  nn::TrainOptions options = Run().options(folder / "run.safetensors");
  options.restore_best = false;
  options.early_stopping.reset();
  options.epochs = 3;
  Run().train(options);
  options.epochs = 6;
  options.resume = true;
  options.early_stopping = nn::EarlyStoppingOptions{.patience = 9};
  Run run;
  const nn::TrainResult result = run.train(options);
  const std::span<const double> losses = result.history["val_loss"];
  const auto best = std::min_element(losses.begin() + 3, losses.end());
  CHECK(*result.best_epoch == best - losses.begin() + 1);
  // The best value is known now, but its parameters were not saved.
  options.epochs = 8;
  options.restore_best = true;
  CHECK(contains(message_of<FormatError>([&] { Run().train(options); }),
                 "restore_best was not set before"));
}

TEST_CASE("frozen parameters and default_random() are restored, too") {
  const auto train = [](const std::string& path, std::int64_t epochs, bool resume) {
    nn::seed(4);
    Run run;
    run.model[0].freeze();
    nn::TrainOptions options = run.options(path);
    options.epochs = epochs;
    options.resume = resume;
    options.early_stopping.reset();
    options.restore_best = false;
    options.on_epoch = [&](const nn::Epoch& epoch) {
      if (epoch.number == 2) run.model[0].unfreeze();
    };
    run.train(options, [](const Tensor& output, const Indices& labels) {
      const Tensor noise = normal(nn::default_random(), output.shape(), 0.0, 0.1, output.dtype());
      return nn::cross_entropy(output + noise, labels);
    });
    return run.model.state();
  };
  const TemporaryFolder folder;
  const nn::State whole = train(folder / "whole.safetensors", 5, false);
  train(folder / "parts.safetensors", 3, false);
  CHECK(same_bits(train(folder / "parts.safetensors", 5, true), whole));
}
