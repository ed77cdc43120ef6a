// Every error: its type, a message that names the operation and a remedy, and a graph that is
// unchanged and still works.
#include <doctest/doctest.h>

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "autodiff/core/error.hpp"
#include "autodiff/rules/operations.hpp"
#include "autodiff/transform/gradient.hpp"

using namespace chainrule;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();

/// The text of the E that f throws.
template <class E = GraphError, class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const E& error) {
    return error.what();
  }
  FAIL("nothing was thrown");
  return {};
}

/// Runs f, which must throw an E whose text contains all of `words`, and checks that the graph is
/// unchanged.
template <class E = GraphError, class F>
void refuses(const Graph& graph, F f, std::vector<const char*> words) {
  const std::size_t size = graph.size();
  const std::string text = error_of<E>(f);
  CAPTURE(text);
  for (const char* word : words) {
    CAPTURE(word);
    CHECK(text.find(word) != std::string::npos);
  }
  CHECK(graph.size() == size);
}

/// Checks that the innermost graph records and differentiates.
void works() {
  const Var x = variable(3.0);
  CHECK(gradient(sin(x) * x + clamp(x, 0.0, 5.0))[x] ==
        doctest::Approx(3.0 * std::cos(3.0) + std::sin(3.0) + 1.0));
  CHECK(derivative(derivative(x * x * x, x), x).value() == 18.0);
}

Var of_destroyed_graph() {
  Graph graph;
  return variable(2.0);
}

}  // namespace

TEST_CASE("all errors are Errors and runtime_errors") {
  CHECK_THROWS_AS(variable(nan_value), Error);
  CHECK_THROWS_AS(variable(nan_value), std::runtime_error);
}

TEST_CASE("no active graph") {
  const Var stale = of_destroyed_graph();
  for (const std::string& text :
       {error_of([] { variable(1.0); }), error_of([] { variable(1.0, "x"); })}) {
    CAPTURE(text);
    CHECK(text.find("variable") == 0);
    CHECK(text.find("there is no active graph") != std::string::npos);
    CHECK(text.find("Graph graph;") != std::string::npos);
  }
  CHECK(error_of([&] { stale* stale; }).find("multiply: there is no active graph") == 0);
  CHECK(error_of([&] { stale * 2.0; }).find("multiply: there is no active graph") == 0);
  CHECK(error_of([&] { 2.0 * stale; }).find("multiply: there is no active graph") == 0);
  CHECK(error_of([&] { sin(stale); }).find("sin: there is no active graph") == 0);
  CHECK(error_of([&] { clamp(stale, 0.0, 1.0); }).find("clamp: there is no active graph") == 0);
  CHECK(error_of([&] { select(stale < 1.0, stale, 1.0); }).find("less: there is no active graph") ==
        0);
  CHECK(error_of([&] { tensor({1.0}) * stale; }).find("tensor: there is no active graph") == 0);
  CHECK(error_of([&] { gradient(stale); }).find("gradient: there is no active graph") == 0);
  CHECK(error_of([&] { derivative(stale, stale); }).find("derivative: there is no active graph") ==
        0);
  CHECK(error_of([&] { stale.named("x"); }).find("named: there is no active graph") == 0);
  Graph graph;
  works();
}

TEST_CASE("a Var of a graph that was destroyed, cleared or rewound") {
  Var stale = of_destroyed_graph();
  Graph graph;
  const Var x = variable(5.0);
  SUBCASE("destroyed") {}
  SUBCASE("rewound") {
    const Mark mark = graph.mark();
    stale = x * x;
    graph.rewind(mark);
  }
  SUBCASE("rewound, and its id used again") {
    const Mark mark = graph.mark();
    stale = x * x;
    graph.rewind(mark);
    static_cast<void>(x + x);
  }
  const char *gone = "destroyed, cleared or rewound", *remedy = "variable()";
  refuses(graph, [&] { stale + stale; }, {"add:", gone, remedy});
  refuses(graph, [&] { x* stale; }, {"multiply:", gone, remedy});
  refuses(graph, [&] { stale* x; }, {"multiply:", gone, remedy});
  refuses(graph, [&] { stale * 2.0; }, {"multiply:", gone, remedy});
  refuses(graph, [&] { 2.0 / stale; }, {"divide:", gone, remedy});
  refuses(graph, [&] { -stale; }, {"negate:", gone, remedy});
  refuses(graph, [&] { clamp(x, 0.0, stale); }, {"clamp:", gone, remedy});
  refuses(graph, [&] { select(x < 1.0, x, stale); }, {"select:", gone, remedy});
  refuses(graph, [&] { select(stale < 1.0, x, x); }, {"less:", gone, remedy});
  refuses(graph, [&] { stale.named("d"); }, {"named:", gone, remedy});
  refuses(graph, [&] { static_cast<void>(stale.name()); }, {"name:", gone, remedy});
  refuses(graph, [&] { gradient(stale); }, {"gradient:", gone, remedy});
  refuses(graph, [&] { derivative(stale, x); }, {"derivative:", gone, remedy});
  refuses(graph, [&] { derivative(x, stale); }, {"derivative:", gone, remedy});
  works();
}

TEST_CASE("clear makes every Var stale") {
  Graph graph;
  const Var x = variable(5.0), y = x * x;
  const Gradient before = gradient(y);
  graph.clear();
  const Var again = variable(5.0);
  refuses(graph, [&] { x + 1.0; }, {"add:", "cleared", "variable()"});
  refuses(graph, [&] { gradient(y); }, {"gradient:", "cleared"});
  refuses(graph, [&] { before[again]; }, {"gradient:", "clear()"});
  CHECK(before[x] == 10.0);
  works();
}

TEST_CASE("a variable that is not finite") {
  Graph graph;
  refuses<DomainError>(graph, [] { variable(nan_value); }, {"variable:", "nan", "constant"});
  refuses<DomainError>(graph, [] { variable(infinity); }, {"variable:", "inf", "constant"});
  refuses<DomainError>(graph, [] { variable(-infinity, "x"); }, {"variable:", "-inf", "constant"});
  const Var x = variable(1.0);
  CHECK((x * infinity).value() == infinity);  // allowed as a constant
  works();
}

TEST_CASE("an output that is a constant") {
  Graph graph;
  const Var x = variable(1.0), constant = 4.5;
  const std::vector<Var> outputs = {x, constant};
  const std::vector<double> seeds = {1.0, 1.0};
  refuses(graph, [&] { gradient(constant); }, {"gradient:", "constant 4.5", "variable()"});
  refuses(graph, [&] { gradient(outputs, seeds); }, {"gradient:", "constant 4.5", "variable()"});
  works();
}

TEST_CASE("a derivative with respect to a constant") {
  Graph graph;
  const Var x = variable(1.0), y = x * x, constant = 4.5;
  const Gradient d = gradient(y);
  refuses(graph, [&] { d[constant]; }, {"gradient:", "constant 4.5", "variable()"});
  refuses(graph, [&] { derivative(y, constant); }, {"derivative:", "constant 4.5", "variable()"});
  const std::vector<Var> both = {x, constant};
  refuses(graph, [&] { derivative(y, both); }, {"derivative:", "constant 4.5", "variable()"});
  refuses(graph, [&] { constant.named("c"); }, {"named(\"c\")", "constant", "variable()"});
  works();
}

TEST_CASE("a gradient queried for a Var that it does not cover") {
  Graph outer;
  const Var a = variable(1.0);
  Graph inner;
  const Var x = variable(1.0), y = x * x;
  const Gradient d = gradient(y);
  refuses(inner, [&] { d[a]; }, {"gradient:", "graph"});
  const Mark mark = inner.mark();
  const Var z = y + 1.0;
  CHECK(d[z] == 0.0);  // recorded later: nothing flows from it
  inner.rewind(mark);
  const Var w = y + 2.0;
  refuses(inner, [&] { d[w]; }, {"gradient:", "rewind()"});
  works();
}

TEST_CASE("seeds that do not fit") {
  Graph graph;
  const Var x = variable(1.0);
  const std::vector<Var> outputs = {x * x, x + x}, none, seeds = {1.0};
  const std::vector<double> one = {1.0}, three(3, 1.0), no_seeds;
  refuses(graph, [&] { gradient(outputs, one); }, {"gradient:", "2 outputs", "1"});
  refuses(graph, [&] { gradient(outputs, three); }, {"gradient:", "2 outputs", "3"});
  refuses(graph, [&] { gradient(none, no_seeds); }, {"gradient:", "no output"});
  refuses(graph, [&] { derivative(outputs, seeds, outputs); }, {"derivative:", "2 outputs", "1"});
  refuses(graph, [&] { derivative(none, none, outputs); }, {"derivative:", "no output"});
  works();
}

TEST_CASE("the node limit") {
  Graph graph;
  const Var x = variable(2.0), y = exp(x * sin(x));
  const auto full = [&](const char* operation, auto f) {
    refuses(graph, f, {operation, "nodes, its limit", "set_node_limit()", "rewind()"});
  };
  for (std::size_t room = 0; room < 3; ++room) {  // also in the middle of a derivative
    graph.set_node_limit(graph.size() + room);
    full("", [&] { derivative(y, x); });
  }
  graph.set_node_limit(graph.size() + 1);
  full("select:", [&] { select(x < y, x, y); });  // the comparison would fit
  graph.set_node_limit(graph.size());
  full("less:", [&] { select(x < y, x, y); });
  full("variable:", [&] { variable(1.0); });
  full("sin:", [&] { sin(y); });
  full("add:", [&] { x + y; });
  full("add:", [&] { x + 3.25; });
  full("subtract:", [&] { 3.25 - x; });
  full("clamp:", [&] { clamp(x, 3.25, 4.25); });
  CHECK(gradient(y)[x] == doctest::Approx(y.value() * (std::sin(2.0) + 2.0 * std::cos(2.0))));
  graph.set_node_limit(1000);
  CHECK(derivative(y, x).value() == doctest::Approx(gradient(y)[x]));
  works();
}

TEST_CASE("nested graphs do not mix") {
  Graph outer;
  const Var a = variable(1.0), b = a * a;
  {
    Graph inner;
    const Var x = variable(2.0), y = x * x;
    const char *whose = "enclosing graph", *remedy = ".value()";
    refuses(inner, [&] { x + a; }, {"add:", whose, remedy});
    refuses(inner, [&] { a* b; }, {"multiply:", whose, remedy});
    refuses(inner, [&] { a - 1.0; }, {"subtract:", whose, remedy});
    refuses(inner, [&] { sin(a); }, {"sin:", whose, remedy});
    refuses(inner, [&] { clamp(x, 0.0, a); }, {"clamp:", whose, remedy});
    refuses(inner, [&] { select(x < 1.0, x, a); }, {"select:", whose, remedy});
    refuses(inner, [&] { select(a < 1.0, x, x); }, {"less:", whose, remedy});
    // Derivatives are recorded into the innermost graph only.
    const char* when = "after it ends";
    refuses(inner, [&] { derivative(b, a); }, {"derivative:", whose, when});
    refuses(inner, [&] { derivative(y, a); }, {"derivative:", whose, when});
    refuses(inner, [&] { derivative(b, x); }, {"derivative:", whose, when});
    const std::vector<Var> outputs = {y}, seeds = {a}, mixed = {y, b};
    refuses(inner, [&] { derivative(outputs, seeds, outputs); }, {"derivative:", whose, when});
    const std::vector<double> ones = {1.0, 1.0};
    refuses(inner, [&] { gradient(mixed, ones); }, {"gradient:", "different graphs"});
    CHECK(x.value() * a.value() == 2.0);  // the remedy
    works();
  }
  CHECK(outer.size() == 2);
  CHECK(derivative(b, a).value() == 2.0);
  works();
}

TEST_CASE("rewind to an invalid mark") {
  Graph graph;
  const Var x = variable(1.0);
  const Mark mark = graph.mark();
  static_cast<void>(x * x);
  const Mark later = graph.mark();
  graph.rewind(mark);
  refuses(graph, [&] { graph.rewind(later); }, {"rewind:", "mark", "mark()"});
  works();
}
