#include "autodiff/view/render.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "autodiff/core/error.hpp"
#include "autodiff/graph/make_tensor.hpp"
#include "autodiff/rules/operation.hpp"
#include "autodiff/rules/operations.hpp"
#include "autodiff/structural/operations.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace chainrule;
namespace fs = std::filesystem;

namespace {

/// The text of an SVG after decoding.
std::string decode(std::string text) {
  const std::pair<const char*, const char*> entities[] = {
      {"&#160;", " "}, {"&#45;", "-"}, {"&#39;", "'"},   {"&#10;", "\n"},
      {"&lt;", "<"},   {"&gt;", ">"},  {"&quot;", "\""}, {"&amp;", "&"}};
  for (const auto& [entity, character] : entities)
    for (std::size_t at = 0; (at = text.find(entity, at)) != text.npos; ++at)
      text.replace(at, std::string(entity).size(), character);
  return text;
}

/// The texts between two marks, at all their occurrences.
std::vector<std::string> between(const std::string& text, const std::string& from,
                                 const std::string& to) {
  std::vector<std::string> found;
  for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, at)) {
    at += from.size();
    found.push_back(text.substr(at, text.find(to, at) - at));
  }
  return found;
}
std::string attribute(const std::string& element, const std::string& name) {
  const std::vector<std::string> found = between(element, " " + name + "=\"", "\"");
  return found.empty() ? "" : found[0];
}

struct SvgText {
  std::string text;
  double left, right;  // in the monospaced font; DejaVu's is the widest, 0.602 em
};
std::vector<SvgText> texts(const std::string& svg) {
  std::vector<SvgText> found;
  for (const std::string& element : between(svg, "<text", "</text>")) {
    const std::string text = decode(element.substr(element.find('>') + 1));
    const double em = std::stod(attribute(element, "font-size"));
    const double width = 0.602 * em * static_cast<double>(text.size());
    const bool centred = attribute(element, "text-anchor") == "middle";
    const double left = std::stod(attribute(element, "x")) - (centred ? width / 2 : 0.0);
    found.push_back({text, left, left + width});
  }
  return found;
}

/// The x coordinates of a polygon's or path's points.
std::vector<double> abscissas(const std::string& element) {
  std::string points = attribute(element, "points") + attribute(element, "d");
  for (char& c : points)
    if (c == 'M' || c == 'C') c = ' ';
  std::vector<double> x;
  for (std::size_t at = 0; at < points.size();
       at = std::min(points.find(' ', at), points.size()) + 1)
    if (points[at] != ' ') x.push_back(std::stod(points.substr(at)));
  return x;
}

bool shows(const std::string& svg, const std::string& text) {
  for (const SvgText& shown : texts(svg))
    if (shown.text == text) return true;
  return false;
}

/// Skips a test without Graphviz, after asserting that its absence is explained.
bool no_graphviz() {
  if (has_graphviz()) return false;
  const TemporaryFolder folder;
  const std::string path = folder / "never-written.svg";
  Graph graph;
  const std::string text = message_of<FormatError>([&] { render(exp(variable(1.0)), path); });
  for (const char* part : {"no Graphviz", "libgraphviz-dev", "write_dot"})
    CHECK(contains(text, part));
  CHECK_FALSE(fs::exists(path));
  return true;
}

/// The 2-2-2 network of the tutorial.
Var network() {
  const Var i1 = variable(0.05, "i1"), i2 = variable(0.10, "i2");
  const Var w1 = variable(0.15, "w1"), w2 = variable(0.20, "w2"), w3 = variable(0.25, "w3"),
            w4 = variable(0.30, "w4"), b1 = variable(0.35, "b1");
  const Var w5 = variable(0.40, "w5"), w6 = variable(0.45, "w6"), w7 = variable(0.50, "w7"),
            w8 = variable(0.55, "w8"), b2 = variable(0.60, "b2");
  const Var net_h1 = (w1 * i1 + w2 * i2 + b1).named("net_h1");
  const Var net_h2 = (w3 * i1 + w4 * i2 + b1).named("net_h2");
  const Var out_h1 = sigmoid(net_h1).named("out_h1"), out_h2 = sigmoid(net_h2).named("out_h2");
  const Var net_o1 = (w5 * out_h1 + w6 * out_h2 + b2).named("net_o1");
  const Var net_o2 = (w7 * out_h1 + w8 * out_h2 + b2).named("net_o2");
  const Var out_o1 = sigmoid(net_o1).named("out_o1"), out_o2 = sigmoid(net_o2).named("out_o2");
  const Var error_1 = (0.5 * square(0.01 - out_o1)).named("E_o1");
  const Var error_2 = (0.5 * square(0.99 - out_o2)).named("E_o2");
  return (error_1 + error_2).named("E_total");
}

}  // namespace

TEST_CASE("write_dot writes the text of dot()") {
  TemporaryFolder folder;
  Graph graph;
  const Var z = exp(variable(1.0, "x"));
  write_dot(z, folder / "z.dot");
  CHECK(contents_of(folder / "z.dot") == dot(z));
  write_dot(z, gradient(z), folder / "z.dot", {.digits = 3});
  CHECK(contents_of(folder / "z.dot") == dot(z, gradient(z), {.digits = 3}));
  const Tensor total = sum(square(variable(tensor({1.0, 2.0}), "y")));
  write_dot(total, gradient(total), folder / "z.dot", {.digits = 3});
  CHECK(contents_of(folder / "z.dot") == dot(total, gradient(total), {.digits = 3}));
  CHECK(folder.files() == 1);
}

TEST_CASE("a file is replaced with its mode kept, also behind a link") {
  TemporaryFolder folder;
  Graph graph;
  const Var z = exp(variable(1.0));
  std::ofstream(folder / "real.dot") << "old";
  REQUIRE(chmod((folder / "real.dot").c_str(), 0640) == 0);
  fs::create_symlink("real.dot", folder / "link.dot");
  write_dot(z, folder / "link.dot");
  CHECK(fs::is_symlink(folder / "link.dot"));
  CHECK(contents_of(folder / "real.dot") == dot(z));
  CHECK(fs::status(folder / "real.dot").permissions() == fs::perms(0640));
  CHECK(folder.files() == 2);
}

TEST_CASE("paths that cannot be written") {
  TemporaryFolder folder;
  Graph graph;
  const Var z = exp(variable(1.0));
  const auto failure = [&](const std::string& path) {
    return message_of<FormatError>([&] { write_dot(z, path); });
  };
  CHECK(failure(folder / "none/z.dot") == "write_dot: cannot write " + (folder / "none/z.dot") +
                                              ": there is no folder " + (folder / "none") +
                                              ". Make it first");
  CHECK(contains(failure(folder / "."), "Is a directory"));
  CHECK(contains(failure(""), "cannot write ''"));
  CHECK(contains(failure("/dev/full"), "No space left"));
  CHECK(fs::is_character_file("/dev/full"));  // and not replaced by a plain one
  CHECK(folder.files() == 0);
}

TEST_CASE("the file extension selects the format") {
  TemporaryFolder folder;
  Graph graph;
  const Var z = exp(variable(1.0));
  for (const char* name : {"z.jpeg", "z", "z.svg.gz", "svg", "z.", ".dot", "a.svg/z"}) {
    CAPTURE(name);
    const std::string text = message_of<FormatError>([&] { render(z, folder / name); });
    for (const char* part : {".svg", ".png", ".pdf", name}) CHECK(contains(text, part));
  }
  CHECK(folder.files() == 0);
  CHECK_THROWS_AS(render(Var(1.0), folder / "z.svg"), GraphError);
  if (no_graphviz()) return;
  render(z, folder / "z.svg");
  render(z, folder / "z.PNG");
  render(z, folder / "z.pdf");
  CHECK(contains(contents_of(folder / "z.svg"), "</svg>"));
  CHECK(contents_of(folder / "z.PNG").substr(0, 8) == "\x89PNG\r\n\x1a\n");
  CHECK(contents_of(folder / "z.pdf").substr(0, 5) == "%PDF-");
  CHECK(folder.files() == 3);
}

TEST_CASE("the tutorial's network, with its numbers, and all text inside its box") {
  if (no_graphviz()) return;
  TemporaryFolder folder;
  Graph graph;
  const Var total = network();
  for (const bool left_to_right : {false, true})
    for (const bool local_partials : {false, true}) {
      render(total, gradient(total), folder / "net.svg",
             {.local_partials = local_partials, .digits = 9, .left_to_right = left_to_right});
      const std::string svg = contents_of(folder / "net.svg");
      for (const char* text : {"E_total", "0.298371109", "w5", "0.0821670406", "0.000438567734",
                               "net_h1", "0.3775", "sigmoid", "E_o1", "0.274811083"})
        CHECK_MESSAGE(shows(svg, text), std::string(text));
      CHECK(shows(svg, " out_h1 * (1 - out_h1) ") == local_partials);
      CHECK(shows(svg, " = 0.186815602 ") == local_partials);

      const std::vector<std::string> nodes = between(svg, "class=\"node\">", "</g>");
      CHECK(nodes.size() == 39 + 4);
      for (const std::string& node : nodes) {
        const bool polygon = node.find("<polygon") < node.find("<path");
        const std::vector<double> x =
            abscissas(between(node, polygon ? "<polygon" : "<path", ">").at(0));
        REQUIRE(x.size() >= 4);
        for (const SvgText& text : texts(node)) {
          CAPTURE(text.text);
          CHECK(text.left > *std::min_element(x.begin(), x.end()));
          CHECK(text.right < *std::max_element(x.begin(), x.end()));
        }
      }
    }
}

TEST_CASE("names of any kind are shown unchanged") {
  if (no_graphviz()) return;
  TemporaryFolder folder;
  const std::pair<std::string, std::string> names[] = {
      {"plain", "plain"},
      {"a \"quoted\" one", "a \"quoted\" one"},
      {"<b>bold</b> & <i>", "<b>bold</b> & <i>"},
      {"&lt; &amp; &#65; &", "&lt; &amp; &#65; &"},
      {"{a|b}|<p>", "{a|b}|<p>"},
      {"back\\slash \\", "back\\slash \\"},
      {"\\N \\G \\L \\n \\\\N", "\\N \\G \\L \\n \\\\N"},
      {"two\nlines", "two\\nlines"},
      {std::string("nul\0bell\x07", 9), "nul\\x00bell\\x07"},
      {"θ₁ ∂E/∂w 🙂 日本", "θ₁ ∂E/∂w 🙂 日本"},
      {"\xff\xfe", "\\xff\\xfe"},
      {"-->]]><!--", "-->]]><!--"},
      {"\"];} digraph {", "\"];} digraph {"},
      {"%s %n ${x} $(x)", "%s %n ${x} $(x)"},
      {"  two  spaces ", "  two  spaces "},
      {" ", " "},
  };
  for (const auto& entry : names) {
    const std::string &name = entry.first, &shown = entry.second;
    CAPTURE(name);
    Graph graph;
    const Var x = variable(2.0, name);
    const Var z = (x * x / exp(x)).named(name);
    render(z, gradient(z), folder / "z.svg", {.local_partials = true, .title = name});
    const std::string svg = contents_of(folder / "z.svg");
    CHECK(shows(svg, shown));              // the variable
    CHECK(shows(svg, " " + shown + " "));  // the partial of the product
    CHECK(contains(decode(svg), "xlink:title=\"" + shown + "\nvalue 2\n"));  // the tooltip
  }
}

TEST_CASE("every operation in one picture") {
  if (no_graphviz()) return;
  TemporaryFolder folder;
  Graph graph;
  const double numbers[] = {0.3, 0.7, 0.9};
  const Var x[] = {variable(0.3, "x"), variable(0.7, "y"), variable(0.9, "z")};
  for (const Operation& operation : operations())
    detail::record_wide(operation, operation.value(numbers), x, operation.arity);
  render_dot(dot(graph, {.local_partials = true}), folder / "all.svg");
  const std::string svg = contents_of(folder / "all.svg");
  for (const Operation& operation : operations()) {
    const Notation& notation = operation.notation;
    CHECK(shows(svg, notation.symbol && operation.arity == 2 ? notation.symbol : notation.name));
  }
}

TEST_CASE("a failure has Graphviz's message, prints nothing and leaves the file unchanged") {
  if (no_graphviz()) return;
  TemporaryFolder folder;
  std::ofstream(folder / "z.svg") << "old";
  std::fflush(stderr);
  const int before = dup(2);
  std::FILE* caught = std::freopen((folder / "stderr").c_str(), "w", stderr);
  const auto failure = [&](const std::string& text) {
    return message_of<FormatError>([&] { render_dot(text, folder / "z.svg"); });
  };
  const std::string syntax = failure("digraph {\n a -> ;\n}"), again = failure("digraph { a -> ;");
  const std::string empty = failure(""), nul = failure(std::string("digraph {}\0", 11));
  const std::string label = failure("digraph { a [label=<<b>open>] }");
  const std::string two = failure("digraph { a } digraph { b } digraph { c }"),
                    rest = failure("digraph { a } }");
  const std::string unwritable =
      message_of<FormatError>([&] { render_dot("digraph { a }", folder / "none/z.svg"); });
  const std::string bad_and_more = failure("digraph { a -> ; } digraph { c }");
  std::fflush(stderr);
  dup2(before, 2);
  close(before);
  CHECK(caught != nullptr);
  CHECK(contents_of(folder / "stderr") == "");
  CHECK(contains(syntax, (folder / "z.svg") + ": Graphviz cannot read the DOT text: "));
  INFO(syntax);
  CHECK(contains(syntax, "syntax error in line 2 near ';'"));
  CHECK(contains(again, "syntax error in line 1"));
  CHECK(contains(bad_and_more, "syntax error in line 1"));
  CHECK(contains(empty, "cannot read the DOT text: it contains no graph"));
  CHECK(contains(nul, "NUL"));
  CHECK(contains(label, "mismatched tag"));
  CHECK(contains(two, "more than one graph"));
  CHECK(contains(rest, "syntax error"));
  CHECK(contains(unwritable, "render: cannot write " + (folder / "none/z.svg")));
  CHECK(contents_of(folder / "z.svg") == "old");
  CHECK(folder.files() == 2);
  render_dot("digraph { after_all }", folder / "z.svg");
  CHECK(shows(contents_of(folder / "z.svg"), "after_all"));
}

TEST_CASE("a graph too large for a bitmap is drawn smaller") {
  if (no_graphviz()) return;
  TemporaryFolder folder;
  Graph graph;
  Var z = variable(0.5);
  for (int i = 0; i < 300; ++i) z = sin(z);
  render(z, folder / "long.png");
  const std::string png = contents_of(folder / "long.png");
  REQUIRE(png.size() > 24);
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(png[i]); };
  const unsigned height =
      byte(20) * 0x1000000u + byte(21) * 0x10000u + byte(22) * 0x100u + byte(23);
  CHECK(height > 20000);
  CHECK(height <= 32767);
}

TEST_CASE("threads may draw at the same time") {
  if (no_graphviz()) return;
  TemporaryFolder folder;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&folder, i] {
      Graph graph;
      const Var z = exp(variable(i, fmt::format("x{}", i)));
      for (int j = 0; j < 3; ++j) render(z, folder / (std::to_string(i) + ".svg"));
    });
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < 4; ++i)
    CHECK(shows(contents_of(folder / (std::to_string(i) + ".svg")), fmt::format("x{}", i)));
}
