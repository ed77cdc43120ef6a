// Graphs that end in another thread than the one that made them.
#include <doctest/doctest.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "autodiff/autodiff.hpp"
#include "tests/support/allocated_memory.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/slope_of_square.hpp"

using namespace chainrule;

namespace {

using GraphPtr = std::unique_ptr<Graph>;

/// A thread that destroys the graphs that it receives.
class DestroyingThread {
 public:
  DestroyingThread() : thread_([this] { run(); }) {}
  ~DestroyingThread() {
    wait();
    {
      const std::scoped_lock lock(mutex_);
      is_over_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  /// Takes over a graph without waiting.
  void take(GraphPtr graph) {
    {
      const std::scoped_lock lock(mutex_);
      graphs_.push_back(std::move(graph));
      ++open_;
    }
    changed_.notify_all();
  }
  /// Waits until every graph is destroyed.
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return open_ == 0; });
  }
  void destroy(GraphPtr graph) {
    take(std::move(graph));
    wait();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return is_over_ || !graphs_.empty(); });
      if (graphs_.empty()) return;
      std::vector<GraphPtr> graphs = std::exchange(graphs_, {});
      const std::size_t count = graphs.size();
      lock.unlock();
      graphs.clear();
      lock.lock();
      open_ -= count;
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<GraphPtr> graphs_;
  std::size_t open_ = 0;
  bool is_over_ = false;
  std::thread thread_;
};

/// Records 20,000 nodes, 320 kB, and a tensor of 80 kB.
GraphPtr large_graph() {
  auto graph = std::make_unique<Graph>();
  Var y = variable(1.0);
  while (graph->size() < 20000) y = y * 1.0001;
  static_cast<void>(variable(Tensor(Array::filled(DType::float64, Shape{10000}, 1.5))));
  return graph;
}

constexpr int many = 2000;
constexpr std::size_t bound = std::size_t{4} << 20;  // all graphs together have 800 MB

template <class F>
void check_memory_is_bounded(F make_and_end) {
  for (int i = 0; i < 20; ++i) make_and_end();
  const std::size_t before = allocated_bytes();
  for (int i = 0; i < many; ++i) make_and_end();
  const std::size_t after = allocated_bytes();
  CHECK(after < before + bound);
  Graph graph;
  CHECK(slope_of_square(3.0) == 6.0);
}

}  // namespace

TEST_CASE("2,000 graphs that end in another thread leak no memory") {
  DestroyingThread destroyer;
  check_memory_is_bounded([&] { destroyer.destroy(large_graph()); });
}

TEST_CASE("nested graphs of which the outer one ends first leak no memory") {
  DestroyingThread destroyer;
  check_memory_is_bounded([&] {
    GraphPtr outer = large_graph(), inner = large_graph();
    destroyer.destroy(std::move(outer));
    CHECK(slope_of_square(3.0) == 6.0);
    destroyer.destroy(std::move(inner));
  });
}

TEST_CASE("graphs whose thread ended earlier leak no memory") {
  check_memory_is_bounded([] {
    GraphPtr graph;
    std::thread([&] { graph = large_graph(); }).join();
  });
}

TEST_CASE("graphs that end while their thread records into an inner one leak no memory") {
  DestroyingThread destroyer;
  check_memory_is_bounded([&] {
    GraphPtr outer = large_graph();
    Graph inner;
    destroyer.destroy(std::move(outer));
    CHECK(slope_of_square(3.0) == 6.0);
  });
}

TEST_CASE("graphs that end elsewhere while their thread makes no graphs leave only small tapes") {
  constexpr std::size_t count = 200;
  DestroyingThread destroyer;
  std::vector<GraphPtr> graphs;
  const std::size_t before = allocated_bytes();
  for (std::size_t i = 0; i < count; ++i) graphs.push_back(large_graph());
  for (GraphPtr& graph : graphs) destroyer.take(std::move(graph));
  destroyer.wait();
  CHECK(allocated_bytes() < before + count * 1000 + 100000);
  CHECK_THROWS_AS(variable(1.0), GraphError);  // which deletes the tapes
  CHECK(allocated_bytes() < before + 100000);
}

TEST_CASE("a graph releases what it refers to in the thread where it ends") {
  int released = 0;
  DestroyingThread destroyer;
  static const std::vector<double> numbers(8, 1.0);
  auto graph = std::make_unique<Graph>();
  static_cast<void>(variable(Tensor(Array::foreign(
      DType::float64, {8}, {1}, numbers.data(), [](void* count) { ++*static_cast<int*>(count); },
      &released))));
  CHECK(released == 0);
  destroyer.destroy(std::move(graph));
  CHECK(released == 1);
}

TEST_CASE(
    "after its innermost graph ended elsewhere, a thread records into the enclosing one, if any") {
  DestroyingThread destroyer;
  auto graph = std::make_unique<Graph>();
  const Var x = variable(2.0);
  const Tensor t = variable(tensor({1.0, 2.0}));
  SUBCASE("without an enclosing graph") {
    destroyer.destroy(std::move(graph));
    CHECK(message_of<GraphError>([&] { static_cast<void>(x * x); }).find("no active graph") !=
          std::string::npos);
    CHECK_THROWS_AS(x * 2.0, GraphError);
    CHECK_THROWS_AS(clamp(x, 0.0, 1.0), GraphError);
    CHECK_THROWS_AS(select(x < 1.0, x, 1.0), GraphError);
    CHECK_THROWS_AS(gradient(x), GraphError);
    CHECK_THROWS_AS(derivative(x, x), GraphError);
    CHECK_THROWS_AS(x.named("x"), GraphError);
    CHECK_THROWS_AS(exp(t), GraphError);
    CHECK_THROWS_AS(sum(t), GraphError);
    CHECK_THROWS_AS(t * x, GraphError);
    CHECK_THROWS_AS(variable(tensor({1.0})), GraphError);
    CHECK(message_of<GraphError>([] { variable(1.0); }).find("no active graph") !=
          std::string::npos);
    Graph next;
    CHECK(slope_of_square(3.0) == 6.0);
    CHECK_THROWS_AS(x * x, GraphError);
  }
  // Each of these uses is the first use of the enclosing graph.
  const auto with_inner = [&](auto use) {
    destroyer.destroy(std::make_unique<Graph>());
    destroyer.destroy([] {
      auto inner = std::make_unique<Graph>();
      static_cast<void>(variable(1.0) * 2.0);
      return inner;
    }());
    const std::size_t before = graph->size();
    use();
    return graph->size() - before;
  };
  SUBCASE("with an enclosing graph") {
    CHECK(with_inner([] { CHECK(slope_of_square(3.0) == 6.0); }) == 2);
    CHECK(with_inner([&] { CHECK(gradient(x * x)[x] == 4.0); }) == 1);
    CHECK(with_inner([&] { CHECK(gradient(x * 3.0)[x] == 3.0); }) == 1);
    CHECK(with_inner([&] { CHECK(gradient(clamp(x, 0.0, 9.0))[x] == 1.0); }) == 1);
    CHECK(with_inner([&] { CHECK(gradient(select(x < 9.0, x, 1.0))[x] == 1.0); }) == 2);
    CHECK(with_inner([&] { CHECK(derivative(x, x).value() == 1.0); }) == 0);
    CHECK(with_inner([&] { CHECK(gradient(sum(exp(t) * x))[x] > 0.0); }) == 4);
    CHECK(with_inner([&] { CHECK(gradient(t.element({1}))[t].at({1}) == 1.0); }) == 1);
    CHECK(with_inner([&] { static_cast<void>(stack(std::vector<Var>{x, x})); }) == 1);
    CHECK(with_inner([&] { CHECK(x.named("x").name() == "x"); }) == 0);
    CHECK(with_inner([] {
            const Scope scope("layer");
            variable(1.0);
          }) == 1);
    REQUIRE(graph->tape().scopes().size() == 1);
    CHECK(*graph->tape().scopes()[0].name == "layer");
  }
  SUBCASE("a select() that fails leaves the enclosing graph unchanged") {
    graph->set_node_limit(graph->size() + 1);
    CHECK(with_inner([&] { CHECK_THROWS_AS(select(x < 9.0, x, 1.0), GraphError); }) == 0);
    CHECK(with_inner([&] { CHECK_THROWS_AS(t * x, GraphError); }) == 0);
  }
}

TEST_CASE("a graph in the middle ends elsewhere") {
  DestroyingThread destroyer;
  Graph outer;
  const Var a = variable(2.0);
  auto middle = std::make_unique<Graph>();
  const Var b = variable(3.0);
  auto inner = std::make_unique<Graph>();
  const Var c = variable(4.0);
  destroyer.destroy(std::move(middle));
  CHECK(gradient(c * c)[c] == 8.0);
  CHECK(gradient(a)[a] == 1.0);
  CHECK_THROWS_AS(gradient(b), GraphError);
  SUBCASE("then the inner one ends here") { inner.reset(); }
  SUBCASE("then the inner one ends elsewhere") { destroyer.destroy(std::move(inner)); }
  CHECK(gradient(a * a)[a] == 4.0);
  CHECK(outer.size() == 2);
}

TEST_CASE("a scope may outlive its graph, and a mark too") {
  DestroyingThread destroyer;
  auto graph = std::make_unique<Graph>();
  const Var x = variable(2.0);
  std::optional<Scope> scope(std::in_place, "of the graph that ends");
  static_cast<void>(x * x);
  const Mark mark = graph->mark();
  destroyer.destroy(std::move(graph));
  Graph next;
  variable(1.0);
  CHECK_THROWS_AS(next.rewind(mark), GraphError);
  {
    const Scope layer("layer");
    scope.reset();
    variable(1.0);
  }
  REQUIRE(next.tape().scopes().size() == 1);
  CHECK(next.tape().scopes()[0].first == 1);
  CHECK(next.tape().scopes()[0].end == 2);
}

TEST_CASE("a thread continues while its graphs end elsewhere") {
  // No step waits for the other thread, so the thread sanitizer would report every race.
  DestroyingThread first_destroyer, second_destroyer;
  const auto work = [&] {
    Graph outer;
    const Var x = variable(2.0).named("x");
    const Var square = x * x;
    for (int i = 0; i < 300; ++i) {
      auto handed_over = std::make_unique<Graph>();
      auto scope = std::make_unique<Scope>("closed when its graph is gone");
      static_cast<void>(variable(tensor({1.0, 2.0})) * variable(3.0));
      GraphPtr inner_handed_over;
      if (i % 3 == 0) inner_handed_over = std::make_unique<Graph>();
      if (i % 3 == 0) variable(1.0);
      (i % 2 == 0 ? first_destroyer : second_destroyer).take(std::move(handed_over));
      if (inner_handed_over != nullptr) first_destroyer.take(std::move(inner_handed_over));
      scope.reset();
      CHECK(gradient(square)[x] == 4.0);  // of the enclosing graph: searches the stack
      CHECK(x.name() == "x");
      Graph inner;
      CHECK(slope_of_square(3.0) == 6.0);
      CHECK_THROWS_AS(x * x, GraphError);
      CHECK(gradient(square)[x] == 4.0);
      if (i % 50 == 0) release_memory();
    }
  };
  std::thread other(work);
  work();
  other.join();
}

TEST_CASE("threads end while another thread destroys their graphs") {
  DestroyingThread destroyer;
  for (int i = 0; i < 200; ++i) {
    std::thread thread([&] {
      auto first = std::make_unique<Graph>();
      variable(1.0);
      auto second = std::make_unique<Graph>();
      variable(tensor({1.0, 2.0}));
      destroyer.take(std::move(first));
      destroyer.take(std::move(second));
      if (i % 2 == 0) {
        Graph third;
        CHECK(slope_of_square(3.0) == 6.0);
      }
    });
    thread.join();
  }
}

// Graphs that no stack frame owns. A fault aborts the program or is reported by a sanitizer.
namespace {

void expect(bool is_right) {
  if (!is_right) std::abort();
}

struct ThreadGraph {
  Graph graph;
  Var x = variable(2.0), square = x * x;
  ~ThreadGraph() { expect(gradient(square)[x] == 4.0); }
};

/// Owns a graph that is created later than the owner.
struct LateGraph {
  GraphPtr graph;
  Var x;
  void begin() {
    graph = std::make_unique<Graph>();
    x = variable(2.0);
  }
  ~LateGraph() {
    if (graph == nullptr) return;
    expect(gradient(x * x)[x] == 4.0);
    graph.reset();
    Graph next;
    expect(slope_of_square(3.0) == 6.0);
  }
};

// Destroyed when the program ends. The thread of the second graph ended long before.
LateGraph static_graph;
GraphPtr static_graph_of_ended_thread;

/// Creates the static graph at the end of the main thread, when no other test can see it.
struct Begin {
  ~Begin() { static_graph.begin(); }
};

}  // namespace

TEST_CASE("graphs with thread storage end with their thread") {
  std::thread([] {
    thread_local LateGraph late;  // destroyed after everything that the first graph makes
    CHECK(late.graph == nullptr);
    thread_local ThreadGraph graph;
    CHECK(gradient(graph.square)[graph.x] == 4.0);
    late.begin();
  }).join();
}

TEST_CASE("graphs with static storage end with the program") {
  thread_local Begin at_the_end_of_the_main_thread;
  static_cast<void>(at_the_end_of_the_main_thread);
  std::thread([] {
    static_graph_of_ended_thread = std::make_unique<Graph>();
    variable(1.0);
  }).join();
  Graph graph;
  CHECK(slope_of_square(3.0) == 6.0);
}
