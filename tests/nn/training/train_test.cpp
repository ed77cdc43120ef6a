// The training loop: results, measurements, reports and errors.
#include "nn/training/train.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <csignal>

#include "autodiff/core/threads.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/small_training.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {

/// The loop that train() is documented to equal.
void train_by_hand(nn::Module& model, nn::GradientOptimizer& optimizer, const nn::Dataset& data,
                   std::int64_t epochs, std::int64_t batch_size, Random* random,
                   double clip_norm = INFINITY) {
  for (std::int64_t epoch = 0; epoch < epochs; ++epoch)
    for (const nn::Batch& batch : data.batches(batch_size, {.shuffle = random})) {
      Graph graph;
      const Tensor loss = nn::cross_entropy(model(batch.x), batch.labels);
      nn::Gradients gradients = optimizer.gradients(gradient(loss));
      if (std::isfinite(clip_norm)) gradients = nn::clip_grad_norm(gradients, clip_norm);
      optimizer.step(gradients);
    }
}

std::vector<double> column(const nn::History& history, const char* name) {
  const std::span<const double> values = history[name];
  return {values.begin(), values.end()};
}

double largest_difference(const nn::State& a, const nn::State& b) {
  double largest = 0.0;
  for (const auto& [name, array] : a.arrays)
    for (std::int64_t i = 0; i < array.size(); ++i)
      largest = std::max(largest, std::abs(array.element(i) - b.arrays.at(name).element(i)));
  return largest;
}

}  // namespace

TEST_CASE("a model learns, and the history has the measurements") {
  nn::Sequential model = classifier();
  nn::Adam optimizer(model.parameters(), {.learning_rate = 0.02});
  const nn::Dataset validation = triangle(30, 9);
  const nn::TrainResult result = nn::train(model, nn::cross_entropy, optimizer, triangle(90),
                                           {.epochs = 20,
                                            .batch_size = 16,
                                            .validation = validation,
                                            .metrics = {{"accuracy", nn::accuracy}},
                                            .progress = quiet});
  CHECK(result.epochs == 20);
  CHECK(result.steps == 20 * 6);
  CHECK_FALSE(result.interrupted);
  CHECK_FALSE(result.stopped_early);
  CHECK_FALSE(result.best_epoch);
  const nn::History& history = result.history;
  CHECK(history.names() == std::vector<std::string>{"loss", "accuracy", "val_loss", "val_accuracy",
                                                    "learning_rate", "seconds"});
  REQUIRE(history.size() == 20);
  CHECK(history["loss"].back() < 0.2 * history["loss"].front());
  CHECK(history["accuracy"].back() > 0.97);
  CHECK(history["seconds"].back() > 0.0);
  // The validation values are those of the final model.
  const nn::Evaluation now =
      nn::evaluate(model, nn::cross_entropy, validation, {{"accuracy", nn::accuracy}}, 16);
  CHECK(now.loss == history["val_loss"].back());
  CHECK(now["accuracy"] == history["val_accuracy"].back());
  CHECK_THROWS_AS(now["accurcy"], DomainError);
}

TEST_CASE("train() equals a loop written by hand, bit for bit") {
  const nn::Dataset data = triangle(50);
  for (const bool is_shuffled : {false, true})
    for (const double clip : {double(INFINITY), 0.05}) {
      nn::Sequential model = classifier(), other = classifier();
      nn::Sgd optimizer(model.parameters(), {.learning_rate = 0.1, .momentum = 0.9});
      nn::Sgd by_hand(other.parameters(), {.learning_rate = 0.1, .momentum = 0.9});
      nn::train(model, nn::cross_entropy, optimizer, data,
                {.epochs = 3,
                 .batch_size = 8,
                 .shuffle = is_shuffled,
                 .seed = 4,
                 .clip_norm = clip,
                 .progress = quiet});
      Random order(4);
      train_by_hand(other, by_hand, data, 3, 8, is_shuffled ? &order : nullptr, clip);
      CHECK(same_bits(model.state(), other.state()));
      CHECK(same_bits(optimizer.state(), by_hand.state()));
    }
}

TEST_CASE("equal seeds give equal bits, other seeds do not") {
  const auto run = [](std::uint64_t seed) {
    nn::Sequential model = classifier(1, true);
    nn::Adam optimizer(model.parameters());
    nn::train(model, nn::cross_entropy, optimizer, triangle(40),
              {.epochs = 3, .batch_size = 8, .seed = seed, .progress = quiet});
    return model.state();
  };
  const nn::State once = run(1);
  CHECK(same_bits(once, run(1)));
  CHECK_FALSE(same_bits(once, run(2)));
}

TEST_CASE("another number of threads changes rounding only") {
  const int before = thread_count();
  // Large enough for several threads: a million multiplications per product.
  const auto run = [](int threads) {
    set_thread_count(threads);
    Random random(2);
    nn::Sequential model{nn::Linear(2, 256, {.random = &random}), nn::Tanh(),
                         nn::Linear(256, 256, {.random = &random}), nn::LayerNorm(256),
                         nn::Linear(256, 3, {.random = &random})};
    nn::Sgd optimizer(model.parameters(), {.learning_rate = 0.01});
    nn::train(model, nn::cross_entropy, optimizer, triangle(256),
              {.epochs = 2, .batch_size = 128, .progress = quiet});
    return model.state();
  };
  const nn::State one = run(1), two = run(2);
  CHECK(same_bits(one, run(1)));
  CHECK(same_bits(two, run(2)));
  CHECK(largest_difference(one, two) < 1e-12);
  set_thread_count(before);
}

TEST_CASE("means of an epoch are weighted by the sizes of its batches") {
  nn::Sequential model = classifier();
  // With rate 0 the model is constant, so the mean over batches of 4, 4 and 2 is that over all
  // rows.
  nn::Sgd optimizer(model.parameters(), {.learning_rate = 0.0});
  const nn::Dataset data = triangle(10);
  const nn::TrainOptions options{
      .epochs = 1, .batch_size = 4, .metrics = {{"accuracy", nn::accuracy}}, .progress = quiet};
  const nn::History history = nn::train(model, nn::cross_entropy, optimizer, data, options).history;
  const nn::Evaluation all =
      nn::evaluate(model, nn::cross_entropy, data, {{"accuracy", nn::accuracy}}, 0);
  CHECK(history["loss"][0] == doctest::Approx(all.loss).epsilon(1e-14));
  CHECK(history["accuracy"][0] == doctest::Approx(all["accuracy"]).epsilon(1e-14));

  nn::TrainOptions dropping = options;
  dropping.drop_last = true;
  CHECK(nn::train(model, nn::cross_entropy, optimizer, data, dropping).steps == 2);
}

TEST_CASE("gradients accumulated over batches are those of one large batch") {
  // 20 rows: batches of 6, 6, 6 and 2, accumulated in pairs: 12 and 8 rows.
  const nn::Dataset data = triangle(20);
  const auto run = [&](std::int64_t batch_size, std::int64_t accumulate) {
    nn::Sequential model = classifier();
    nn::Adam optimizer(model.parameters());
    const nn::TrainResult result = nn::train(model, nn::cross_entropy, optimizer, data,
                                             {.epochs = 3,
                                              .batch_size = batch_size,
                                              .seed = 3,
                                              .accumulate = accumulate,
                                              .clip_norm = 0.5,
                                              .progress = quiet});
    CHECK(result.steps == 3 * 2);
    return model.state();
  };
  CHECK(largest_difference(run(6, 2), run(12, 1)) < 1e-13);
}

TEST_CASE("schedules set the rate of every step, and the optimiser's own rate is restored") {
  nn::Sequential model = classifier();
  nn::Sgd optimizer(model.parameters(), {.learning_rate = 0.5});
  const nn::Dataset data = triangle(8);
  const nn::History history = nn::train(model, nn::cross_entropy, optimizer, data,
                                        {.epochs = 4,
                                         .batch_size = 4,
                                         .schedule = nn::Warmup(4, {}, 0.25),
                                         .epoch_schedule = nn::StepDecay(3, 0.1),
                                         .progress = quiet})
                                  .history;
  // The rates of the last step of each epoch: steps 1, 3, 5, 7.
  CHECK(column(history, "learning_rate") ==
        std::vector<double>{0.5 * 0.4375, 0.5 * 0.8125, 0.5, 0.1 * 0.5});
  CHECK(optimizer.learning_rate() == 0.5);
}

TEST_CASE("a plateau reduces the rate when the monitored value stops falling") {
  nn::Sequential model = classifier();
  nn::Sgd optimizer(model.parameters(), {.learning_rate = 0.0});  // the loss never changes
  optimizer.set_learning_rate(1e-300);
  const nn::History history =
      nn::train(model, nn::cross_entropy, optimizer, triangle(8),
                {.epochs = 6,
                 .batch_size = 8,
                 .plateau = nn::PlateauOptions{.factor = 0.5, .patience = 1},
                 .progress = quiet})
          .history;
  CHECK(column(history, "learning_rate") ==
        std::vector<double>{1e-300, 1e-300, 1e-300, 5e-301, 5e-301, 2.5e-301});
}

TEST_CASE("early stopping ends the training and can restore the best model") {
  const nn::Dataset data = triangle(24);
  std::vector<nn::State> states;
  // The monitored value falls, and rises from the fourth epoch on.
  const std::vector<double> numbers = {5, 4, 3, 4, 5, 6, 7};
  std::size_t calls = 0;
  const nn::Metric number{"number",
                          [&](const Tensor&, const nn::Batch&) { return numbers.at(calls++); },
                          nn::Mode::min};
  for (const bool restores : {false, true}) {
    states.clear();
    calls = 0;
    nn::Sequential model = classifier();
    nn::Sgd optimizer(model.parameters(), {.learning_rate = 0.1});
    const nn::TrainResult result = nn::train(
        model, nn::cross_entropy, optimizer, data,
        {.epochs = 7,
         .batch_size = 24,
         .metrics = {number},
         .monitor = "number",
         .early_stopping = nn::EarlyStoppingOptions{.patience = 2},
         .restore_best = restores,
         .progress = quiet,
         .on_epoch = [&](const nn::Epoch&) { states.push_back(nn::clone(model).state()); }});
    CHECK(result.stopped_early);
    CHECK(result.epochs == 5);
    CHECK(result.best_epoch == 3);
    REQUIRE(states.size() == 5);
    CHECK(same_bits(model.state(), states[restores ? 2 : 4]));
    CHECK_FALSE(same_bits(states[2], states[4]));
  }
}

TEST_CASE("on_epoch is called after each epoch") {
  nn::Sequential model = classifier();
  nn::Sgd optimizer(model.parameters());
  std::vector<std::int64_t> numbers;
  nn::train(model, nn::cross_entropy, optimizer, triangle(9),
            {.epochs = 3, .progress = quiet, .on_epoch = [&](const nn::Epoch& epoch) {
               numbers.push_back(epoch.number);
               CHECK(epoch.history.size() == static_cast<std::size_t>(epoch.number));
               CHECK(epoch.readings.front().name == "loss");
               CHECK(epoch.readings.front().value == epoch.history["loss"].back());
             }});
  CHECK(numbers == std::vector<std::int64_t>{1, 2, 3});
}

TEST_CASE("on_epoch may change the learning rate for good and end the training") {
  nn::Sequential model = classifier();
  nn::Sgd optimizer(model.parameters(), {.learning_rate = 0.1});
  const nn::TrainResult result = nn::train(model, nn::cross_entropy, optimizer, triangle(9),
                                           {.epochs = 9,
                                            .epoch_schedule = nn::StepDecay(1, 0.5),
                                            .progress = quiet,
                                            .on_epoch = [&](const nn::Epoch& epoch) {
                                              if (epoch.number == 2)
                                                optimizer.set_learning_rate(1.0);
                                              epoch.stop = epoch.number == 4;
                                            }});
  CHECK(result.epochs == 4);
  CHECK(result.stopped_early);
  // The schedule halves the rate in every epoch, whatever its base rate is.
  CHECK(column(result.history, "learning_rate") == std::vector<double>{0.1, 0.05, 0.25, 0.125});
  CHECK(optimizer.learning_rate() == 1.0);
}

TEST_CASE("a loss that is a sum is summed over all rows, in batches of any size") {
  const nn::Dataset data = line(12);
  const auto run = [&](std::int64_t batch_size, std::int64_t accumulate, const nn::Loss& loss) {
    Random random(1);
    nn::Sequential model{nn::Linear(1, 1, {.random = &random})};
    nn::Sgd optimizer(model.parameters(), {.learning_rate = 0.01});
    const double before = nn::evaluate(model, loss, data, {}, batch_size).loss;
    const double during = nn::train(model, loss, optimizer, data,
                                    {.epochs = 1,
                                     .batch_size = batch_size,
                                     .shuffle = false,
                                     .accumulate = accumulate,
                                     .progress = quiet})
                              .history["loss"][0];
    CHECK(during == doctest::Approx(before).epsilon(1e-14));
    return std::pair(before, model.state().arrays.begin()->second.element(0));
  };
  const nn::Loss own = nn::Loss::sum([](const Tensor& output, const Tensor& target) {
    return nn::mse(output, target, nn::Reduction::sum) * 0.5;
  });
  for (const nn::Loss& loss : {nn::Loss(nn::half_squared_error), own}) {
    CHECK(loss.is_sum());
    const auto whole = run(12, 1, loss), parts = run(5, 3, loss);
    CHECK(parts.first == doctest::Approx(whole.first).epsilon(1e-14));
    CHECK(parts.second == doctest::Approx(whole.second).epsilon(1e-14));
  }
  CHECK_FALSE(nn::Loss(nn::mse).is_sum());
}

TEST_CASE("a file gets one plain line per epoch") {
  const TemporaryFolder folder;
  const std::string path = folder / "log";
  std::FILE* const file = std::fopen(path.c_str(), "w");
  REQUIRE(file != nullptr);
  nn::Sequential model = classifier();
  nn::Sgd optimizer(model.parameters());
  nn::train(model, nn::cross_entropy, optimizer, triangle(9),
            {.epochs = 3,
             .batch_size = 2,
             .validation = triangle(6),
             .metrics = {{"accuracy", nn::accuracy}},
             .progress = {.file = file}});
  std::fclose(file);
  const std::string text = contents_of(path);
  CHECK(std::count(text.begin(), text.end(), '\n') == 3);
  CHECK(std::none_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\x1b'; }));
  CHECK(text.starts_with("epoch 1/3  loss "));
  for (const char* const part :
       {"epoch 2/3", "epoch 3/3", " accuracy ", " val_loss ", " val_accuracy ", " samples/s"})
    CHECK(contains(text, part));
}

TEST_CASE("a terminal gets a line with the progress of the training") {
  std::string text;
  double now = 0.0;
  nn::Sequential model = classifier();
  nn::Sgd optimizer(model.parameters());
  nn::train(model, nn::cross_entropy, optimizer, triangle(40),
            {.epochs = 2,
             .batch_size = 10,
             .metrics = {{"accuracy", nn::accuracy}},
             .progress = {.style = nn::ProgressStyle::bar,
                          .sink = [&](std::string_view piece) { text += piece; },
                          .width = 120,
                          .clock = [&] { return now += 0.5; }}});
  for (const char* const part :
       {"epoch 1/2 ", " 1/4", " 3/4", " loss ", " accuracy ", "/s", " left", "epoch 2/2 "})
    CHECK(contains(text, part));
}

TEST_CASE("losses of targets, of labels and of whole batches") {
  nn::Sequential model{nn::Linear(1, 1)};
  nn::Adam optimizer(model.parameters(), {.learning_rate = 0.05});
  const nn::Dataset data = line(64);
  const nn::TrainOptions options{.epochs = 30, .batch_size = 16, .progress = quiet};
  nn::train(model, nn::mse, optimizer, data, options);
  CHECK(model.at<nn::Linear>(0).weight.value().element(0) == doctest::Approx(0.7).epsilon(0.05));
  CHECK(nn::evaluate(model, nn::half_squared_error, data, {}, 0).loss < 64 * 0.005);

  const auto of_batch = [&](const nn::Batch& batch) { return nn::l1(model(batch.x), batch.y); };
  const nn::History history = nn::train(model, of_batch, optimizer, data, options).history;
  CHECK(history["loss"].back() < 0.06);
  nn::TrainOptions with_metric = options;
  with_metric.metrics = {{"mae", nn::mean_absolute_error}};
  CHECK_THROWS_AS(nn::train(model, of_batch, optimizer, data, with_metric), DomainError);
  CHECK(nn::train(model, nn::mse, optimizer, data, with_metric).history["mae"].back() < 0.06);

  CHECK(contains(message_of<DomainError>(
                     [&] { nn::train(model, nn::cross_entropy, optimizer, data, options); }),
                 "the data has targets"));
  nn::Sequential other = classifier();
  nn::Sgd of_other(other.parameters());
  CHECK(contains(
      message_of<DomainError>([&] { nn::train(other, nn::mse, of_other, triangle(9), options); }),
      "the data has labels"));
}

TEST_CASE("evaluate() and predict() restore the mode and change no state") {
  nn::Sequential model = classifier(1, true);
  const nn::Dataset data = triangle(10);
  Graph graph;
  const nn::State before = model.state();
  const double loss = nn::evaluate(model, nn::cross_entropy, data, {}, 3).loss;
  const Tensor outputs = nn::predict(model, data.features(), 4);
  CHECK(graph.size() == 0);
  CHECK(outputs.shape() == Shape{10, 3});
  CHECK(same_bits(before, model.state()));  // no running statistics or random streams
  CHECK(nn::cross_entropy(outputs, data.labels()).item() == doctest::Approx(loss).epsilon(1e-14));
  CHECK(to_vector(nn::predict(model, data.features(), 0)) == to_vector(outputs));
  // It is still in training mode: dropout is active.
  CHECK(to_vector(model(data.features())) != to_vector(outputs));
  CHECK_THROWS_AS(nn::evaluate(model, nn::cross_entropy, nn::Dataset()), ShapeError);
}
