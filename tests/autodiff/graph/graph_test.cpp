#include "autodiff/graph/graph.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "autodiff/core/error.hpp"
#include "autodiff/graph/node.hpp"
#include "autodiff/graph/scope.hpp"
#include "autodiff/structural/operations.hpp"
#include "autodiff/transform/gradient.hpp"
#include "tests/support/slope_of_square.hpp"

using namespace chainrule;

TEST_CASE("the youngest graph records, and destroying it reactivates the enclosing one") {
  Graph outer;
  const Var x = variable(2.0);
  {
    Graph inner;
    const Var y = variable(3.0);
    CHECK(gradient(y * y)[y] == 6.0);
    CHECK(inner.size() == 2);
    CHECK(outer.size() == 1);
  }
  CHECK(gradient(x * x)[x] == 4.0);
  CHECK(outer.size() == 2);
}

TEST_CASE("the gradient of a Var of an enclosing graph can be computed") {
  Graph outer;
  const Var x = variable(2.0), y = x * x;
  Graph inner;
  CHECK(gradient(y)[x] == 4.0);
  CHECK(x.name().empty());
  CHECK(std::string(x.named("x").name()) == "x");
}

TEST_CASE("graphs on the heap may be destroyed in any order") {
  auto first = std::make_unique<Graph>();
  const Var a = variable(1.5);
  auto second = std::make_unique<Graph>();
  const Var b = variable(2.5);
  auto third = std::make_unique<Graph>();
  const Var c = variable(3.5);

  second.reset();  // from the middle: the third still records
  CHECK(gradient(c * c)[c] == 7.0);
  CHECK_THROWS_AS(b.named("b"), GraphError);
  first.reset();
  CHECK(gradient(c * c)[c] == 7.0);
  CHECK_THROWS_AS(gradient(a), GraphError);
  third.reset();
  CHECK_THROWS_AS(variable(1.0), GraphError);
  {
    Graph again;
    CHECK(slope_of_square(4.0) == 8.0);
    CHECK_THROWS_AS(c * c, GraphError);
  }
}

TEST_CASE("clear forgets everything and keeps the memory") {
  Graph graph;
  const Var old = variable(1.0);
  Var y = old;
  for (int i = 0; i < 5000; ++i) y = y * 1.0001;
  const std::size_t reserved = graph.statistics().bytes_reserved;
  graph.clear();
  CHECK(graph.size() == 0);
  CHECK(graph.statistics().constants == 0);
  CHECK(graph.statistics().bytes == 0);
  CHECK(graph.statistics().bytes_reserved == reserved);
  CHECK_THROWS_AS(old + 1.0, GraphError);
  CHECK(slope_of_square(3.0) == 6.0);
}

TEST_CASE("clear forgets names, scopes and wide nodes") {
  Graph graph;
  {
    const Scope scope("layer");
    clamp(variable(1.0), 0.0, 3.0).named("bounded");
    variable(2.0).named("two");
  }
  graph.clear();
  const Var x = variable(1.0);
  static_cast<void>(x * x);
  const Var z = clamp(x, 0.0, 0.5);
  CHECK(z.name().empty());
  CHECK((x * x).name().empty());
  CHECK(graph.tape().scopes().empty());
  CHECK(graph.tape().wide.size() == 5);
  CHECK(gradient(z)[x] == 0.0);
}

TEST_CASE("generations of graphs differ, in one thread and between threads") {
  std::vector<std::vector<std::uint32_t>> made(2);
  std::vector<std::thread> threads;
  for (auto& generations : made)
    threads.emplace_back([&generations] {
      Graph graph;
      for (int i = 0; i < 3000; ++i) {  // more than a thread takes from the common counter at once
        graph.clear();
        generations.push_back(graph.tape().epochs().front().generation);
      }
    });
  for (std::thread& thread : threads) thread.join();
  std::set<std::uint32_t> all;
  for (const auto& generations : made) all.insert(generations.begin(), generations.end());
  CHECK(all.size() == 2 * 3000);
  CHECK(all.count(0) == 0);  // the mark of constants
}

TEST_CASE("a node read from the record has its id, value, operation and operands") {
  Graph graph;
  const Var x = variable(3.0), y = 2.0 - x;
  const Tensor t = stack(std::vector<Var>{x, y});
  const Var e = t.element({1});
  const detail::Node variable_node = read_node(graph.tape(), x.id());
  CHECK(variable_node.id == x.id());
  CHECK(variable_node.value == 3.0);
  CHECK(variable_node.is_variable());
  CHECK(variable_node.arity == 0);
  CHECK(variable_node.notation().name == nullptr);
  const detail::Node difference = read_node(graph.tape(), y.id());
  CHECK(difference.id == y.id());
  CHECK(difference.value == -1.0);
  CHECK(difference.operands[0].is_constant);
  CHECK(difference.operands[0].value == 2.0);
  CHECK_FALSE(difference.operands[1].is_constant);
  CHECK(difference.operands[1].id == x.id());
  const detail::Node element = read_node(graph.tape(), e.id());
  CHECK(element.value == -1.0);
  CHECK(std::string(element.notation().name) == "element");
  CHECK(element.operands[0].array != nullptr);
  const detail::Node variable_tensor = read_node(graph.tape(), variable(t.value()).id());
  CHECK(variable_tensor.notation().name == nullptr);
}

TEST_CASE("memory is reused from graph to graph") {
  std::size_t reserved = 0;
  for (int round = 0; round < 3; ++round) {
    Graph graph;
    Var y = variable(1.0);
    for (int i = 0; i < 20000; ++i) y = y + 1.0;
    if (round > 0) CHECK(graph.statistics().bytes_reserved == reserved);
    reserved = graph.statistics().bytes_reserved;
  }
  release_memory();
  Graph graph;
  CHECK(graph.statistics().bytes_reserved == 0);
  CHECK(slope_of_square(3.0) == 6.0);
}

TEST_CASE("the node limit stops recording only") {
  Graph graph;
  const Var x = variable(2.0);
  graph.set_node_limit(3);
  CHECK(graph.node_limit() == 3);
  const Var y = x * x, z = y * x;
  CHECK_THROWS_AS(z * x, GraphError);
  CHECK_THROWS_AS(z * 2.0, GraphError);
  CHECK_THROWS_AS(2.0 * z, GraphError);
  CHECK_THROWS_AS(sin(z), GraphError);
  CHECK_THROWS_AS(variable(1.0), GraphError);
  CHECK_THROWS_AS(clamp(z, 0.0, 1.0), GraphError);
  CHECK(graph.size() == 3);
  CHECK(gradient(z)[x] == 12.0);
  graph.set_node_limit(5);
  CHECK(gradient(z * x)[x] == 32.0);
}

TEST_CASE("a limit below the size remains in force after rewind, clear and growth") {
  Graph graph;
  const Var x = variable(1.0);
  Var y = x;
  while (graph.size() < 3000) y = y + x;
  const Mark mark = graph.mark();
  y = y + x;
  graph.set_node_limit(10);
  CHECK_THROWS_AS(y + x, GraphError);
  graph.rewind(mark);  // still above the limit
  for (int i = 0; i < 10; ++i) CHECK_THROWS_AS(x + x, GraphError);
  CHECK(graph.size() == 3000);
  graph.clear();
  const Var a = variable(2.0);
  for (int i = 0; i < 9; ++i) static_cast<void>(a + a);
  CHECK_THROWS_AS(a + a, GraphError);
  graph.set_node_limit(std::numeric_limits<std::size_t>::max());
  CHECK(gradient(a * a)[a] == 4.0);
}

TEST_CASE("a node limit ends with its graph") {
  {
    Graph graph;
    graph.set_node_limit(1);
  }
  Graph graph;
  CHECK(graph.node_limit() > 1000000);
  CHECK(slope_of_square(3.0) == 6.0);
}

TEST_CASE("statistics count nodes, variables, constants and operations") {
  Graph graph;
  const Var x = variable(1.0), y = variable(2.0);
  static_cast<void>(sin(x * y) + x * 2.0 + y * 2.0);
  static_cast<void>(select(x < y, x, 5.0));
  const GraphStatistics statistics = graph.statistics();
  CHECK(statistics.nodes == graph.size());
  CHECK(statistics.nodes == 10);
  CHECK(statistics.variables == 2);
  CHECK(statistics.constants == 2);
  CHECK(statistics.bytes > 10 * sizeof(double));
  CHECK(statistics.bytes <= statistics.bytes_reserved);
  REQUIRE(statistics.operations.size() == 5);
  CHECK(statistics.operations[0].operation == "multiply");
  CHECK(statistics.operations[0].nodes == 3);
  CHECK(statistics.operations[1].operation == "add");
  CHECK(statistics.operations[2].operation == "less");
  const std::string text = statistics.text();
  CHECK(text.find("nodes") != std::string::npos);
  CHECK(text.find("multiply") != std::string::npos);
}

TEST_CASE("statistics count tensors, and shared memory once") {
  Graph graph;
  CHECK(graph.statistics().tensor_bytes == 0);
  constexpr std::int64_t size = 10000;
  constexpr std::size_t bytes = size * sizeof(double);
  const Shape shape{size};
  const Tensor x = variable(Tensor(Array::filled(DType::float64, shape, 1.5)));
  const std::size_t of_one = graph.statistics().tensor_bytes;
  CHECK(of_one >= bytes);
  CHECK(of_one < bytes + 1000);
  const Tensor y = flip(reshape(x, {100, 100}), 0);  // views
  CHECK(graph.statistics().tensor_bytes == of_one);
  const Tensor z = y * Array::filled(DType::float32, Shape{}, 2.0).element(0);
  CHECK(graph.statistics().tensor_bytes >= 2 * bytes);
  const Array constant = Array::filled(DType::float64, Shape{100, 100}, 3.0);
  const Tensor w = z * constant + constant;
  static_cast<void>(concat({w, w, w, w}).element({0, 0}) * 2.0);

  const GraphStatistics statistics = graph.statistics();
  CHECK(statistics.nodes == graph.size());
  CHECK(statistics.nodes == 9);
  CHECK(statistics.tensors == 7);
  CHECK(statistics.variables == 1);
  CHECK(statistics.constants == 1);             // 2.0, twice
  CHECK(statistics.tensor_bytes >= 9 * bytes);  // x, z, constant, z * constant, w, concat
  CHECK(statistics.tensor_bytes < 9 * bytes + 9000);
  CHECK(statistics.bytes > statistics.tensor_bytes);
  CHECK(statistics.bytes <= statistics.bytes_reserved);
  const std::string text = statistics.text();
  for (const char* word : {"tensors", "elements", "concat", "element", "reshape", "flip"})
    CHECK(text.find(word) != std::string::npos);
  graph.clear();
  CHECK(graph.statistics().bytes == 0);
  CHECK(graph.statistics().tensors == 0);
}

TEST_CASE("statistics add up the bytes of nodes, constants and operands, and print a table") {
  Graph graph;
  const Var x = variable(1.0);
  static_cast<void>(clamp(x, 0.0, 3.0));  // a wide node: the address of its operation, 3 operands
  static_cast<void>(2.0 - x);
  const GraphStatistics statistics = graph.statistics();
  CHECK(statistics.constants == 3);
  CHECK(statistics.bytes == 3 * 16 + 3 * 8 + (2 + 3) * 4);
  CHECK(statistics.text() ==
        "nodes                      3\n"
        "variables                  1\n"
        "constants                  3\n"
        "bytes                     92\n"
        "  clamp                    1\n"
        "  subtract                 1\n");
  graph.clear();
  variable(Tensor(Array::filled(DType::float64, Shape{2}, 1.5)));
  const std::string text = graph.statistics().text();
  CHECK(text.find("\ntensors                    1\n") != std::string::npos);
  CHECK(text.find("\n  of elements ") != std::string::npos);
}

TEST_CASE("foreign memory is not counted") {
  static const std::vector<double> foreign(1000, 1.0);
  Graph graph;
  const Tensor x = variable(Tensor(Array::foreign(
      DType::float64, {1000}, {1}, foreign.data(), [](void*) {}, nullptr)));
  static_cast<void>(reshape(x, {10, 100}));
  CHECK(graph.statistics().tensors == 2);
  CHECK(graph.statistics().tensor_bytes == 0);
}

TEST_CASE("threads with graphs of their own share nothing") {
  std::vector<double> slopes(8);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < slopes.size(); ++t)
    threads.emplace_back([&slopes, t] {
      for (int round = 0; round < 20; ++round) {
        Graph graph;
        const Var x = variable(1.0 + static_cast<double>(t));
        Var y = x;
        for (int i = 0; i < 3000; ++i) y = y + x * 0.5;
        slopes[t] = gradient(y)[x];
        if (round % 5 == 0) release_memory();
      }
    });
  for (std::thread& thread : threads) thread.join();
  for (const double slope : slopes) CHECK(slope == 1501.0);
}

TEST_CASE("a Var of another thread is refused") {
  Graph graph;
  const Var x = variable(1.0);
  std::string message;
  std::thread([&] {
    Graph other;
    try {
      static_cast<void>(x * variable(2.0));
    } catch (const GraphError& error) {
      message = error.what();
    }
  }).join();
  CHECK(message.find("another thread") != std::string::npos);
  CHECK(gradient(x * x)[x] == 2.0);
}

// Static objects are destroyed after the state that the thread keeps for its graphs.
struct AtExit {
  ~AtExit() {
    Graph graph;
    if (slope_of_square(3.0) != 6.0) std::abort();
    release_memory();
  }
};
static const AtExit at_exit;
