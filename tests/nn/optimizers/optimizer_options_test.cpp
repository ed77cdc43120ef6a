// The options of all optimisers: their ranges, and their names in the state.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "nn/optimizers/adam.hpp"
#include "nn/optimizers/adaptive.hpp"
#include "nn/optimizers/lbfgs.hpp"
#include "nn/optimizers/sgd.hpp"
#include "tests/support/message_of.hpp"

using namespace chainrule;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Range {
  const char* option;
  std::vector<double> bad, good;
  const char* text;
};

Range not_negative(const char* option) {
  return {option, {-1.0, -1e-300, NAN, infinity}, {0.0, 1e300}, "finite and not negative"};
}
Range fraction(const char* option) {
  return {option, {-1e-300, 1.0, 2.0, NAN}, {0.0, 0.5, 0.9999}, "in [0, 1)"};
}

/// Each bad value is an error when an optimiser or a group is made, and each good one is not.
/// `given` has the other options.
template <class Optimizer>
void check_ranges(const std::vector<Range>& ranges, typename Optimizer::Options given = {}) {
  using Options = typename Optimizer::Options;
  for (const Range& range : ranges) {
    const auto options_with = [&](double value) {
      Options options = given;
      Options::visit(options, [&](std::string_view name, auto& option) {
        if (name == range.option)
          option = static_cast<std::remove_cvref_t<decltype(option)>>(value);
      });
      return options;
    };
    const std::string start = std::string(Options::name) + ": " + range.option + " is ";
    for (const double value : range.bad) {
      CAPTURE(value);
      const std::string message =
          message_of<DomainError>([&] { Optimizer(nn::Parameters(), options_with(value)); });
      CHECK(message.substr(0, start.size()) == start);
      CHECK(contains(message, std::string("; it must be ") + range.text));
      Optimizer optimizer(nn::Parameters(), given);
      CHECK_THROWS_AS(optimizer.add_group(nn::Parameters(), options_with(value)), DomainError);
      CHECK(optimizer.group_count() == 1);
    }
    for (const double value : range.good) {
      CAPTURE(range.option);
      CAPTURE(value);
      CHECK_NOTHROW(Optimizer(nn::Parameters(), options_with(value)));
    }
  }
}

/// The options are in the state under these names, and an optimiser that restores it has them.
template <class Optimizer>
void check_names(const typename Optimizer::Options& options,
                 const std::map<std::string, double>& expected) {
  const nn::Parameter w(ones({2}));
  const Optimizer optimizer(nn::Parameters{w}, options);
  const nn::State state = optimizer.state();
  CHECK(state.texts.at("optimizer") == Optimizer::Options::name);
  CHECK(state.numbers.at("0.step") == 0.0);
  CHECK(state.numbers.size() == expected.size() + 1);
  Optimizer other(nn::Parameters{w});
  other.set_state(state);
  const nn::State again = other.state();
  for (const auto& entry : expected) {
    CAPTURE(entry.first);
    CHECK(state.numbers.at("group.0." + entry.first) == entry.second);
    CHECK(again.numbers.at("group.0." + entry.first) == entry.second);
  }
}

}  // namespace

TEST_CASE("options out of range are errors that name them; those at the ends are not") {
  check_ranges<nn::Sgd>({not_negative("learning_rate"),
                         not_negative("momentum"),
                         not_negative("weight_decay"),
                         {"dampening", {-1e-300, 1.0001, NAN}, {0.0, 0.5, 1.0}, "in [0, 1]"}});
  const Range nesterov{
      "nesterov", {1.0}, {0.0}, "false, unless there is momentum and no dampening"};
  check_ranges<nn::Sgd>({nesterov});
  check_ranges<nn::Sgd>({nesterov}, {.momentum = 0.5, .dampening = 0.5});
  check_ranges<nn::Sgd>({{"nesterov", {}, {0.0, 1.0}, ""}}, {.momentum = 0.5});
  const std::vector<Range> moments = {not_negative("learning_rate"), not_negative("eps"),
                                      not_negative("weight_decay"), fraction("beta1"),
                                      fraction("beta2")};
  check_ranges<nn::Adam>(moments);
  check_ranges<nn::AdamW>(moments);
  check_ranges<nn::Adamax>(moments);
  const std::vector<Range> common = {not_negative("learning_rate"), not_negative("eps"),
                                     not_negative("weight_decay")};
  check_ranges<nn::Rmsprop>(common);
  check_ranges<nn::Rmsprop>({fraction("alpha"), not_negative("momentum")});
  check_ranges<nn::Adagrad>(common);
  check_ranges<nn::Adagrad>({not_negative("lr_decay"), not_negative("initial_accumulator_value")});
  check_ranges<nn::Adadelta>(common);
  check_ranges<nn::Adadelta>({fraction("rho")});
  CHECK(message_of<DomainError>([] { nn::Sgd(nn::Parameters(), {.learning_rate = -1.0}); }) ==
        "Sgd: learning_rate is -1; it must be finite and not negative");
}

TEST_CASE("every option is in the state, under its name, and is restored") {
  check_names<nn::Sgd>(
      {.learning_rate = 0.5, .momentum = 0.25, .weight_decay = 0.125, .nesterov = true},
      {{"learning_rate", 0.5},
       {"momentum", 0.25},
       {"dampening", 0.0},
       {"weight_decay", 0.125},
       {"nesterov", 1.0}});
  check_names<nn::Sgd>({.learning_rate = 0.5, .momentum = 0.25, .dampening = 0.75},
                       {{"learning_rate", 0.5},
                        {"momentum", 0.25},
                        {"dampening", 0.75},
                        {"weight_decay", 0.0},
                        {"nesterov", 0.0}});
  const std::map<std::string, double> moments = {{"learning_rate", 0.5},
                                                 {"beta1", 0.25},
                                                 {"beta2", 0.125},
                                                 {"eps", 0.0625},
                                                 {"weight_decay", 0.75}};
  std::map<std::string, double> adam = moments;
  adam["amsgrad"] = 1.0;
  check_names<nn::Adam>({0.5, 0.25, 0.125, 0.0625, 0.75, true}, adam);
  check_names<nn::AdamW>({0.5, 0.25, 0.125, 0.0625, 0.75, true}, adam);
  check_names<nn::Adamax>({0.5, 0.25, 0.125, 0.0625, 0.75}, moments);
  check_names<nn::Rmsprop>({.learning_rate = 0.5,
                            .alpha = 0.25,
                            .eps = 0.125,
                            .weight_decay = 0.0625,
                            .momentum = 0.75,
                            .centered = true},
                           {{"learning_rate", 0.5},
                            {"alpha", 0.25},
                            {"eps", 0.125},
                            {"weight_decay", 0.0625},
                            {"momentum", 0.75},
                            {"centered", 1.0}});
  check_names<nn::Adagrad>({.learning_rate = 0.5,
                            .lr_decay = 0.25,
                            .weight_decay = 0.125,
                            .initial_accumulator_value = 0.0625,
                            .eps = 0.75},
                           {{"learning_rate", 0.5},
                            {"lr_decay", 0.25},
                            {"weight_decay", 0.125},
                            {"initial_accumulator_value", 0.0625},
                            {"eps", 0.75}});
  check_names<nn::Adadelta>(
      {.learning_rate = 0.5, .rho = 0.25, .eps = 0.125, .weight_decay = 0.75},
      {{"learning_rate", 0.5}, {"rho", 0.25}, {"eps", 0.125}, {"weight_decay", 0.75}});
}

TEST_CASE("learning rates out of range, and of groups that do not exist, are errors") {
  nn::Sgd sgd(nn::Parameters(), {.learning_rate = 0.5});
  for (const double rate : {-1.0, infinity, static_cast<double>(NAN)}) {
    CHECK_THROWS_AS(sgd.set_learning_rate(rate), DomainError);
    CHECK_THROWS_AS(sgd.scale_learning_rate(rate), DomainError);
  }
  CHECK(sgd.learning_rate() == 0.5);
  CHECK(message_of<ShapeError>([&] { sgd.set_learning_rate(0.1, 1); }) ==
        "Sgd: there is no group 1; there are 1 groups");
  CHECK(message_of<ShapeError>([&] { sgd.learning_rate(2); }) ==
        "Sgd: there is no group 2; there are 1 groups");
}

TEST_CASE("options of L-BFGS out of range are errors that name them; those at the ends are not") {
  using Options = nn::LbfgsOptions;
  struct Case {
    const char* option;
    void (*set)(Options&, double);
    std::vector<double> bad, good;
    const char* range;
  };
  const double least = std::numeric_limits<double>::denorm_min();
  const std::vector<double> no_rates = {0.0, -1.0, NAN, infinity};
  const std::vector<double> no_tolerances = {-1e-300, NAN};
  const std::vector<Case> cases = {
      {"learning_rate",
       [](Options& o, double x) { o.learning_rate = x; },
       no_rates,
       {least, 1e300},
       "positive and finite"},
      {"max_iterations",
       [](Options& o, double x) { o.max_iterations = std::lround(x); },
       {-1, 0},
       {1, 1e9},
       "at least 1"},
      {"max_evaluations",
       [](Options& o, double x) { o.max_evaluations = std::lround(x); },
       {-1, 0},
       {1, 1e9},
       "at least 1"},
      {"tolerance_gradient",
       [](Options& o, double x) { o.tolerance_gradient = x; },
       no_tolerances,
       {0, 1},
       "not negative"},
      {"tolerance_change",
       [](Options& o, double x) { o.tolerance_change = x; },
       no_tolerances,
       {0, 1},
       "not negative"},
      {"history",
       [](Options& o, double x) { o.history = std::lround(x); },
       {-1, 0},
       {1, 1e9},
       "at least 1"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.option));
    const auto make = [&](double value) {
      Options options;
      c.set(options, value);
      nn::Lbfgs(nn::Parameters(), options);
    };
    for (const double value : c.bad) {
      const std::string message = message_of<DomainError>([&] { make(value); });
      CHECK(contains(message, std::string("Lbfgs: ") + c.option + " is "));
      CHECK(contains(message, std::string("; it must be ") + c.range));
    }
    for (const double value : c.good) CHECK_NOTHROW(make(value));
  }
  nn::Lbfgs optimizer(nn::Parameters(), {.learning_rate = 0.5});
  for (const double rate : no_rates)
    CHECK(contains(message_of<DomainError>([&] { optimizer.set_learning_rate(rate); }),
                   "Lbfgs: learning_rate is "));
  CHECK(optimizer.learning_rate() == 0.5);
  optimizer.set_learning_rate(0.25);
  CHECK(optimizer.learning_rate() == 0.25);
}
