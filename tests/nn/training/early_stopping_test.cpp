#include "nn/training/early_stopping.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "autodiff/core/error.hpp"

using chainrule::DomainError;
using chainrule::FormatError;
using chainrule::nn::EarlyStopping;
using chainrule::nn::Mode;

namespace {

/// The epoch, counted from 0, after which a training with these values stops; -1 if it does not.
int stops_after(EarlyStopping stopping, const std::vector<double>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    stopping.observe(values[i]);
    if (stopping.should_stop()) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace

TEST_CASE("training stops after `patience` epochs without improvement") {
  CHECK(stops_after(EarlyStopping({.mode = Mode::min}), {3, 2, 1, 0}) == -1);
  CHECK(stops_after(EarlyStopping({.mode = Mode::min}), {3, 2, 2, 1}) == 2);
  CHECK(stops_after(EarlyStopping({.mode = Mode::min, .patience = 1}), {3, 2, 2, 1}) == 2);
  CHECK(stops_after(EarlyStopping({.mode = Mode::min, .patience = 2}), {3, 2, 2, 1, 5, 5, 0}) == 5);
  CHECK(stops_after(EarlyStopping({.mode = Mode::min, .patience = 3}), {3, 4, 4, 2, 4, 4, 4}) == 6);
  CHECK(stops_after(EarlyStopping({.mode = Mode::max, .patience = 2}), {1, 2, 2, 3, 1, 1}) == 5);
}

TEST_CASE("small changes and NaN are not improvements") {
  CHECK(stops_after(EarlyStopping({.mode = Mode::min, .min_delta = 0.1}), {1.0, 0.95, 0.5}) == 1);
  CHECK(stops_after(EarlyStopping({.mode = Mode::min, .min_delta = 0.1}), {1.0, 0.85, 0.7}) == -1);
  CHECK(stops_after(EarlyStopping({.mode = Mode::max, .min_delta = 0.1}), {1.0, 1.05, 2}) == 1);
  CHECK(stops_after(EarlyStopping({.mode = Mode::min, .patience = 2}), {NAN, NAN, NAN}) == 1);
  CHECK(stops_after(EarlyStopping({.mode = Mode::min}), {NAN, 1.0}) ==
        -1);  // the first epoch never stops
}

TEST_CASE("only values that beat the baseline reset the patience") {
  CHECK(stops_after(EarlyStopping({.mode = Mode::min, .patience = 3, .baseline = 0.5}),
                    {1.0, 0.9, 0.8, 0.7}) == -1);
  CHECK(stops_after(EarlyStopping({.mode = Mode::min, .patience = 3, .baseline = 0.5}),
                    {1.0, 0.9, 0.8, 0.8}) == 3);
  CHECK(stops_after(EarlyStopping({.mode = Mode::min, .patience = 3, .baseline = 0.5}),
                    {1, 0.4, 1, 1, 0.3, 1}) == -1);
}

TEST_CASE("early epochs can be ignored") {
  EarlyStopping stopping({.mode = Mode::min, .start_epoch = 2});
  CHECK_FALSE(stopping.observe(0.0));
  CHECK_FALSE(stopping.observe(0.1));
  CHECK_FALSE(stopping.best_epoch());
  CHECK(stopping.observe(1.0));
  CHECK(stopping.best_epoch() == 2);
  CHECK_FALSE(stopping.should_stop());
  CHECK_FALSE(stopping.observe(1.0));
  CHECK(stopping.should_stop());
}

TEST_CASE("the best epoch is known") {
  EarlyStopping stopping({.mode = Mode::min, .patience = 5});
  CHECK(stopping.best() == std::numeric_limits<double>::infinity());
  CHECK(stopping.observe(2.0));
  CHECK(stopping.observe(1.0));
  CHECK_FALSE(stopping.observe(1.5));
  CHECK(stopping.best() == 1.0);
  CHECK(stopping.best_epoch() == 1);
  CHECK(stopping.waited() == 1);
}

TEST_CASE("a restored state continues as the original") {
  const std::vector<double> values = {3, 2, NAN, 1, 1, 1, 2, 3};
  for (std::size_t split = 0; split <= values.size(); ++split) {
    EarlyStopping original({.mode = Mode::min, .patience = 4}),
        resumed({.mode = Mode::min, .patience = 4});
    for (std::size_t i = 0; i < split; ++i) original.observe(values[i]);
    resumed.restore(original.state());
    CHECK(resumed.should_stop() == original.should_stop());
    for (std::size_t i = split; i < values.size(); ++i) {
      CHECK(resumed.observe(values[i]) == original.observe(values[i]));
      CHECK(resumed.should_stop() == original.should_stop());
    }
    CHECK(resumed.state() == original.state());
    CHECK(resumed.best_epoch() == original.best_epoch());
  }
  EarlyStopping stopping({.mode = Mode::min});
  for (const std::vector<double>& bad : {std::vector<double>{},
                                         {1, 0, 0, 0},
                                         {1, 2, 1, 0, 0},
                                         {1, 0, 1, 2, 0},
                                         {1, 0, 0, 0, 2},
                                         {NAN, 0, 0, 0, 0},
                                         {1, -1, 0, 0, 0},
                                         {1, 1.5, 2, 0, 0}})
    CHECK_THROWS_AS(stopping.restore(bad), FormatError);
}

TEST_CASE("invalid options are errors") {
  CHECK_THROWS_AS(EarlyStopping({.patience = 2}), DomainError);  // without a mode
  CHECK_THROWS_AS(EarlyStopping({.mode = Mode::min, .min_delta = -1.0}), DomainError);
  CHECK_THROWS_AS(EarlyStopping({.mode = Mode::min, .min_delta = NAN}), DomainError);
  CHECK_THROWS_AS(EarlyStopping({.mode = Mode::min, .patience = -1}), DomainError);
  CHECK_THROWS_AS(EarlyStopping({.mode = Mode::min, .baseline = NAN}), DomainError);
  CHECK_THROWS_AS(EarlyStopping({.mode = Mode::min, .start_epoch = -1}), DomainError);
}
