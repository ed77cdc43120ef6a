// States of optimisers: saved, restored, and refused.
#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "nn/model/layers/linear.hpp"
#include "nn/optimizers/adam.hpp"
#include "nn/optimizers/adaptive.hpp"
#include "nn/optimizers/sgd.hpp"
#include "tests/nn/optimizers/check_optimizers.hpp"
#include "tests/support/message_of.hpp"

using namespace chainrule;
using chainrule::testing::check_equal;
using chainrule::testing::step;

namespace {

/// Calls f(make) for several kinds of optimisers, where make(parameters) makes one.
template <class F>
void for_each_kind(F f) {
  f([](const nn::Parameters& p) { return nn::Sgd(p, {.momentum = 0.9}); });
  f([](const nn::Parameters& p) { return nn::Sgd(p, {.momentum = 1.0}); });
  f([](const nn::Parameters& p) { return nn::Adam(p, {.amsgrad = true}); });
  f([](const nn::Parameters& p) { return nn::AdamW(p); });
  f([](const nn::Parameters& p) { return nn::Adamax(p); });
  f([](const nn::Parameters& p) { return nn::Adagrad(p); });
  f([](const nn::Parameters& p) { return nn::Adadelta(p); });
  f([](const nn::Parameters& p) { return nn::Rmsprop(p, {.momentum = 1.0}); });
  f([](const nn::Parameters& p) { return nn::Rmsprop(p, {.momentum = 0.9, .centered = true}); });
}

}  // namespace

TEST_CASE("a restored state continues a training exactly") {
  const auto train = [](nn::GradientOptimizer& optimizer, const nn::Parameter& w, int steps) {
    for (int i = 0; i < steps; ++i) {
      Graph graph;
      optimizer.step(gradient(sum_to(square(w() - 3.0), {})));
    }
  };
  const auto check_kind = [&](auto make) {
    const nn::Parameter w(tensor({1, 2})), other(tensor({0, 0}));
    auto optimizer = make(nn::Parameters{w}), resumed = make(nn::Parameters{other});
    optimizer.set_learning_rate(0.02);
    train(optimizer, w, 3);
    nn::Parameter twin = other;
    twin.set_value(Tensor(w.value()));
    const nn::State state = optimizer.state();
    resumed.set_state(state);
    CHECK(resumed.learning_rate() == 0.02);
    train(optimizer, w, 3);
    train(resumed, other, 3);
    CHECK(w.value().element(0) == other.value().element(0));
    // A state that was saved does not change later.
    auto third = make(nn::Parameters{nn::Parameter(zeros({2}))});
    third.set_state(state);
    CHECK(third.state().numbers.at("0.step") == 3.0);
    for (const auto& [name, array] : state.arrays)
      CHECK(third.state().arrays.at(name).element(1) == array.element(1));
  };
  for_each_kind(check_kind);
}

TEST_CASE("a state that does not fit changes nothing") {
  const nn::Parameter w(tensor({1, 2}));
  nn::Adam optimizer(nn::Parameters{w}, {.learning_rate = 0.5});
  step(optimizer, w, 1.0);
  const nn::State good = optimizer.state();
  CHECK(good.arrays.count("0.first_moment") == 1);
  const auto error = [&](const nn::State& state) {
    return message_of<FormatError>([&] { optimizer.set_state(state); });
  };
  nn::State bad = good;
  bad.numbers["group.0.learning_rate"] = 0.25;
  bad.arrays.erase("0.second_moment");
  bad.arrays["0.first_moment"] = zeros({3}).value();
  bad.arrays["1.first_moment"] = zeros({3}).value();
  const std::string message = error(bad);
  CHECK(contains(message, "missing: 0.second_moment"));
  CHECK(contains(message, "unexpected: 1.first_moment"));
  CHECK(contains(message, "0.first_moment: float64 [3] given, float64 [2] wanted"));
  CHECK(optimizer.learning_rate() == 0.5);
  bad = good;
  bad.numbers["0.step"] = 1.5;
  CHECK(contains(error(bad), "1.5, which is not a count"));
  bad = good;
  bad.texts["optimizer"] = "Sgd";
  CHECK(contains(error(bad), "the state is that of an optimiser Sgd"));
  bad = good;
  bad.numbers["group.0.beta1"] = 2.0;
  CHECK_THROWS_AS(optimizer.set_state(bad), DomainError);
  CHECK(error(good).empty());
}

TEST_CASE("parameters of two groups may share a name and have separate states") {
  nn::Linear encoder(2, 2), head(2, 3);
  const auto make = [&] {
    return nn::Adam({{encoder.parameters(), {}}, {head.parameters(), {.learning_rate = 0.1}}});
  };
  nn::Adam adam = make();
  {
    Graph graph;
    adam.step(gradient(sum(square(head(encoder(ones({1, 2})))))));
  }
  const nn::State state = adam.state();
  CHECK(state.arrays.size() == 8);
  CHECK(state.numbers.contains("weight.step"));
  CHECK(state.numbers.contains("group.1.weight.step"));
  nn::Adam other = make();
  other.set_state(state);
  const nn::State again = other.state();
  CHECK(again.arrays.size() == 8);
  for (const auto& [name, array] : state.arrays)
    CHECK(again.arrays.at(name).element(0) == array.element(0));
  const nn::Parameter a(ones({1})), b(ones({1}));
  const nn::Parameters twice(std::vector<nn::NamedParameter>{{"w", a}, {"w", b}});
  CHECK(contains(message_of<DomainError>([&] { nn::Sgd{twice}; }), "named w"));
}

TEST_CASE("a training whose state is saved is the same as one without") {
  for_each_kind([](auto make) {
    const nn::Parameter w(ones({2})), other(ones({2}));
    auto saved = make(nn::Parameters{w}), plain = make(nn::Parameters{other});
    for (const double g : {0.5, -0.25, 0.125}) {
      step(saved, w, g);
      step(plain, other, g);
      const nn::State state = saved.state();  // shares the memory of the buffers
      std::map<std::string, std::vector<double>> numbers;
      for (const auto& [name, array] : state.arrays) numbers[name] = to_vector(Tensor(array));
      step(saved, w, 0.75);
      step(plain, other, 0.75);
      CHECK(w.value().element(1) == other.value().element(1));
      for (const auto& [name, array] : state.arrays)
        CHECK(to_vector(Tensor(array)) == numbers.at(name));
    }
    check_equal(saved.state(), plain.state());
  });
}

TEST_CASE("the state of a new optimiser can be restored: training starts again") {
  for_each_kind([](auto make) {
    const nn::Parameter w(ones({2})), other(ones({2}));
    auto used = make(nn::Parameters{w}), fresh = make(nn::Parameters{other});
    const nn::State start = used.state();
    CHECK(start.arrays.empty());
    step(used, w, 0.5);
    CHECK(!used.state().arrays.empty());
    used.set_state(start);
    check_equal(used.state(), start);
    nn::Parameter handle = w;
    handle.set_value(ones({2}));
    for (const double g : {0.25, -0.5}) {
      step(used, w, g);
      step(fresh, other, g);
    }
    check_equal(used.state(), fresh.state());
    CHECK(w.value().element(0) == other.value().element(0));
  });
}

TEST_CASE("groups with different buffers and a parameter without steps are restored") {
  const nn::Parameter a(ones({2})), b(ones({2})), c(ones({2}));
  const auto make = [&](double rate, double momentum) {
    return nn::Sgd({{nn::Parameters{a}, {.learning_rate = rate}},
                    {nn::Parameters{b, c}, {.learning_rate = 2 * rate, .momentum = momentum}}});
  };
  nn::Sgd first = make(0.25, 0.5);
  for (int i = 0; i < 2; ++i) {
    Graph graph;
    first.step(gradient(sum(c() * 3.0)));
  }
  const nn::State state = first.state();
  CHECK(state.arrays.size() == 1);
  CHECK(state.arrays.at("1.momentum").element(0) == 4.5);
  nn::Sgd second = make(0.125, 0.75);
  second.set_state(state);
  check_equal(second.state(), state);
  CHECK(second.options(0).learning_rate == 0.25);
  CHECK(second.options(1).learning_rate == 0.5);
  CHECK(second.options(1).momentum == 0.5);

  // A state that fits only the options changes those of neither group.
  nn::Sgd third = make(0.125, 0.75);
  const nn::State before = third.state();
  nn::State bad = state;
  bad.arrays.erase("1.momentum");
  CHECK(contains(message_of<FormatError>([&] { third.set_state(bad); }), "missing: 1.momentum"));
  check_equal(third.state(), before);
  bad = state;
  bad.numbers["group.1.momentum"] = -1.0;
  CHECK(contains(message_of<DomainError>([&] { third.set_state(bad); }), "Sgd: momentum is -1"));
  check_equal(third.state(), before);
}

TEST_CASE("each entry of a state is needed, and no other is allowed") {
  for_each_kind([](auto make) {
    const nn::Parameter w(ones({2}));
    auto optimizer = make(nn::Parameters{w});
    step(optimizer, w, 0.5);
    const nn::State good = optimizer.state();
    const auto check_refused = [&](const nn::State& state, const std::string& text) {
      CHECK(contains(message_of<FormatError>([&] { optimizer.set_state(state); }), text));
      check_equal(optimizer.state(), good);
    };
    const auto check_each = [&](auto part, auto extra) {
      for (const auto& entry : good.*part) {
        nn::State bad = good;
        (bad.*part).erase(entry.first);
        check_refused(bad, "missing: " + entry.first);
      }
      nn::State bad = good;
      (bad.*part)["other"] = extra;
      check_refused(bad, "unexpected: other");
    };
    check_each(&nn::State::arrays, ones({2}).value());
    check_each(&nn::State::numbers, 0.0);
    check_each(&nn::State::texts, std::string());
    for (const double steps : {-1.0, 0.5, 0x1p54, static_cast<double>(NAN)}) {
      nn::State bad = good;
      bad.numbers["0.step"] = steps;
      check_refused(bad, "in the state 0.step is ");
    }
    nn::State large = good;
    large.numbers["0.step"] = 0x1p53;
    optimizer.set_state(large);
    CHECK(optimizer.state().numbers.at("0.step") == 0x1p53);
  });
}

TEST_CASE("numbers that no step leaves in a buffer are refused") {
  const auto check_kind = [](auto make) {
    const nn::Parameter w(tensor({1, 2}));
    auto optimizer = make(nn::Parameters{w});
    step(optimizer, w, 0.5);
    const nn::State good = optimizer.state();
    for (const auto& entry : good.arrays) {
      const std::string& name = entry.first;
      CAPTURE(name);
      const auto refuses = [&](double element) {
        nn::State bad = good;
        bad.arrays[name] = tensor({0.0, element}).value();
        const bool is_refused =
            contains(message_of<FormatError>([&] { optimizer.set_state(bad); }), name);
        if (is_refused) check_equal(optimizer.state(), good);
        return is_refused;
      };
      CHECK(refuses(double(NAN)));
      const bool has_sign = name.ends_with("momentum") || name.ends_with("first_moment") ||
                            name.ends_with("mean_gradient");
      CHECK(refuses(-1.0) == !has_sign);
      CHECK_FALSE(refuses(double(INFINITY)));  // a square may overflow
      optimizer.set_state(good);
    }
  };
  check_kind([](const nn::Parameters& p) { return nn::Sgd(p, {.momentum = 0.9}); });
  check_kind([](const nn::Parameters& p) { return nn::Adam(p, {.amsgrad = true}); });
  check_kind([](const nn::Parameters& p) { return nn::AdamW(p, {.amsgrad = true}); });
  check_kind([](const nn::Parameters& p) { return nn::Adamax(p); });
  check_kind([](const nn::Parameters& p) { return nn::Adagrad(p); });
  check_kind([](const nn::Parameters& p) { return nn::Adadelta(p); });
  check_kind(
      [](const nn::Parameters& p) { return nn::Rmsprop(p, {.momentum = 0.9, .centered = true}); });
}
