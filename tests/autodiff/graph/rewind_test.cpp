#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "autodiff/core/error.hpp"
#include "autodiff/transform/gradient.hpp"

using namespace chainrule;

TEST_CASE("rewind forgets what came since") {
  Graph graph;
  const Var x = variable(2.0).named("x");
  const Var y = (x * 3.0).named("y");
  const Mark mark = graph.mark();
  const Var z = clamp(y * 7.0, 0.0, 100.0).named("z");
  CHECK(graph.statistics().constants == 4);
  graph.rewind(mark);
  CHECK(graph.size() == 2);
  CHECK(graph.statistics().constants == 1);
  CHECK_THROWS_AS(z + 1.0, GraphError);
  CHECK_THROWS_AS(gradient(z), GraphError);
  CHECK_THROWS_AS(z.name(), GraphError);
  CHECK(std::string(y.name()) == "y");

  // New nodes where the old were, which have nothing to do with them.
  const Var v = y * 11.0, w = clamp(v, 0.0, 1000.0);
  CHECK(w.name().empty());
  CHECK_THROWS_AS(z * w, GraphError);
  const Gradient d = gradient(w);
  CHECK(d[x] == 33.0);
  CHECK(d[v] == 1.0);
  CHECK_THROWS_AS(d[z], GraphError);
}

TEST_CASE("a mark can be used any number of times") {
  Graph graph;
  const Var x = variable(3.0);
  const Mark mark = graph.mark();
  for (int i = 1; i <= 100000; ++i) {
    const Var y = x * static_cast<double>(i) + x;
    if (i % 1000 == 0) CHECK(gradient(y)[x] == i + 1.0);
    graph.rewind(mark);
  }
  CHECK(graph.size() == 1);
  CHECK(graph.tape().epochs().size() <= 3);
  CHECK(gradient(x * x)[x] == 6.0);
}

TEST_CASE("a mark right behind a rewind, again and again") {
  Graph graph;
  const Var x = variable(3.0);
  graph.rewind(graph.mark());
  for (int i = 0; i < 1000; ++i) {
    const Mark mark = graph.mark();
    for (int k = 0; k < 3; ++k) {
      CHECK(gradient(x * x * x)[x] == 27.0);
      graph.rewind(mark);
    }
  }
  CHECK(graph.tape().epochs().size() <= 3);
}

TEST_CASE("marks at one place, taken at different times and used in turn") {
  Graph graph;
  const Var x = variable(3.0);
  graph.rewind(graph.mark());
  const Mark outer = graph.mark();
  for (int i = 0; i < 5; ++i) {
    const Mark inner = graph.mark();
    for (int k = 0; k < 3; ++k) {
      CHECK(gradient(x * x * x)[x] == 27.0);
      graph.rewind(inner);
    }
    static_cast<void>(x + x);
    graph.rewind(outer);
  }
  CHECK(graph.tape().epochs().size() <= 2);
}

TEST_CASE("rewinding an empty graph, and to its beginning") {
  Graph graph;
  const Mark empty = graph.mark();
  for (int i = 0; i < 10; ++i) {
    graph.rewind(empty);
    CHECK(graph.size() == 0);
    const Var x = variable(i);
    CHECK(gradient(x * x)[x] == 2.0 * i);
  }
  const Mark later = graph.mark();
  graph.rewind(empty);
  CHECK_THROWS_AS(graph.rewind(later), GraphError);
}

TEST_CASE("many stretches of different age stay apart") {
  Graph graph;
  std::vector<Var> kept, gone;
  for (int i = 0; i < 2000; ++i) {
    kept.push_back(variable(i));
    const Mark mark = graph.mark();
    gone.push_back(kept.back() * 2.0);
    graph.rewind(mark);
  }
  Var sum = 0.0;
  for (const Var& x : kept) sum += x * x;
  const Gradient d = gradient(sum);
  const std::vector<Var> recorded = derivative(sum, kept);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    CHECK(d[kept[i]] == 2.0 * kept[i].value());
    CHECK(recorded[i].value() == 2.0 * kept[i].value());
    CHECK_THROWS_AS(d[gone[i]], GraphError);
    CHECK_THROWS_AS(gone[i] + 1.0, GraphError);
  }
}

TEST_CASE("stale marks are refused and harm nothing") {
  Graph graph;
  const Var x = variable(1.0);
  const Mark early = graph.mark();
  const Var y = x + 1.0;
  const Mark late = graph.mark();
  const Var z = y + 1.0;
  const auto refused = [](Graph& of, const Mark& mark) {
    const std::size_t size = of.size();
    CHECK_THROWS_AS(of.rewind(mark), GraphError);
    CHECK(of.size() == size);
  };
  SUBCASE("behind the end") {
    graph.rewind(early);
    refused(graph, late);
  }
  SUBCASE("in a stretch that was recorded anew") {
    graph.rewind(early);
    const Var other = x * 5.0 + 1.0 + x;
    refused(graph, late);
    CHECK(gradient(other)[x] == 6.0);
  }
  SUBCASE("of a graph that was cleared") {
    graph.clear();
    refused(graph, early);
    static_cast<void>(variable(1.0) + 1.0);
    refused(graph, early);
  }
  SUBCASE("of another graph") {
    Graph other;
    static_cast<void>(variable(1.0) + 1.0);
    refused(other, early);
    refused(graph, other.mark());
    refused(other, Mark{});
  }
  SUBCASE("an early one after a late one is good") {
    graph.rewind(late);
    graph.rewind(early);
    CHECK(graph.size() == 1);
    CHECK_THROWS_AS(z + 1.0, GraphError);
  }
}
