// What is left of a thread's graphs when the thread ends.
#include <doctest/doctest.h>
#include <pthread.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "autodiff/autodiff.hpp"
#include "autodiff/values/pool.hpp"
#include "tests/support/allocated_memory.hpp"
#include "tests/support/message_of.hpp"

using namespace chainrule;

namespace {

using GraphPtr = std::unique_ptr<Graph>;

template <class F>
void in_another_thread(F f) {
  std::thread(f).join();
}

void end_in_another_thread(GraphPtr graph) {
  in_another_thread([&] { graph.reset(); });
}

GraphPtr graph_with_nodes(std::size_t nodes) {
  auto graph = std::make_unique<Graph>();
  Var y = variable(1.0);
  while (graph->size() < nodes) y = y + 1.0;
  return graph;
}

/// Checks that, after the first times, a call leaves less than `bound` bytes behind, on average.
template <class F>
void check_left_behind(std::size_t bound, std::size_t times, F call) {
  for (int i = 0; i < 20; ++i) call();
  const std::size_t before = allocated_bytes();
  for (std::size_t i = 0; i < times; ++i) call();
  CHECK(allocated_bytes() < before + times * bound + 20000);
}

}  // namespace

// Tape and the state of a thread have several hundred bytes each.

TEST_CASE("a thread that ends frees the memory of its graphs") {
  check_left_behind(100, 300, [] {
    in_another_thread([] {
      GraphPtr outer = graph_with_nodes(5000), inner = graph_with_nodes(5000);
      inner.reset();
      outer.reset();
    });
  });
}

TEST_CASE("a thread that ends frees what is left of its graphs that another thread destroyed") {
  check_left_behind(100, 300, [] {
    in_another_thread([] {
      GraphPtr outer = graph_with_nodes(10), inner = graph_with_nodes(10);
      end_in_another_thread(std::move(outer));
      end_in_another_thread(std::move(inner));
    });
  });
}

TEST_CASE("a graph that ends after its thread leaves nothing") {
  check_left_behind(100, 300, [] {
    GraphPtr outer, inner;
    in_another_thread([&] {
      outer = graph_with_nodes(10);
      inner = graph_with_nodes(10);
    });
    inner.reset();
    outer.reset();
  });
}

TEST_CASE("a graph that ends elsewhere frees its record there, of which only the tape is left") {
  KeyedVariable keyed;
  const Tensor constant = tensor({1.0});
  std::vector<GraphPtr> graphs;
  const auto fill = [&] {
    graphs.push_back(std::make_unique<Graph>());
    const Tensor t = variable(tensor({1, 2}));
    const Var x = variable(1.0);
    for (int i = 0; i < 200; ++i) {
      static_cast<void>(concat({t, t}));  // has parameters
      static_cast<void>(t * constant);
      static_cast<void>(t.element({0}));
      static_cast<void>(clamp(x, static_cast<double>(i), 1e3 + i).named("a name in the record"));
      keyed.values_changed();
      keyed.enter(tensor({static_cast<double>(i), 1.0}).value());
    }
  };
  fill();
  in_another_thread([&] { graphs.clear(); });
  release_memory();
  const std::size_t before = allocated_bytes();
  constexpr std::size_t count = 20;
  for (std::size_t i = 0; i < count; ++i) fill();
  in_another_thread([&] { graphs.clear(); });
  release_blocks();  // but not the tapes
  CHECK(allocated_bytes() < before + count * 1000 + 1000);
}

TEST_CASE("a thread that makes graphs and gives each away leaves nothing of the earlier ones") {
  check_left_behind(100, 300, [] { end_in_another_thread(graph_with_nodes(10)); });
}

TEST_CASE("release_memory() frees what is left of graphs that another thread destroyed") {
  release_memory();
  const std::size_t before = allocated_bytes();
  constexpr std::size_t count = 200;
  std::vector<GraphPtr> graphs;
  for (std::size_t i = 0; i < count; ++i) graphs.push_back(graph_with_nodes(10));
  in_another_thread([&] { graphs.clear(); });
  release_memory();
  CHECK(allocated_bytes() < before + count * 100);
}

// Destructors of a pthread key may run after the library has ended the thread's graphs.
namespace {

/// The graph that its thread has not ended, and what the thread saw when it ended.
struct ThreadEndResults {
  GraphPtr left;
  std::string error;
  double square = 0.0;
  std::size_t size = 0;
};

void at_end(void* pointer) {
  auto& results = *static_cast<ThreadEndResults*>(pointer);
  results.error = message_of<GraphError>([] { variable(1.0); });
  Graph graph;
  const Var x = variable(3.0);
  results.square = (x * x).value();
  results.size = results.left->size();
}

}  // namespace

TEST_CASE("when a thread's graphs have ended with it, it can still make new ones") {
  { const Graph graph; }  // the library makes its key before this test makes its own
  pthread_key_t key;
  REQUIRE(pthread_key_create(&key, at_end) == 0);
  check_left_behind(100, 30, [key] {
    ThreadEndResults results;
    in_another_thread([&] {
      results.left = graph_with_nodes(10);
      pthread_setspecific(key, &results);
    });
    CHECK(results.error.find("variable: there is no active graph") == 0);
    CHECK(results.square == 9.0);
    CHECK(results.size == 10);
  });
  pthread_key_delete(key);
}
