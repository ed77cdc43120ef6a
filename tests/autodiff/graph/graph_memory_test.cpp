// The memory of graphs: what is kept for the next graph or for the next use, and its bounds.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "autodiff/autodiff.hpp"
#include "autodiff/graph/node.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/slope_of_square.hpp"

#if defined(__linux__)
#include <sys/resource.h>

#include <cstdio>
#endif
#include "tests/support/allocated_memory.hpp"

using namespace chainrule;

namespace {

std::size_t reserved(const Graph& graph) { return graph.statistics().bytes_reserved; }

void record(const Graph& graph, std::size_t nodes) {
  Var y = variable(1.0);
  while (graph.size() < nodes) y = y + 1.0;
}

}  // namespace

TEST_CASE("a graph leaves its memory to the next one of its thread, up to four at a time") {
  detail::free_spare_tapes();
  {
    Graph graph;
    record(graph, 20000);
  }
  {
    Graph graph;
    CHECK(reserved(graph) >= 20000 * 16);
  }
  for (int round = 0; round < 2; ++round) {
    std::vector<std::unique_ptr<Graph>> graphs;
    std::vector<std::size_t> found;
    for (int i = 0; i < 6; ++i) {
      graphs.push_back(std::make_unique<Graph>());
      found.push_back(reserved(*graphs.back()));
      record(*graphs.back(), 3000);
    }
    if (round == 1) {
      for (std::size_t i = 0; i < 4; ++i) CHECK(found[i] >= 3000 * 16);
      CHECK(found[4] == 0);
      CHECK(found[5] == 0);
    }
    while (!graphs.empty()) graphs.pop_back();
  }
  detail::free_spare_tapes();
  Graph graph;
  CHECK(reserved(graph) == 0);
}

TEST_CASE("free_spare_tapes() in a thread without graphs does nothing") {
  std::thread([] {
    detail::free_spare_tapes();
    Graph graph;
    CHECK(slope_of_square(3.0) == 6.0);
  }).join();
}

TEST_CASE("a graph that was ended before an inner one nests correctly when its memory is reused") {
  detail::free_spare_tapes();
  auto first = std::make_unique<Graph>(), second = std::make_unique<Graph>(),
       third = std::make_unique<Graph>();
  first.reset();
  second.reset();
  third.reset();
  Graph a;
  const Var x = variable(1.0);
  {
    Graph b;
    const Var y = variable(2.0);
    {
      Graph c;
      CHECK(slope_of_square(4.0) == 8.0);
      CHECK(c.size() == 2);
    }
    CHECK(gradient(y * y)[y] == 4.0);
    CHECK(b.size() == 2);
  }
  CHECK(gradient(x * x)[x] == 2.0);
  CHECK(a.size() == 2);
}

TEST_CASE("the bytes that a graph has reserved are those of its arrays") {
  detail::free_spare_tapes();
  Graph graph;
  const detail::Tape& tape = graph.tape();
  CHECK(reserved(graph) == 0);
  const Var x = variable(1.0);
  CHECK(reserved(graph) == 1024 * 16);
  static_cast<void>(x * 2.0 + 3.0 * x - x / 5.0);
  CHECK(tape.constants.capacity() >= 3);
  CHECK(reserved(graph) == 1024 * 16 + tape.constants.capacity() * 8);
  static_cast<void>(clamp(clamp(x, 0.0, 3.0), 7.0, 9.0));
  CHECK(tape.wide.capacity() >= 2 * (2 + 3));
  const std::size_t of_scalars =
      1024 * 16 + tape.constants.capacity() * 8 + tape.wide.capacity() * 4;
  CHECK(reserved(graph) == of_scalars);
  const Tensor t = variable(tensor({1, 2, 3}));
  static_cast<void>(t.element({1}));
  static_cast<void>(concat({t, t, t}) * tensor({2.0}));
  const detail::TensorRecord& record = tape.tensors;
  // A node is 48 bytes, an operand 4, a constant 8, an element 16.
  const std::size_t of_tensors = record.nodes.capacity() * 48 + record.operands.capacity() * 4 +
                                 record.constants.capacity() * 8 + record.elements.capacity() * 16;
  CHECK(record.record_bytes() == 3 * 48 + (3 + 2) * 4 + 1 * 8 + 1 * 16);
  CHECK(record.record_bytes_reserved() == of_tensors);
  CHECK(reserved(graph) == of_scalars + of_tensors + record.array_bytes());
  const GraphStatistics statistics = graph.statistics();
  CHECK(statistics.bytes == statistics.nodes * 16 + statistics.constants * 8 + 2 * (2 + 3) * 4 +
                                record.record_bytes() + record.array_bytes());
  KeyedVariable keyed;
  keyed.enter(t.value());
  CHECK(record.record_bytes() == 4 * 48 + (3 + 2) * 4 + 1 * 8 + 1 * 16 + 16);
  CHECK(record.record_bytes_reserved() ==
        record.nodes.capacity() * 48 + record.operands.capacity() * 4 +
            record.constants.capacity() * 8 + record.elements.capacity() * 16 + 8 * 16 + 16 * 4);
}

TEST_CASE("a record destroys the parameters of each of its nodes once") {
  static int destroyed = 0;
  detail::TensorOperation operation{library_call("counted"), 1};
  operation.destroy_parameters = [](void*) noexcept { ++destroyed; };
  int parameters = 0;
  const Array value = tensor({1}).value();
  const auto add = [&](detail::TensorRecord& record, void* of_node) {
    record.nodes.push_back({value, nullptr, &operation, of_node, 0, 0, 0});
  };
  {
    detail::TensorRecord record;
    add(record, &parameters);
    const detail::TensorMark mark = record.mark();
    add(record, &parameters);
    add(record, nullptr);
    record.rewind(mark);
    CHECK(destroyed == 1);
    add(record, &parameters);
    record.free_memory();
    CHECK(destroyed == 3);
    CHECK(record.record_bytes_reserved() == 0);
    add(record, &parameters);
  }
  CHECK(destroyed == 4);
  CHECK(value.is_unique());
}

TEST_CASE("rewinding again and again, or clearing, does not use more and more memory") {
  Graph graph;
  const Var x = variable(2.0);
  const Tensor t = variable(tensor({1, 2}));
  double number = 0.0;
  const auto use = [&](const Var& v, const Tensor& w) {
    for (int i = 0; i < 10; ++i, number += 0.5)
      static_cast<void>(clamp(v * (1e6 + number), -number, number));
    static_cast<void>(concat({w, w, w}) * tensor({3.0}));
    static_cast<void>(w.element({0}));
  };
  const Mark mark = graph.mark();
  use(x, t);
  graph.rewind(mark);
  const std::size_t used = graph.statistics().bytes;
  for (int i = 0; i < 300; ++i) {
    use(x, t);
    graph.rewind(mark);
    CHECK(graph.tape().constants.size() <= 1100);
    CHECK(graph.statistics().bytes == used);
  }
  for (int i = 0; i < 2000; ++i) static_cast<void>(x * (1e9 + i));
  CHECK(graph.tape().constants.size() >= 2000);
  graph.rewind(mark);
  CHECK(graph.tape().constants.size() <= 1100);
  for (int i = 0; i < 300; ++i) {
    graph.clear();
    CHECK(graph.statistics().bytes == 0);
    CHECK(graph.tape().constants.size() <= 1100);
    use(variable(2.0), variable(tensor({1, 2})));
  }
}

TEST_CASE("constants that are used shortly after one another share an index") {
  // Some quadruples share a hash slot; then each number evicts the one before.
  for (int a = 1; a < 24; ++a)
    for (int b = a + 1; b < 24; ++b)
      for (int c = b + 1; c < 24; ++c)
        for (int d = c + 1; d < 24; ++d) {
          detail::Tape tape;
          tape.clear();
          const std::size_t others = d % 2 == 0 ? 10 : 0;
          for (std::size_t i = 0; i < others; ++i) tape.constant(1000.5 + static_cast<double>(i));
          for (int round = 0; round < 2; ++round)
            for (const int number : {a, b, c, d}) {
              const Tag index = tape.constant(number);
              REQUIRE(tape.constants[detail::id_of(index)] == number);
            }
          REQUIRE(tape.constants.size() == others + 4);
          REQUIRE(tape.constants[detail::id_of(tape.constant(0.0))] == 0.0);
        }
}

TEST_CASE("every constant is found again with its bits, from the first one on") {
  double all_bits_set;
  std::memset(&all_bits_set, 255, sizeof all_bits_set);
  for (const double first : {0.0, -0.0, 1.0, all_bits_set, std::nan("1")}) {
    detail::Tape tape;
    tape.clear();
    for (const double c : {first, 0.0, all_bits_set, -0.0, 5e-324, first}) {
      const Id index = detail::id_of(tape.constant(c));
      REQUIRE(index < tape.constants.size());
      CHECK(detail::bits_of(tape.constants[index]) == detail::bits_of(c));
    }
  }
}

TEST_CASE("a thread uses up about one generation for each record that it begins") {
  Graph graph;
  constexpr std::uint32_t count = 5000;
  const std::uint32_t first = graph.tape().epochs().front().generation;
  for (std::uint32_t i = 0; i < count; ++i) graph.clear();
  CHECK(graph.tape().epochs().front().generation - first < 2 * count);
}

#if defined(__linux__) && defined(CHAINRULE_KNOWS_ALLOCATED_BYTES)
TEST_CASE("if memory runs out, the graph is unchanged and still works") {
  std::size_t pages = 0;
  std::FILE* const file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return;
  REQUIRE(std::fscanf(file, "%zu", &pages) == 1);
  std::fclose(file);
  detail::free_spare_tapes();
  Graph graph;
  const Var x = variable(2.0);
  Var y = x;
  struct rlimit before {};
  getrlimit(RLIMIT_AS, &before);
  struct rlimit limited = before;
  limited.rlim_cur = pages * 4096 + (std::size_t{40} << 20);
  setrlimit(RLIMIT_AS, &limited);
  std::string message;
  try {
    while (graph.size() < 8'000'000) y = y + x;  // 128 MB
  } catch (const GraphError& error) {
    message = error.what();
  }
  setrlimit(RLIMIT_AS, &before);
  CHECK(message == "add: out of memory at " + std::to_string(graph.size()) + " nodes");
  CHECK(gradient(y)[x] == static_cast<double>(graph.size()));
  y = y + x;
  CHECK(gradient(y)[x] == static_cast<double>(graph.size()));
}
#endif
