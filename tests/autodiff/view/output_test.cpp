// Values, gradients and shapes in fmt::format and on streams.
#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <sstream>
#include <vector>

#include "autodiff/format.hpp"
#include "autodiff/graph/make_tensor.hpp"
#include "autodiff/graph/scope.hpp"
#include "autodiff/ostream.hpp"
#include "autodiff/rules/operations.hpp"
#include "autodiff/structural/reduction.hpp"

using namespace chainrule;

namespace {

template <class T>
std::string streamed(const T& x) {
  std::ostringstream out;
  out << x;
  return out.str();
}

constexpr double inf = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("a Var prints like its double, in every format of doubles") {
  Graph graph;
  for (const double value : {2.5, -0.0, 1.0 / 3.0, 1e300, 0.0}) {
    const Var x = variable(value, "x");
    CHECK(fmt::format("{}", x) == fmt::format("{}", value));
    CHECK(fmt::format("{:.3f}|{:>12}|{:+.2e}", x, x, x) ==
          fmt::format("{:.3f}|{:>12}|{:+.2e}", value, value, value));
    std::ostringstream expected;
    expected << value;
    CHECK(streamed(x) == expected.str());
  }
  CHECK(fmt::format("{} {}", Var(inf), 0.0 * Var(-inf) == 0.0 ? 1 : 0) == "inf 0");
  std::ostringstream out;
  out.precision(3);
  out << std::fixed << Var(2.0 / 3.0);
  CHECK(out.str() == "0.667");
}

TEST_CASE("each type can be joined with fmt::join") {
  Graph graph;
  const std::vector<Var> scalars = {variable(1.0), variable(0.5)};
  const std::vector<Tensor> tensors = {tensor({1.0, 2.0}), tensor({3.0})};
  CHECK(fmt::format("{}", fmt::join(scalars, ", ")) == "1, 0.5");
  CHECK(fmt::format("{:.2f}", fmt::join(scalars, " ")) == "1.00 0.50");
  CHECK(fmt::format("{:.1}", fmt::join(tensors, "; ")) == "[1. 2.]; [3.]");
  const std::vector<Array> arrays = {tensors[0].value()};
  const std::vector<Shape> shapes = {Shape{1}, Shape{2, 3}};
  CHECK(fmt::format("{}", fmt::join(arrays, ";")) == "[1. 2.]");
  CHECK(fmt::format("{}", fmt::join(shapes, " ")) == "[1] [2, 3]");
  const std::vector<Gradient> gradients = {gradient(scalars[0] + 2.0 * scalars[1])};
  CHECK(fmt::format("{}", fmt::join(gradients, "\n")) == "#0: 1\n#1: 2");
}

TEST_CASE("tensors, arrays, shapes, indices and masks are written to streams") {
  const Tensor x = tensor({{0.5, 2.0}, {0.25, 1.0 / 3.0}});
  CHECK(streamed(x) == text_of(x));
  CHECK(streamed(x.value()) == fmt::format("{}", x));
  CHECK(fmt::format("{:.2f}", x) == "[[0.5  2.  ]\n [0.25 0.33]]");
  CHECK(streamed(x.shape()) == "[2, 2]");
  CHECK(streamed(Indices{1, 2}) == "[1 2]");
  CHECK(streamed(x > 0.4) == "[[ True  True]\n [False False]]");
  CHECK(streamed(Tensor()) == "no array");
}

TEST_CASE("a gradient prints with the names of the nodes") {
  Graph graph;
  const Var x = variable(2.0, "x"), y = variable(3.0);
  variable(5.0, "unused");
  const Var product = (x * y).named("product");
  const Gradient d = gradient(product + sin(y));
  CHECK(streamed(d) == "x: 3\n#1: 1.0100075\nunused: 0 (nothing flows)\nproduct: 1");
  CHECK(fmt::format("{:.3}", d) == "x: 3\n#1: 1.01\nunused: 0 (nothing flows)\nproduct: 1");
  CHECK(fmt::format("{:.3f}", d) == fmt::format("{:.3}", d));
  CHECK(d.size() == 6);

  // Nodes recorded after the output are not part of the gradient.
  const Var later = variable(1.0, "later");
  CHECK(streamed(d).find("later") == std::string::npos);
  CHECK(streamed(gradient(later * 0.0)).ends_with("later: 0"));
}

TEST_CASE("a gradient of tensors prints one array below the other") {
  Graph graph;
  const Tensor w = variable(tensor({{1.0, 2.0}, {3.0, 4.0}}), "weight");
  const Tensor c = variable(tensor({1.0}), "c");
  const Var b = variable(0.5, "b");
  const Gradient d = gradient(Var(sum(w * w * b)));
  CHECK(streamed(d) == "weight: [[1. 2.]\n         [3. 4.]]\nc: 0 (nothing flows)\nb: 30");
}

TEST_CASE("nodes with the same name are told apart by their numbers") {
  Graph graph;
  const Var a = variable(2.0, "x"), b = variable(3.0, "x"), c = variable(4.0, "y");
  CHECK(streamed(gradient(a * b * c)) == "x (#0): 12\nx (#1): 8\ny: 6");
}

TEST_CASE("an empty gradient says so") {
  Graph graph;
  Gradient d = gradient(variable(2.0));
  const Gradient moved = std::move(d);
  CHECK(streamed(moved) == "#0: 1");
  CHECK(streamed(d).starts_with("gradient of 0 nodes"));
}

TEST_CASE("without its graph a gradient prints no names; after a rewind, the remaining ones") {
  const std::string ended_graph =
      ", whose graph has ended, was cleared or belongs to another thread";
  Graph outer;
  const Var outer_x = variable(1.0, "x");
  const auto ended = [] {
    Graph graph;
    const Var x = variable(2.0, "inner");
    return gradient(x * x);
  }();
  CHECK(ended.tape() == nullptr);
  CHECK(streamed(ended) == "gradient of 2 nodes" + ended_graph);

  const auto mark = outer.mark();
  const Gradient d = gradient(outer_x * variable(4.0, "y"));
  CHECK(streamed(d) == "x: 4\ny: 1");
  outer.rewind(mark);
  CHECK(streamed(d) == "x: 4");
  variable(7.0, "other");  // with the former id of y
  CHECK(streamed(d) == "x: 4");
  outer.clear();
  CHECK(streamed(d) == "gradient of 3 nodes" + ended_graph);
}

TEST_CASE("a gradient of many nodes prints the first and the last ones") {
  Graph graph;
  Var total = variable(0.0);
  for (int i = 1; i < 250; ++i) total += i * variable(1.0);
  const std::string text = streamed(gradient(total));
  CHECK(std::count(text.begin(), text.end(), '\n') == 100);
  CHECK(text.starts_with("#0: 1\n#1: 1\n"));
  CHECK(text.find("\n... 150 more\n") != std::string::npos);
  CHECK(text.ends_with(": 249"));
}
