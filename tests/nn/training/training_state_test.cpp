#include "nn/training/training_state.hpp"

#include <doctest/doctest.h>

#include "tests/support/message_of.hpp"
#include "tests/support/small_training.hpp"

using namespace chainrule;
using namespace chainrule::testing;
using nn::detail::EpochLayout;
using nn::detail::TrainingState;

namespace {

constexpr EpochLayout layout{100, 32, 1, true, false};

/// The state within the third epoch.
TrainingState some_state() {
  TrainingState state;
  state.epoch = 2;
  state.step = 9;
  state.batch = 1;
  state.rows = 32.0;
  state.divisor = 40.5;
  state.sums = {0.1, 0.2};
  state.seconds = 0.3;
  state.order = Random(8);
  state.order.normal();
  state.stopping.emplace(nn::EarlyStoppingOptions{.mode = nn::Mode::min, .patience = 3});
  state.stopping->observe(1.5);
  state.plateau.emplace(nn::PlateauOptions{.mode = nn::Mode::min});
  state.plateau->observe(1.5);
  state.history.append({{"loss", 0.5}, {"val_loss", 0.25}});
  state.history.append({{"loss", 0.4}, {"val_loss", 0.75}});
  return state;
}

TrainingState fresh() {
  TrainingState state;
  state.sums = {0.0, 0.0};
  state.stopping.emplace(nn::EarlyStoppingOptions{.mode = nn::Mode::min, .patience = 3});
  state.plateau.emplace(nn::PlateauOptions{.mode = nn::Mode::min});
  return state;
}

}  // namespace

TEST_CASE("the whole state is restored") {
  const TrainingState state = some_state();
  TrainingState other = fresh();
  other.set_state(state.state(layout), layout);
  CHECK(other.epoch == 2);
  CHECK(other.step == 9);
  CHECK(other.batch == 1);
  CHECK(other.rows == 32.0);
  CHECK(other.divisor == 40.5);
  CHECK(other.sums == state.sums);
  CHECK(other.seconds == 0.3);
  CHECK(other.order == state.order);
  CHECK(other.stopping->state() == state.stopping->state());
  CHECK(other.plateau->state() == state.plateau->state());
  CHECK(same_bits(other.history, state.history));
  CHECK(same_bits(other.state(layout), state.state(layout)));
}

TEST_CASE("the layout of an epoch is fixed within it and may change between epochs") {
  TrainingState state = some_state();
  const nn::State within = state.state(layout);
  const auto refused = [&](const EpochLayout& now) {
    return message_of<FormatError>([&] { fresh().set_state(within, now); });
  };
  CHECK(contains(refused({90, 32, 1, true, false}), "rows was 100 in it, but now is 90"));
  CHECK(contains(refused({100, 16, 1, true, false}), "batch_size was"));
  CHECK(contains(refused({100, 32, 2, true, false}), "accumulate was"));
  CHECK(contains(refused({100, 32, 1, false, false}), "shuffle was"));
  CHECK(contains(refused({100, 32, 1, true, true}), "drop_last was"));
  TrainingState more = fresh();
  more.sums.push_back(0.0);
  CHECK(contains(message_of<FormatError>([&] { more.set_state(within, layout); }),
                 "with 2 measured columns, but now has 3"));

  state.begin_epoch();
  CHECK_NOTHROW(more.set_state(state.state(layout), {90, 16, 2, false, true}));
  CHECK(more.sums == std::vector<double>{0.0, 0.0, 0.0});
  CHECK(more.seconds == 0.0);
}

TEST_CASE("a damaged state is an error that changes nothing") {
  const nn::State good = some_state().state(layout);
  const auto refused = [&](auto damage) {
    nn::State state = good;
    damage(state);
    TrainingState other = fresh();
    const nn::State before = other.state(layout);
    const std::string message = message_of<FormatError>([&] { other.set_state(state, layout); });
    CHECK(same_bits(other.state(layout), before));
    return message;
  };
  for (const auto& number : good.numbers) {
    const std::string& name = number.first;
    CAPTURE(name);
    CHECK(contains(refused([&](nn::State& s) { s.numbers.erase(name); }), name));
  }
  for (const char* const name : {"epoch", "step", "batch"})
    for (const double number : {-1.0, 0.5, 1e300, double(NAN)})
      CHECK(contains(refused([&](nn::State& s) { s.numbers[name] = number; }), "not a count"));
  CHECK(contains(refused([](nn::State& s) { s.texts.erase("order"); }), "order"));
  CHECK(contains(refused([](nn::State& s) { s.texts["order"] = "1 2 3"; }), "Random"));
  CHECK(contains(refused([](nn::State& s) { s.texts.erase("history.1"); }), "history.1"));
  CHECK(contains(refused([](nn::State& s) { s.texts["history.1"] = "loss"; }), "loss"));
  for (const Shape& shape : {Shape{1 << 26, 0}, Shape{0, 2}, Shape{9, 2}})
    CHECK(contains(refused([&](nn::State& s) {
                     s.arrays["history"] = Array::filled(DType::float64, shape, 0.0);
                   }),
                   "a history of shape"));
  for (const char* const name : {"history", "sums"}) {
    CHECK(contains(refused([&](nn::State& s) { s.arrays.erase(name); }), name));
    CHECK(contains(refused([&](nn::State& s) {
                     s.arrays[name] = Array::filled(DType::float32, s.arrays[name].shape(), 0.0);
                   }),
                   name));
    CHECK(contains(
        refused([&](nn::State& s) { s.arrays[name] = Array::scalar(DType::float64, 0); }), name));
  }
  CHECK_FALSE(refused([](nn::State& s) {
                s.arrays["early_stopping"] = Array::filled(DType::float64, Shape{2}, 0.0);
              }).empty());
  CHECK_FALSE(refused([](nn::State& s) {
                s.arrays["plateau"] = Array::filled(DType::float64, Shape{2}, 0.0);
              }).empty());
}

TEST_CASE("batches beyond the epoch, and numbers that do not belong to them, are errors") {
  const nn::State good = some_state().state(layout);  // of 4 batches, the last of 4 rows
  const auto refused = [&](const char* name, double number, const EpochLayout& now = layout) {
    nn::State state = good;
    state.numbers[name] = number;
    if (now.accumulate > 1) state.numbers["layout.accumulate"] = 2.0;
    return message_of<FormatError>([&] { fresh().set_state(state, now); });
  };
  for (const double batch : {4.0, 5.0, 1e15})
    CHECK(contains(refused("batch", batch), "finished batches of an epoch of 4"));
  CHECK(contains(refused("batch", 1.0, {100, 32, 2, true, false}), "with 2 in each step"));
  for (const double rows : {0.0, 31.0, 100.0})
    CHECK(contains(refused("rows", rows), "rows in 1 batches of 32"));
  for (const char* const name : {"rows", "divisor", "seconds"})
    for (const double number : {-1.0, double(NAN), double(INFINITY)})
      CHECK(contains(refused(name, number), "not finite and >= 0"));
  CHECK(refused("divisor", 0.0).empty());
}

TEST_CASE("the number of batches of a layout is that of the dataset") {
  for (const std::int64_t rows : {1, 2, 7, 8})
    for (const std::int64_t size : {0, 1, 3, 4, 9})
      for (const bool drop_last : {false, true}) {
        const nn::Dataset data(ones({rows, 1}), ones({rows}));
        CHECK(EpochLayout{rows, size, 1, false, drop_last}.batches() ==
              data.batches(size, {.drop_last = drop_last}).size());
      }
}
