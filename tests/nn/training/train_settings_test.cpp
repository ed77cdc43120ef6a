// A training that is resumed with other options: which of them win, and what is reported.
#include <doctest/doctest.h>

#include <csignal>

#include "tests/support/message_of.hpp"
#include "tests/support/small_training.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {

/// A training of 2 epochs that was saved, and its continuation with other options.
struct Resumed {
  TemporaryFolder folder;
  nn::TrainOptions options{.epochs = 2,
                           .batch_size = 8,
                           .plateau = nn::PlateauOptions{},
                           .clip_norm = 1.0,
                           .early_stopping = nn::EarlyStoppingOptions{.patience = 3},
                           .checkpoint = folder / "run.safetensors"};
  nn::Dataset data = triangle(24);
  double rate = 0.1;
  std::string notes;

  nn::TrainResult run(int interrupt_at = 0) {
    nn::Sequential model = classifier();
    nn::Sgd optimizer(model.parameters(), {.learning_rate = rate});
    notes.clear();
    options.progress = {.style = nn::ProgressStyle::lines, .sink = [this](std::string_view piece) {
                          if (!piece.starts_with("epoch")) notes += piece;
                        }};
    int calls = 0;
    const auto loss = [&](const Tensor& output, const Indices& labels) {
      if (++calls == interrupt_at) std::raise(SIGTERM);
      return nn::cross_entropy(output, labels);
    };
    return nn::train(model, loss, optimizer, data, options);
  }
  explicit Resumed(int interrupt_at = 0) {
    run(interrupt_at);
    options.resume = true;
    options.epochs = 4;
  }
  std::string refused() {
    return message_of<FormatError>([&] { run(); });
  }
};

}  // namespace

TEST_CASE("equal options and more epochs give no notes") {
  Resumed training;
  CHECK(training.run().epochs == 4);
  CHECK(training.notes == "");
  training.options.epochs = 3;
  CHECK(training.run().epochs == 4);
  CHECK(contains(training.notes, "the checkpoint has 4 epochs already, of 3"));
}

TEST_CASE("seed and learning rate are those of the checkpoint") {
  Resumed training, same;
  training.options.seed = 7;
  training.rate = 0.5;
  const nn::TrainResult result = training.run();
  CHECK(contains(training.notes, "resumed with seed 0, of the checkpoint, not 7"));
  CHECK(contains(training.notes,
                 "resumed with the optimiser's group.0.learning_rate 0.1, of the checkpoint, not "
                 "0.5"));
  CHECK(result.history["learning_rate"].back() == 0.1);
  CHECK(same_bits(result.history, same.run().history));
}

TEST_CASE("patience, clipping and the batches of later epochs are those of the options") {
  Resumed training;
  training.options.clip_norm = 0.5;
  training.options.batch_size = 6;
  training.options.early_stopping->patience = 5;
  training.options.plateau->factor = 0.5;
  const nn::TrainResult result = training.run();
  for (const char* const note :
       {"clip_norm 0.5, of the options, not 1", "batch_size 6, of the options, not 8",
        "early_stopping.patience 5, of the options, not 3",
        "plateau.factor 0.5, of the options, not 0.1"})
    CHECK(contains(training.notes, note));
  CHECK(result.steps == 2 * 3 + 2 * 4);
}

TEST_CASE("with more patience a training that had stopped early goes on") {
  Resumed training;
  training.options.epochs = 20;
  training.options.early_stopping->min_delta = 10.0;  // nothing is an improvement any more
  const nn::TrainResult stopped = training.run();
  CHECK(stopped.stopped_early);
  CHECK(stopped.epochs < 20);
  CHECK(training.run().epochs == stopped.epochs);
  CHECK(contains(training.notes, "stopped early"));
  training.options.early_stopping->patience = 6;
  const nn::TrainResult longer = training.run();
  CHECK(longer.epochs == stopped.epochs + 3);
  CHECK(longer.stopped_early);
}

TEST_CASE("another monitored column, mode or other classes are errors that change nothing") {
  Resumed training;
  const std::string before = contents_of(training.options.checkpoint);
  training.options.metrics = {{"accuracy", nn::accuracy}};
  training.options.monitor = "accuracy";
  CHECK(contains(training.refused(), "cannot resume from " + training.options.checkpoint));
  CHECK(contains(training.refused(), "monitor was 'loss', but now is 'accuracy'"));
  training.options.monitor.clear();
  training.options.metrics.clear();
  training.data = training.data.with_class_names({"a", "b", "c"});
  CHECK(contains(training.refused(), "class_names was '', but now is 'a, b, c'"));
  training.data = triangle(24);
  CHECK(contents_of(training.options.checkpoint) == before);

  // Names with commas, and a difference behind the names that a message shows.
  Resumed named;
  named.options.resume = false;
  named.data = named.data.with_class_names({"a, b", "c", "a class with a long name"});
  named.run();
  named.options.resume = true;
  named.data = triangle(24).with_class_names({"a", "b, c", "a class with a long name"});
  CHECK(contains(named.refused(), "class_names was '\"a, b\", c, a class"));
  named.options.resume = false;
  const std::string same(50, 's');
  named.data = triangle(24).with_class_names({same, "b", "c"});
  named.run();
  named.options.resume = true;
  named.data = triangle(24).with_class_names({same, "d", "c"});
  CHECK(contains(named.refused(), "sss, b, c', but now is '...sss"));

  // An own metric whose direction is given anew.
  const auto share = [](const Tensor& output, const nn::Batch&) { return output.at({0, 0}); };
  Resumed own;
  own.options.resume = false;
  own.options.metrics = {{"share", share, nn::Mode::max}};
  own.options.monitor = "share";
  own.run();
  own.options.resume = true;
  own.options.epochs = 5;
  own.options.metrics = {{"share", share, nn::Mode::min}};
  CHECK(contains(own.refused(), "early_stopping.mode was 'Mode::max', but now is 'Mode::min'"));
}

TEST_CASE("within an epoch the batches and the columns must be the same") {
  Resumed training(4);  // the first batch of the second epoch
  training.options.batch_size = 6;
  CHECK(contains(training.refused(), "batch_size was 8 in it, but now is 6"));
  training.options.batch_size = 8;
  training.data = triangle(30);
  CHECK(contains(training.refused(), "rows was 24 in it, but now is 30"));
  training.data = triangle(24);
  training.options.metrics = {{"accuracy", nn::accuracy}};
  CHECK_FALSE(training.refused().empty());
  training.options.metrics.clear();
  CHECK(training.run().epochs == 4);
}

TEST_CASE("a checkpoint without the options of its training can be resumed") {
  Resumed training;
  nn::Checkpoint checkpoint = nn::load_checkpoint(training.options.checkpoint);
  std::erase_if(checkpoint["training"].texts,
                [](const auto& entry) { return entry.first.starts_with("option."); });
  nn::save_checkpoint(training.options.checkpoint, checkpoint);
  training.options.seed = 5;
  CHECK(training.run().epochs == 4);
  CHECK(training.notes == "");
  // Texts of a damaged file do not reach the terminal as they are.
  checkpoint["training"].texts["option.seed"] = "\x1b[2J" + std::string(1000, 'x');
  nn::save_checkpoint(training.options.checkpoint, checkpoint);
  training.run();
  CHECK(contains(training.notes, "resumed with seed ?[2Jxxx"));
  CHECK(training.notes.size() < 200);
}

TEST_CASE("an option of the optimiser out of its range is an error of the checkpoint") {
  Resumed training;
  nn::Checkpoint checkpoint = nn::load_checkpoint(training.options.checkpoint);
  checkpoint["optimizer"].numbers["group.0.learning_rate"] = -1.0;
  nn::save_checkpoint(training.options.checkpoint, checkpoint);
  CHECK(contains(training.refused(), "cannot resume from"));
  CHECK(contains(training.refused(), "learning_rate is -1"));
}
