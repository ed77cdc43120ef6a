// The line search of L-BFGS and its stopping rules, on losses whose values and slopes are given.
// The first search direction is minus the gradient. So, with the slope -1 at 0, the points of the
// first search are its step lengths. The trial points were worked out by hand: most answers are
// those of a quadratic or cubic function, whose minimum the search must find by interpolation.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "tests/nn/optimizers/scripted_loss.hpp"

using namespace chainrule;
using chainrule::testing::Answer;
using chainrule::testing::ScriptedLoss;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Search {
  const char* text;
  double rate;                  ///< the first step length
  std::vector<Answer> answers;  ///< at 0 and at the trial points
  std::vector<double> trials;
  double end;  ///< the accepted step length
  double tolerance_change = 1e-9;
};

// The loss at 1 of the cubic with the slopes -1 at 0, 0.95 at 1, and its minimum at 1/2.
constexpr double past_minimum = -1.0 + 1.025 - 0.1 / 3.0;

// clang-format off
const std::vector<Search> searches = {
    {"the first step is accepted", 1.0, {{0, {-1}}, {-0.5, {0}}}, {1}, 1},
    {"exactly the required decrease and slope", 1.0, {{0, {-1}}, {-1e-4, {-0.9}}}, {1}, 1},
    {"a decrease that rounding hides", 1.0, {{1e16, {-1}}, {1e16, {0.5}}}, {1}, 1},

    // A step with too small a decrease is shortened.
    {"-t + 3/2 t^2 - 1/2 t^3", 1.0, {{0, {-1}}, {0, {0.5}}, {-0.2, {0}}},
     {1, 1 - 1 / std::sqrt(3.0)}, 1 - 1 / std::sqrt(3.0)},
    {"the loss is infinite: bisection", 1.0, {{0, {-1}}, {infinity, {0}}, {-0.3, {0}}},
     {1, 0.5}, 0.5},
    {"the loss is NaN: bisection", 1.0, {{0, {-1}}, {NAN, {NAN}}, {-0.3, {0}}}, {1, 0.5}, 0.5},
    {"a positive slope: -t + t^2 on [0, 1], then linear slope on [0, 1/2]", 1.0,
     {{0, {-1}}, {0, {1}}, {-0.0125, {0.95}}, {-0.1, {0}}}, {1, 0.5, 1 / 3.9}, 1 / 3.9},
    {"a negative slope: -t + t^2 on [0, 1], then linear slope on [1/2, 1]", 1.0,
     {{0, {-1}}, {0, {1}}, {-0.0125, {-0.95}}, {-0.3, {0}}},
     {1, 0.5, 0.5 + 0.5 * 0.95 / 1.95}, 0.5 + 0.5 * 0.95 / 1.95},

    // A step with a decrease and a steep negative slope is increased.
    {"to 10 times, since -t + t^2 / 50 has its minimum at 25", 2.0,
     {{0, {-1}}, {-1.92, {-0.92}}, {-12, {-0.2}}}, {2, 20}, 20},
    {"by 1 percent of the last increase", 1.0,
     {{0, {-1}}, {-0.98, {-0.96}}, {-300, {-0.95}}, {-301, {0}}}, {1, 10, 10.09}, 10.09},
    {"linear: to the middle of the bounds", 1.0, {{0, {-1}}, {-1, {-1}}, {-5, {0}}},
     {1, 5.505}, 5.505},
    {"no minimum: to the middle of the bounds", 1.0, {{0, {-1}}, {-0.9, {-1}}, {-5, {0}}},
     {1, 5.505}, 5.505},
    {"inflection with slope 0 at 4: ((1 - t/4)^3 - 1) 4/3", 3.0 / 32,
     {{0, {-1}}, {-192036.0 / 2097152, {-15625.0 / 16384}}, {-0.8, {0}}}, {3.0 / 32, 30.0 / 32},
     30.0 / 32},
    {"until the loss does not decrease", 1.0,
     {{0, {-1}}, {-0.98, {-0.96}}, {-0.98, {-0.96}}, {-2, {0}}},
     {1, 10, 5.5 - std::sqrt(6.75)}, 5.5 - std::sqrt(6.75)},

    // A step past the minimum: the bracket is [1, 0], with the smaller loss at 1.
    {"shortened to a greater loss, then to one between", 1.0,
     {{0, {-1}}, {past_minimum, {0.95}}, {past_minimum, {0.5}}, {-0.1, {0}}},
     {1, 0.5, 0.5 + (7.8 + std::sqrt(26.04)) / 34.8}, 0.5 + (7.8 + std::sqrt(26.04)) / 34.8},
    {"shortened to a smaller loss with a negative slope", 1.0,
     {{0, {-1}}, {past_minimum, {0.95}}, {past_minimum - 0.0125, {-0.95}}, {-0.1, {0}}},
     {1, 0.5, 0.5 + (4.1 - std::sqrt(14.53)) / 1.2}, 0.5 + (4.1 - std::sqrt(14.53)) / 1.2},

    // Trial points near an end of the bracket.
    {"one near the end, a second moved to a tenth, one in the middle, and one near the end", 1.0,
     {{0, {-1}}, {9, {19}}, {0.575, {24}}, {0, {1}}, {0.02875, {24}}, {-0.001, {0}}},
     {1, 0.05, 0.005, 0.0025, 0.0001}, 0.0001},
    {"10.5 is not near the end of [10, 15]", 20.0,
     {{0, {-1}}, {infinity, {0}}, {-10, {-1}}, {10, {9}}, {-6.5, {15}}, {-11, {0}}},
     {20, 10, 15, 10.5, 10.03125}, 10.03125},
    {"rounded to the lower end", 1.0, {{0, {-1}}, {1e20, {0}}, {-0.05, {0}}}, {1, 0.1}, 0.1},
    {"rounded to the upper end", 1.0,
     {{0, {-1}}, {past_minimum, {0.95}}, {1e20, {0}}, {-0.02, {0}}}, {1, 0.5, 0.95}, 0.95},
    {"rounded to the lower end of a bracket far from 0", 1.0,
     {{0, {-1}}, {-30, {-0.95}}, {1e20, {0}}, {-31, {0}}}, {1, 1.01, 1.001}, 1.001},

    // The bracket is smaller than the tolerance: its end with the smaller loss is taken.
    {"measured along the direction, here of length 2", 0.6,
     {{0, {-2}}, {0, {2}}, {0.5, {1}}}, {0.6, 0.3}, 0, 0.6},
    {"far from 0", 1.0, {{0, {-1}}, {past_minimum, {0.95}}, {past_minimum, {0.5}}, {5, {0}}},
     {1, 0.5, 0.5 + (7.8 + std::sqrt(26.04)) / 34.8}, 1, 0.3},
};
// clang-format on

/// `count` answers with the same slope.
std::vector<Answer> repeated(std::size_t count, double loss_per_step, double slope) {
  std::vector<Answer> answers{{0, {-1}}};
  double loss = 0.0;
  while (answers.size() < count) answers.push_back({loss += loss_per_step, {slope}});
  return answers;
}

}  // namespace

TEST_CASE("the line search tries the expected points and takes the expected one") {
  for (const Search& search : searches) {
    CAPTURE(std::string(search.text));
    ScriptedLoss loss({.learning_rate = search.rate,
                       .max_iterations = 1,
                       .tolerance_change = search.tolerance_change},
                      search.answers);
    CHECK(loss.step() == search.answers[0].loss);
    REQUIRE(loss.trials.size() == search.trials.size() + 1);
    CHECK(loss.trials[0] == 0.0);
    for (std::size_t i = 0; i < search.trials.size(); ++i)
      CHECK(loss.trials[i + 1] == doctest::Approx(search.trials[i]).epsilon(1e-12));
    CHECK(loss.end() == doctest::Approx(search.end).epsilon(1e-12));
    CHECK(loss.optimizer.evaluations() == static_cast<std::int64_t>(loss.trials.size()));
  }
}

TEST_CASE("a line search has at most 25 evaluations") {
  // A loss that decreases without end: the last point is taken. One that only increases: none.
  ScriptedLoss falling({.max_iterations = 1}, repeated(26, -1e20, -1.0));
  falling.step();
  CHECK(falling.trials.size() == 26);
  CHECK(falling.trials[25] > falling.trials[24]);
  CHECK(falling.end() == falling.trials[25]);
  ScriptedLoss rising({.max_iterations = 1, .tolerance_change = 0.0}, repeated(26, 1.0, 1.0));
  rising.step();
  CHECK(rising.trials.size() == 26);
  CHECK(rising.end() == 0.0);
}

namespace {

struct Stop {
  const char* text;
  nn::LbfgsOptions options;
  std::vector<Answer> answers;  ///< as many as must be asked for
  double end;
};

// Steps of the learning rate, without a search. The second direction is that of Newton's method for
// the difference of the slopes, a secant step.
// clang-format off
const std::vector<Stop> stops = {
    {"the gradient is as small as the tolerance", {.tolerance_gradient = 0.5}, {{3, {-0.5}}}, 0},
    {"the gradient is larger", {.max_iterations = 1, .tolerance_gradient = 0.5},
     {{3, {-0.625}}, {0, {0}}}, 0.625},
    {"the slope is as small as the tolerance", {.tolerance_change = 0.25}, {{3, {-0.5}}}, 0},
    {"the number of iterations", {.max_iterations = 1}, {{3, {-1}}, {1, {-0.5}}}, 1},
    {"the number of iterations", {.max_iterations = 2}, {{3, {-1}}, {1, {-0.5}}, {0, {-0.25}}}, 2},
    {"the number of evaluations", {.max_evaluations = 2}, {{3, {-1}}, {1, {-0.5}}}, 1},
    {"the movement is as small as the tolerance",
     {.learning_rate = 0.5, .tolerance_change = 0.5}, {{3, {-1}}, {1, {-0.875}}}, 0.5},
    {"the loss changes by less than the tolerance", {.tolerance_change = 0.5},
     {{3, {-1}}, {2.75, {-0.875}}}, 1},
    {"the loss changes by just the tolerance", {.max_iterations = 2, .tolerance_change = 0.5},
     {{3, {-1}}, {2.5, {-0.875}}, {1, {0}}}, 8},
    {"the loss is not finite", {}, {{3, {-1}}, {NAN, {-0.5}}}, 1},
    {"the first loss is not finite", {}, {{-infinity, {-1}}}, 0},
};
// clang-format on

}  // namespace

TEST_CASE("iterations stop at each of the limits and tolerances") {
  for (Stop stop : stops) {
    CAPTURE(std::string(stop.text));
    stop.options.strong_wolfe = false;
    ScriptedLoss loss(stop.options, stop.answers);
    CHECK(loss.step() == stop.answers[0].loss);
    CHECK(loss.trials.size() == stop.answers.size());
    CHECK(loss.end() == doctest::Approx(stop.end).epsilon(1e-14));
  }
}

TEST_CASE("the limit on evaluations is per call") {
  std::vector<Answer> answers;
  for (int k = 0; k < 6; ++k) answers.push_back({-10.0 * k, {-1.0 / (1 + k)}});
  ScriptedLoss loss({.max_evaluations = 3, .strong_wolfe = false}, answers);
  loss.step();
  CHECK(loss.optimizer.evaluations() == 3);
  loss.step();
  CHECK(loss.optimizer.evaluations() == 6);
}

TEST_CASE("only pairs of positive curvature are kept, and no more than the history") {
  const auto pairs = [](std::vector<Answer> answers, double rate, std::int64_t history = 10) {
    ScriptedLoss loss({.learning_rate = rate,
                       .max_iterations = static_cast<std::int64_t>(answers.size()) - 1,
                       .tolerance_change = 0.0,
                       .history = history,
                       .strong_wolfe = false},
                      answers);
    loss.step();
    CHECK(loss.trials.size() == answers.size());
    return loss.pairs();
  };
  CHECK(pairs({{0, {-1}}, {-1, {-0.5}}, {-2, {0.25}}}, 1.0) == 1);
  CHECK(pairs({{0, {-1}}, {-1, {-1.5}}, {-2, {0.25}}}, 1.0) == 0);
  CHECK(pairs({{0, {-1}}, {-1, {-1}}, {-2, {0.25}}}, 1.0) == 0);
  // The step is (rate, 0), the change of the gradient (1, 0.25).
  const std::vector<Answer> plane = {{0, {-1, 0}}, {-1, {0, 0.25}}, {-2, {1, 1}}};
  CHECK(pairs(plane, 1e-10) == 0);
  CHECK(pairs(plane, 1.01e-10) == 1);
  const std::vector<Answer> line = {{0, {-1}}, {-1, {-0.5}}, {-2, {-0.25}}, {-3, {-0.125}}};
  CHECK(pairs(line, 1.0, 1) == 1);
  CHECK(pairs(line, 1.0, 2) == 2);
  CHECK(pairs(line, 1.0, 3) == 2);
}

TEST_CASE("an iteration that makes no step has the step length 0 in the state") {
  ScriptedLoss loss({.max_iterations = 1, .tolerance_change = 0.25, .strong_wolfe = false},
                    {{3, {-1}}, {1, {-0.5}}, {1, {-0.25}}});
  loss.step();
  CHECK(loss.optimizer.state().numbers.at("t") == 1.0);
  loss.step();  // secant direction 1/3, slope -1/12
  CHECK(loss.end() == 1.0);
  CHECK(loss.optimizer.state().numbers.at("t") == 0.0);
  CHECK(loss.optimizer.state().numbers.at("iterations") == 2.0);
}
