#include "autodiff/view/dot.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "autodiff/core/error.hpp"
#include "autodiff/rules/operation.hpp"
#include "autodiff/rules/operations.hpp"
#include "tests/support/count.hpp"
#include "tests/support/message_of.hpp"

using namespace chainrule;

namespace {

/// The line that begins with `start`, without the spaces before it.
std::string line(const std::string& text, const std::string& start) {
  const std::size_t at = text.find("\n  " + start);
  REQUIRE_MESSAGE(at != text.npos, "no line " << start);
  return text.substr(at + 3, text.find('\n', at + 1) - at - 3);
}

template <class F>
std::string message(F f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

}  // namespace

TEST_CASE("the whole text for a small graph") {
  Graph graph;
  const Var x = variable(2.0, "x"), y = variable(3.0, "y");
  const Var z = (x * y + 0.5).named("z");
  CHECK(dot(z, gradient(z)) == R"(digraph chainrule {
  rankdir=TB;
  graph [fontname="Courier,monospace", fontsize=14, nodesep=0.2, ranksep=0.4];
  node [fontname="Courier,monospace", fontsize=11, shape=box, style=filled, fillcolor="#ffffff", color="#404040", margin="0.08,0.03"];
  edge [fontname="Courier,monospace", fontsize=9, color="#606060", arrowsize=0.6];
  n0 [label=<<table border="0" cellborder="0" cellspacing="0" cellpadding="1"><tr><td colspan="2"><b>x</b></td></tr><tr><td align="left">value </td><td align="right">2</td></tr><tr><td align="left">gradient </td><td align="right">3</td></tr></table>>, style="rounded,filled", fillcolor="#d3ebfa", color="#0072b2", tooltip="x\nvalue 2\ngradient 3"];
  n1 [label=<<table border="0" cellborder="0" cellspacing="0" cellpadding="1"><tr><td colspan="2"><b>y</b></td></tr><tr><td align="left">value </td><td align="right">3</td></tr><tr><td align="left">gradient </td><td align="right">2</td></tr></table>>, style="rounded,filled", fillcolor="#d3ebfa", color="#0072b2", tooltip="y\nvalue 3\ngradient 2"];
  n2 [label=<<table border="0" cellborder="0" cellspacing="0" cellpadding="1"><tr><td colspan="2"><i>*</i></td></tr><tr><td align="left">value </td><td align="right">6</td></tr><tr><td align="left">gradient </td><td align="right">1</td></tr></table>>, tooltip="#2 = x * y\nvalue 6\ngradient 1"];
  n0 -> n2;
  n1 -> n2;
  n3 [label=<<table border="0" cellborder="0" cellspacing="0" cellpadding="1"><tr><td align="left"><b>z</b> </td><td align="right"><i>+</i></td></tr><tr><td align="left">value </td><td align="right">6.5</td></tr><tr><td align="left">gradient </td><td align="right">1</td></tr></table>>, peripheries=2, fillcolor="#f9c86b", color="#b35900", penwidth=1.5, tooltip="z = #2 + 0.5\nvalue 6.5\ngradient 1"];
  n2 -> n3;
  c3_1 [label="0.5", style=dashed, color="#808080", margin="0.06,0.03", width=0, height=0, fontsize=9, tooltip="constant 0.5"];
  c3_1 -> n3 [style=dashed];
}
)");
}

TEST_CASE("equal graphs give equal texts") {
  const auto draw = [] {
    Graph graph;
    const Var x = variable(0.3, "x");
    const Var z = sin(x) * exp(x) / (1.0 + square(x));
    return dot(z, gradient(z), {.local_partials = true});
  };
  CHECK(draw() == draw());
}

TEST_CASE("only what the output depends on is drawn, each operand by an edge of its own") {
  Graph graph;
  const Var x = variable(2.0, "x"), other = variable(5.0, "other");
  const Var z = x * x;
  const Var unused = z + other;
  const std::string text = dot(z);
  CHECK(count(text, "  n0 -> n2;\n") == 2);
  CHECK_FALSE(contains(text, "other"));
  CHECK_FALSE(contains(text, "n3"));
  CHECK_FALSE(contains(text, "gradient"));
  CHECK(contains(dot(unused), "other"));
}

TEST_CASE("the order of operands is shown where it matters") {
  Graph graph;
  const Var x = variable(2.0, "x"), y = variable(3.0, "y");
  CHECK(contains(dot(y / x), "  n1 -> n2:p0:n;\n  n0 -> n2:p1:n;\n"));
  CHECK(contains(dot(y / x, {.left_to_right = true}), "  n1 -> n3:p0:w;\n  n0 -> n3:p1:w;\n"));
  CHECK(contains(dot(y / x), "1st</font>"));
  for (const Var& symmetric : {x + y, x * y, max(x, y), min(x, y), hypot(x, y), logaddexp(x, y)})
    CHECK_FALSE(contains(dot(symmetric), "1st"));
  for (const Var& ordered : {x - y, pow(x, y), atan2(x, y), fmod(x, y), copysign(x, y)})
    CHECK(contains(dot(ordered), "2nd"));
  const Var chosen = dot(select(x < y, x, y)).empty() ? x : clamp(x, 0.0, y);
  const std::string text = dot(chosen);
  CHECK(contains(text, "3rd"));
  CHECK(contains(text, "[label=\"0\", style=dashed"));
}

TEST_CASE("gradients: numbers, and a text where nothing flows") {
  Graph graph;
  const Var x = variable(2.0, "x"), y = variable(-3.0, "y");
  const Var z = relu(y) + 0.0 * x;
  const std::string text = dot(z, gradient(z));
  CHECK(contains(line(text, "n0 ["), "gradient </td><td align=\"right\">0</td>"));
  CHECK(contains(line(text, "n1 ["), "no gradient"));
  CHECK(contains(line(text, "n1 ["), "\\nno gradient\""));
  const Gradient of_z = gradient(z);
  DotOptions options;
  options.gradient = &of_z;
  CHECK(dot(z, options) == text);
  // Recorded after the gradient's output: nothing flows from there to it.
  CHECK(contains(line(dot(exp(z), of_z), "n5 ["), "no gradient"));
}

TEST_CASE("a gradient of another graph is not drawn") {
  Graph outer;
  const Var x = variable(1.0);
  const Gradient of_outer = gradient(exp(x));
  Graph graph;
  const Var z = exp(variable(1.0));
  CHECK_THROWS_AS(dot(z, of_outer), GraphError);
}

TEST_CASE("local partials") {
  Graph graph;
  const Var x = variable(2.0, "x"), y = variable(3.0, "y");
  const Var z = (x * y).named("z");
  CHECK(contains(dot(z, {.local_partials = true}), "n0 -> n2 [label=< y <br/> = 3 >"));
  const Var s = sigmoid(z).named("s");
  const std::string text = dot(s, {.local_partials = true, .digits = 3});
  CHECK(contains(text,
                 "n2 -> n3 [label=< s * (1 - s) <br/> = 0.00247 >, labeltooltip=\"s * (1 - s) ="));
  SUBCASE("a partial that is a number is written once") {
    CHECK(contains(dot(x + y, {.local_partials = true}), "[label=< 1 >, labeltooltip=\"1\"]"));
    CHECK(contains(dot(x * 2.0, {.local_partials = true}), "[label=< 2 >, labeltooltip=\"2\"]"));
  }
  SUBCASE("nodes without a name are told apart by number") {
    const std::string chain = dot(square(exp(x)), {.local_partials = true});
    CHECK(contains(line(chain, "n4 ["), "<b>#4</b>"));
    CHECK(contains(line(chain, "n4 -> n5"), " 2 * #4 <br/>"));
    CHECK(contains(line(dot(exp(variable(1.0)), {.local_partials = true}), "n6 ["), "<b>#6</b>"));
  }
  SUBCASE("partials that are structural zeros") {
    const std::string closed = dot(relu(-x), {.local_partials = true});
    CHECK(contains(line(closed, "n4 -> n5"), " <br/> nothing flows >, style=dashed"));
    CHECK(contains(line(dot(floor(x), {.local_partials = true}), "n0 -> n6"),
                   "label=< nothing flows >, style=dashed"));
  }
  SUBCASE("formulas are safe in the label, and long ones whole in the tooltip") {
    const Var chosen = select(x < y, x, y);
    CHECK(contains(dot(max(x, y), {.local_partials = true}), "&gt;= y"));
    const std::string text_of_gelu = dot(gelu(chosen.named("g")), {.local_partials = true});
    CHECK(contains(text_of_gelu, "label=< 0.5 * erfc(-0.7071067811865476 * g) + 0… <br/>"));
    CHECK(contains(text_of_gelu, "0.5 * erfc(-0.7071067811865476 * g) + "));
  }
}

TEST_CASE("digits") {
  Graph graph;
  const Var x = variable(1.0 / 3.0);
  CHECK(contains(dot(x), ">0.333333<"));
  CHECK(contains(dot(x, {.digits = 2}), ">0.33<"));
  CHECK(contains(dot(x, {.digits = -7}), ">0.3<"));
  CHECK(contains(dot(x, {.digits = 99}), ">0.33333333333333331<"));
  CHECK(contains(dot(x, {.digits = 2}), "value 0.3333333333333333\""));
  CHECK(contains(dot(log(x - x)), ">-inf<"));
  CHECK(contains(dot(-sqrt(x - 2.0)), ">nan<"));
}

TEST_CASE("names of any kind") {
  Graph graph;
  const auto drawn = [](const std::string& name) {
    const Var x = variable(1.0, name);
    return line(dot(x), fmt::format("n{} [", x.id()));
  };
  CHECK(contains(drawn("a<b>&\"c\""), "<b>a&lt;b&gt;&amp;&quot;c&quot;</b>"));
  CHECK(contains(drawn("a\"b"), "tooltip=\"a\\\"b\\n"));
  CHECK(contains(drawn("{a|b}"), "<b>{a|b}</b>"));
  CHECK(contains(drawn("one\ntwo\ttab"), "<b>one\\\\ntwo\\\\ttab</b>"));
  CHECK(contains(drawn(std::string("nul\0end", 7)), "nul\\\\x00end"));
  CHECK(contains(drawn("\xce\xb8_\xe2\x82\x81 \xf0\x9f\x99\x82"), "<b>θ_₁ 🙂</b>"));
  CHECK(contains(drawn("back\\slash"), "<b>back\\\\slash</b>"));
  CHECK(contains(drawn("not UTF-8: \xff\xc3"), "not UTF-8: \\\\xff\\\\xc3"));
  CHECK(contains(drawn("\xc0\xaf"), "\\\\xc0\\\\xaf"));                // overlong
  CHECK(contains(drawn("\xed\xa0\x80"), "\\\\xed\\\\xa0\\\\x80"));     // a surrogate
  CHECK(contains(drawn("\xf5\x80\x80\x80"), "\\\\xf5"));               // beyond Unicode
  CHECK(contains(drawn("\xe2\x80\xaegnol"), "<b>\\\\u202egnol</b>"));  // would reverse the text
  const std::string text = drawn("layer1/" + std::string(1000, 'x') + "/17");
  CHECK(contains(text, "<b>layer1/xxxxxxxx…xxxxx/17</b>"));
  CHECK(contains(text, "tooltip=\"layer1/" + std::string(1000, 'x') + "/17\\n"));
  CHECK(contains(drawn(std::string(24, 'x')), "<b>" + std::string(24, 'x') + "</b>"));
  std::string thetas;
  for (int i = 0; i < 25; ++i) thetas += "θ";
  CHECK(contains(drawn(thetas), "<b>θθθθθθθθθθθθθθθ…θθθθθθθθ</b>"));
}

TEST_CASE("title and direction") {
  Graph graph;
  const Var z = exp(variable(1.0));
  CHECK(contains(dot(z, {.title = "1 < 2\nsecond"}), "label=<<b>1 &lt; 2<br/>second</b>>;"));
  CHECK(contains(dot(z, {.left_to_right = true}), "rankdir=LR;"));
  CHECK_FALSE(contains(dot(z), "labelloc"));
}

TEST_CASE("more nodes than max_nodes: the nearest stay, and the picture says so") {
  Graph graph;
  Var z = variable(1.0, "x");
  for (int i = 0; i < 10; ++i) z = sin(z);
  const std::string text = dot(z, {.max_nodes = 3});
  CHECK(contains(text, "<b>8 more nodes are hidden</b><br/>max_nodes is 3"));
  CHECK(count(text, "<i>sin</i>") == 3);
  CHECK(contains(text, "  n10 ["));
  CHECK(contains(text, "  n8 ["));
  CHECK(contains(text, "  hidden -> n8 [style=dotted];\n"));
  CHECK_FALSE(contains(text, "n7"));
  CHECK(contains(dot(z, {.max_nodes = 10}), "1 more node is hidden"));
  CHECK_FALSE(contains(dot(z, {.max_nodes = 11}), "hidden"));
  CHECK(count(dot(z * variable(2.0), {.max_nodes = 2}), ", tooltip=") == 2);
  // What counts is the distance, not the age: x is one step from the output.
  const Var last = z * variable(2.0, "late") + 1.0;
  CHECK(contains(dot(last, {.max_nodes = 4}), "<b>late</b>"));
}

TEST_CASE("several outputs, and a whole graph") {
  Graph graph;
  CHECK(contains(dot(graph), "nothing is recorded"));
  const Var x = variable(1.0, "x"), alone = variable(2.0, "alone");
  const std::vector<Var> outputs{sin(x), cos(x)};
  const std::string text = dot(outputs);
  CHECK(count(text, "peripheries=2") == 2);
  CHECK_FALSE(contains(text, "alone"));
  const std::string whole = dot(graph);
  CHECK(count(whole, "peripheries=2") == 2);
  CHECK(contains(line(whole, "n1 ["), "<b>alone</b>"));
  CHECK(contains(line(dot(alone), "n1 ["), "peripheries=2"));
}

TEST_CASE("errors") {
  CHECK(contains(message([] { dot(Var(3.0)); }), "dot: the output is the constant 3"));
  CHECK(contains(message([] { dot(std::vector<Var>{}); }), "dot: no outputs were given"));
  Var gone;
  {
    Graph graph;
    gone = variable(1.0);
  }
  CHECK_THROWS_AS(dot(gone), GraphError);
  Graph outer;
  const Var x = variable(1.0);
  Graph inner;
  const std::vector<Var> mixed{variable(1.0), x};
  CHECK(contains(message([&] { dot(mixed); }), "different graphs"));
  CHECK(contains(dot(x), "digraph"));  // of an enclosing graph: fine
}

TEST_CASE("every operation") {
  Graph graph;
  const double numbers[] = {0.3, 0.7, 0.9};
  const Var x[] = {variable(0.3, "x"), variable(0.7, "y"), variable(0.9, "z")};
  for (const Operation& operation : operations()) {
    CAPTURE(operation.notation.name);
    const Var node = detail::record_wide(operation, operation.value(numbers), x, operation.arity);
    const std::string text = dot(node, gradient(node), {.local_partials = true});
    CHECK(count(text, " -> ") == static_cast<std::size_t>(operation.arity));
    CHECK(contains(text, "<i>"));
  }
}

TEST_CASE("ten thousand nodes, in depth and in breadth") {
  Graph graph;
  const Var x = variable(0.5, "x");
  Var z = x;
  for (int i = 0; i < 5000; ++i) z = sin(z) * x;
  const std::string text = dot(z, gradient(z), {.local_partials = true});
  CHECK(count(text, "\n  n") == 10001 + 15000 + 3);  // nodes, edges, and three lines of settings
  CHECK(contains(text, "nslimit=0.1;"));
  CHECK(text.size() < 10'000'000);
  CHECK(count(dot(z, {.max_nodes = 100}), "\n  n") < 400);
}
