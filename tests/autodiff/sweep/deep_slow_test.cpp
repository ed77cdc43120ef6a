// Graphs as deep and as wide as memory allows: everything is a loop, nothing is recursive.
#include <doctest/doctest.h>
#include <pthread.h>

#include <cmath>
#include <vector>

#include "autodiff/autodiff.hpp"
#include "autodiff/rules/operation.hpp"
#include "tests/support/sanitizers.hpp"

using namespace chainrule;

namespace {

struct Halve : Unary {
  static constexpr Notation notation = composed("halve");
  static auto value(const auto& x) { return x * 0.5; }
  static auto dx(const auto&, const auto&) { return 0.5; }
};

/// Runs a function in a thread with a small stack. Sanitizers need a larger one for themselves.
void with_small_stack(void (*f)()) {
  constexpr std::size_t stack = CHAINRULE_SANITIZED ? 512 * 1024 : 64 * 1024;
  pthread_attr_t attributes;
  REQUIRE(pthread_attr_init(&attributes) == 0);
  REQUIRE(pthread_attr_setstacksize(&attributes, stack) == 0);
  pthread_t thread;
  const auto run = [](void* function) -> void* {
    (*static_cast<void (**)()>(function))();
    return nullptr;
  };
  REQUIRE(pthread_create(&thread, &attributes, run, &f) == 0);
  REQUIRE(pthread_join(thread, nullptr) == 0);
  pthread_attr_destroy(&attributes);
}

}  // namespace

template <>
inline constexpr bool chainrule::listed_outside<Halve> = true;

TEST_CASE("a chain of ten million nodes") {
  for (int round = 0; round < 2; ++round) {
    Graph graph;
    const Var x = variable(1.0);
    Var y = x;
    while (graph.size() < 10'000'000) y = y + 1e-7;
    const Gradient d = gradient(y);
    CHECK(d[x] == 1.0);
    CHECK(d.reaches(5'000'000));
    CHECK(y.value() == doctest::Approx(2.0));
  }
  release_memory();
}

TEST_CASE("a chain of a million nodes, differentiated twice") {
  Graph graph;
  const Var x = variable(0.5);
  Var y = x;
  while (graph.size() < 1'000'000) y = sin(y) + 1e-3 * x;
  const Var dy = derivative(y, x);
  CHECK(dy.value() == doctest::Approx(gradient(y)[x]));
  const Var ddy = derivative(dy, x);
  CHECK(ddy.value() == doctest::Approx(gradient(dy)[x]));
  const double h = 1e-4;
  const auto slope = [](double at) {
    Graph inner;
    const Var a = variable(at);
    Var b = a;
    while (inner.size() < 1'000'000) b = sin(b) + 1e-3 * a;
    return gradient(b)[a];
  };
  CHECK(ddy.value() == doctest::Approx((slope(0.5 + h) - slope(0.5 - h)) / (2 * h)).epsilon(1e-5));
}

TEST_CASE("fifty doublings are fifty nodes, not 2^50 paths") {
  Graph graph;
  const Var x = variable(1.0);
  Var y = x;
  for (int i = 0; i < 50; ++i) y = y + y;
  CHECK(graph.size() == 51);
  CHECK(gradient(y)[x] == std::ldexp(1.0, 50));
  CHECK(derivative(y, x).value() == std::ldexp(1.0, 50));
}

TEST_CASE("a million uses of one node") {
  Graph graph;
  const Var x = variable(3.0), y = x * x;
  Var sum = 0.0;
  for (int i = 0; i < 1'000'000; ++i) sum += y;
  CHECK(gradient(sum)[x] == 6e6);
  CHECK(derivative(sum, x).value() == 6e6);
}

TEST_CASE("a million variables") {
  const std::vector<double> x0(1'000'000, 2.0);
  const ValueAndGradient result = value_and_gradient(
      [](std::span<const Var> x) {
        Var sum = 0.0;
        for (const Var& v : x) sum += v * v;
        return sum;
      },
      x0);
  CHECK(result.value == 4e6);
  CHECK(result.gradient == std::vector<double>(x0.size(), 4.0));
}

TEST_CASE("a million rewinds at a growing position") {
  Graph graph;
  Var sum = variable(1.0);
  const Var x = sum;
  for (int i = 0; i < 1'000'000; ++i) {
    const Mark mark = graph.mark();
    static_cast<void>(sum * 2.0);
    graph.rewind(mark);
    if (i % 10 == 0) sum = sum + x;
  }
  CHECK(gradient(sum)[x] == 100001.0);
  CHECK(derivative(sum, x).value() == 100001.0);
}

TEST_CASE("a small stack is enough for a deep graph") {
  with_small_stack([] {
    Graph graph;
    const Var x = variable(0.5);
    Var y = x;
    for (int i = 0; i < 300'000; ++i) y = tanh(y * 1.5) + x * 0.1;
    CHECK(std::isfinite(gradient(y)[x]));
    CHECK(derivative(y, x).value() == doctest::Approx(gradient(y)[x]));
  });
}

TEST_CASE("a small stack is enough for operations of three operands and from outside") {
  with_small_stack([] {
    Graph graph;
    const Var x = variable(0.5);
    Var y = x;
    for (int i = 0; i < 300'000; ++i)
      y = apply<Halve>(clamp(select(y < 1.0, y, 0.0), -1.0, 1.0)) * 2.0;
    CHECK(gradient(y)[x] == 1.0);
    CHECK(derivative(y, x).value() == 1.0);
  });
}

namespace {

/// Sweeps a chain of one operation, with its operands in every form.
template <class Rule>
void sweep_chain() {
  const auto sweep = [](auto next) {
    Graph graph;
    const Var x = variable(0.5);
    Var y = x;
    for (int i = 0; i < 10'000; ++i) y = next(y);
    const Gradient d = gradient(y);
    const double at_end = d[y];
    CHECK(at_end == 1.0);
  };
  sweep([](Var y) {
    const Var same[] = {y, y, y};
    return unpack<Rule::arity>(same, [](const auto&... x) { return apply<Rule>(x...); });
  });
  if constexpr (Rule::arity == 2) {
    sweep([](Var y) { return apply<Rule>(y, 0.75); });
    sweep([](Var y) { return apply<Rule>(0.75, y); });
  }
}

template <class... Rule>
void sweep_chains(RuleList<Rule...>) {
  (sweep_chain<Rule>(), ...);
}

}  // namespace

TEST_CASE("a small stack is enough for every operation") {
  with_small_stack([] { sweep_chains(Operations{}); });
}

TEST_CASE("a small stack is enough for nodes that are not reached") {
  with_small_stack([] {
    Graph graph;
    const Var x = variable(0.5);
    Var aside = x;
    for (int i = 0; i < 1'000'000; ++i) aside = aside * 1.0;
    CHECK(gradient(select(aside < 0.0, aside, x))[x] == 1.0);
  });
}
