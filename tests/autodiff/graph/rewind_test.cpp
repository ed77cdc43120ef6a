#include <doctest/doctest.h>
#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "autodiff/core/error.hpp"
#include "autodiff/graph/scope.hpp"
#include "autodiff/rules/operations.hpp"
#include "autodiff/transform/gradient.hpp"

using namespace chainrule;

namespace {

/// The scopes of a graph, such as "outer 0-3 inner 1-2"; an open scope has no end.
std::string scopes_of(const Graph& graph) {
  std::string text;
  for (const detail::Tape::ScopeRange& scope : graph.tape().scopes()) {
    if (!text.empty()) text += ' ';
    text += *scope.name + ' ' + std::to_string(scope.first) + '-';
    if (scope.end != detail::Tape::no_end) text += std::to_string(scope.end);
  }
  return text;
}

void record(int nodes) {
  for (int i = 0; i < nodes; ++i) variable(i);
}

void record_in_scope(std::string_view name, int nodes) {
  const Scope scope(name);
  record(nodes);
}

}  // namespace

TEST_CASE("rewind forgets later nodes") {
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

  // New nodes with the ids of the old ones, to which they are unrelated.
  const Var v = y * 11.0, w = clamp(v, 0.0, 1000.0);
  CHECK(w.name().empty());
  CHECK_THROWS_AS(z * w, GraphError);
  const Gradient d = gradient(w);
  CHECK(d[x] == 33.0);
  CHECK(d[v] == 1.0);
  CHECK_THROWS_AS(d[z], GraphError);
}

TEST_CASE("rewind forgets later scopes") {
  Graph graph;
  record_in_scope("before", 2);
  const Mark mark = graph.mark();
  record_in_scope("after", 3);
  {
    const Scope outer("outer");
    record_in_scope("inner", 2);
    record(1);
  }
  CHECK(scopes_of(graph) == "before 0-2 after 2-5 outer 5-8 inner 5-7");
  graph.rewind(mark);
  CHECK(scopes_of(graph) == "before 0-2");
  record(1);
  record_in_scope("new", 1);
  CHECK(scopes_of(graph) == "before 0-2 new 3-4");
  graph.rewind(mark);
  CHECK(scopes_of(graph) == "before 0-2");
}

TEST_CASE("a scope that ended after the mark ends at the mark") {
  Graph graph;
  Mark mark;
  {
    const Scope outer("outer");
    record(1);
    record_in_scope("first", 1);
    {
      const Scope inner("inner");
      record(2);
      mark = graph.mark();
      record(3);
    }
    record(1);
  }
  CHECK(scopes_of(graph) == "outer 0-8 first 1-2 inner 2-7");
  graph.rewind(mark);
  CHECK(scopes_of(graph) == "outer 0-4 first 1-2 inner 2-4");
  record(2);
  CHECK(scopes_of(graph) == "outer 0-4 first 1-2 inner 2-4");
}

TEST_CASE("a scope that is open stays open across a rewind") {
  Graph graph;
  record(1);
  {
    const Scope outer("outer");
    const Mark mark = graph.mark();
    record_in_scope("gone", 2);
    {
      const Scope inner("inner");  // opened after the mark
      record(2);
      graph.rewind(mark);
      CHECK(scopes_of(graph) == "outer 1- inner 1-");
      record(3);
    }
    CHECK(scopes_of(graph) == "outer 1- inner 1-4");
    record(1);
  }
  CHECK(scopes_of(graph) == "outer 1-5 inner 1-4");
}

TEST_CASE("a scope that becomes empty is removed") {
  Graph graph;
  {
    const Scope outer("outer");
    const Mark mark = graph.mark();
    {
      const Scope inner("inner");
      record(2);
      graph.rewind(mark);
    }
    CHECK(scopes_of(graph) == "outer 0-");
  }
  CHECK(scopes_of(graph).empty());
}

TEST_CASE("a scope does not close another one that was opened after a clear") {
  Graph graph;
  std::optional<Scope> old(std::in_place, "old");
  record(1);
  graph.clear();
  CHECK(scopes_of(graph).empty());
  const Scope now("now");
  record(1);
  old.reset();
  CHECK(scopes_of(graph) == "now 0-");
}

TEST_CASE("rewind forgets the names of later nodes only, in any order of naming") {
  Graph graph;
  const Var x = variable(1.0), y = x * 2.0;
  const Mark mark = graph.mark();
  const Var z = y * 3.0, w = z * 4.0;
  for (const Var& v : {w, y, z, x}) v.named(fmt::format("n{}", v.id()));
  graph.rewind(mark);
  CHECK(x.name() == "n0");
  CHECK(y.name() == "n1");
  const Var a = y + x, b = a + x;
  CHECK(a.name().empty());
  CHECK(b.name().empty());
  b.named("b");
  CHECK(b.name() == "b");
  CHECK(a.name().empty());
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

TEST_CASE("a mark directly after a rewind, repeatedly") {
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

TEST_CASE("marks at one position, taken at different times and used alternately") {
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

TEST_CASE("rewinding an empty graph, and to the beginning") {
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

TEST_CASE("a mark after the only node becomes invalid with it") {
  Graph graph;
  const Mark empty = graph.mark();
  variable(1.0);
  const Mark of_one = graph.mark();
  graph.rewind(of_one);
  graph.rewind(empty);
  CHECK_THROWS_AS(graph.rewind(of_one), GraphError);
  variable(2.0);
  CHECK_THROWS_AS(graph.rewind(of_one), GraphError);
  CHECK(graph.size() == 1);
}

TEST_CASE("many epochs stay distinct") {
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

TEST_CASE("stale marks are refused and change nothing") {
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
  SUBCASE("beyond the end") {
    graph.rewind(early);
    refused(graph, late);
  }
  SUBCASE("in a part that was recorded again") {
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
  SUBCASE("an earlier one after a later one is valid") {
    graph.rewind(late);
    graph.rewind(early);
    CHECK(graph.size() == 1);
    CHECK_THROWS_AS(z + 1.0, GraphError);
  }
}
