#include "autodiff/sweep/recorded.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "autodiff/autodiff.hpp"
#include "autodiff/graph/node.hpp"

using namespace chainrule;

namespace {

/// The number of nodes that differentiating f at x, y records.
template <class F>
std::size_t nodes_of_derivative(F f) {
  Graph graph;
  const Var x = variable(2.0), y = variable(3.0), z = f(x, y);
  const std::size_t before = graph.size();
  const std::vector<Var> both = {x, y};
  derivative(z, both);
  return graph.size() - before;
}

/// The derivatives of f at x up to order n, starting with the value.
template <class F>
std::vector<double> orders(F f, double at, int n) {
  Graph graph;
  const Var x = variable(at);
  Var y = f(x);
  std::vector<double> values = {y.value()};
  for (int order = 1; order <= n; ++order) {
    y = y.is_constant() ? Var(0.0) : derivative(y, x);
    values.push_back(y.value());
  }
  return values;
}

}  // namespace

TEST_CASE("factors 1 and -1 make no nodes") {
  CHECK(nodes_of_derivative([](Var x, Var y) { return x + y; }) == 0);
  CHECK(nodes_of_derivative([](Var x, Var y) { return x - y; }) == 0);
  CHECK(nodes_of_derivative([](Var x, Var y) { return x * y; }) == 0);
  CHECK(nodes_of_derivative([](Var x, Var) { return -x; }) == 0);
  CHECK(nodes_of_derivative([](Var x, Var) { return x * 5.0; }) == 0);
  CHECK(nodes_of_derivative([](Var x, Var) { return exp(x); }) == 0);
  CHECK(nodes_of_derivative([](Var x, Var y) { return max(x, y); }) == 0);
  CHECK(nodes_of_derivative([](Var x, Var y) { return select(x < y, x, y); }) == 0);
  CHECK(nodes_of_derivative([](Var x, Var y) { return (x + y) * (x - y); }) == 3);  // -, +, +
  CHECK(nodes_of_derivative([](Var x, Var) { return x * x; }) == 1);                // x + x
  CHECK(nodes_of_derivative([](Var x, Var) { return sin(x); }) == 1);
  CHECK(nodes_of_derivative([](Var x, Var y) { return sin(x) + y; }) == 1);
  CHECK(nodes_of_derivative([](Var x, Var y) { return sin(x * y); }) == 3);
}

TEST_CASE("the derivative of a product is the other factor itself") {
  Graph graph;
  const Var x = variable(2.0), y = variable(3.0);
  CHECK(derivative(x * y, x).tag() == y.tag());
  CHECK(derivative(x + y, x).is_constant());
  CHECK(derivative(x + y, x).value() == 1.0);
  CHECK(derivative(x, x).value() == 1.0);
  const Var e = exp(x);
  CHECK(derivative(e, x).tag() == e.tag());
}

TEST_CASE("only paths from an input to the output are recorded") {
  Graph graph;
  const Var x = variable(2.0), y = variable(3.0);
  Var aside = y;
  for (int i = 0; i < 100; ++i) aside = sin(aside);
  const Var z = x * aside;
  const std::size_t before = graph.size();
  CHECK(derivative(z, x).tag() == aside.tag());
  CHECK(graph.size() == before);
}

TEST_CASE("the derivative of a constant is 0") {
  Graph graph;
  const Var x = variable(2.0);
  CHECK(derivative(derivative(-x, x), x).value() == 0.0);
  CHECK(derivative(Var(4.5), x).value() == 0.0);
  const Var outputs[] = {x * x, 4.5}, weights[] = {1.0, x};
  CHECK(derivative(outputs, weights, {&x, 1})[0].value() == 4.0);
  const Tensor t = variable(tensor({1, 2}, DType::float32));
  const Tensor zero = derivative(Var(4.5), t);
  CHECK(to_vector(zero) == std::vector<double>{0.0, 0.0});
  CHECK(zero.dtype() == DType::float32);
  CHECK(derivative(chainrule::tensor(1.0), x).value() == 0.0);
  const Tensor slope = derivative(sum(3.0 * t), t);
  CHECK(slope.is_constant());
  CHECK(to_vector(derivative(Var(sum(slope)), t)) == std::vector<double>{0.0, 0.0});
}

TEST_CASE("the cost of a derivative depends on its paths, not on the size of the graph") {
  Graph graph;
  const Var x = variable(2.0);
  Var unrelated = variable(1.0);
  for (int i = 0; i < 1'000'000; ++i) unrelated = unrelated * 1.0;
  const Var y = x * x + 1.0;
  const std::size_t before = graph.size();
  CHECK(derivative(y, x).value() == 4.0);
  CHECK(graph.size() - before <= 2);
  // Ten thousand derivatives would take a quarter of an hour if each visited every node.
  double sum = 0.0;
  for (int i = 0; i < 10'000; ++i) sum += derivative(y, x).value();
  CHECK(sum == 40'000.0);
}

TEST_CASE("the derivative of an independent output is the constant 0") {
  Graph graph;
  const Var x = variable(2.0), y = variable(3.0), f = sin(x), later = x * y;
  const std::size_t before = graph.size();
  for (const Var& input : {y, later}) {
    const Var d = derivative(f, input);
    CHECK(d.is_constant());
    CHECK(d.value() == 0.0);
    CHECK_FALSE(std::signbit(d.value()));
  }
  CHECK(derivative(floor(x), x).is_constant());
  CHECK(derivative(select(x < 0.0, sqrt(-x), y), x).is_constant());
  CHECK(graph.size() == before + 1 + 4);  // only the nodes of the expressions above
  CHECK(derivative(f, std::vector<Var>{}).empty());
}

TEST_CASE("derivatives with respect to intermediate results") {
  Graph graph;
  const Var x = variable(2.0), a = x * x, b = sin(a), c = a * b;
  const std::vector<Var> inputs = {a, b, x, c, a};
  const std::vector<Var> d = derivative(c, inputs);
  CHECK(d[0].value() == doctest::Approx(std::sin(4.0) + 4.0 * std::cos(4.0)));
  CHECK(d[1].value() == 4.0);
  CHECK(d[2].value() == doctest::Approx(4.0 * d[0].value()));
  CHECK(d[3].value() == 1.0);
  CHECK(d[4].value() == d[0].value());
  CHECK(derivative(d[0], a).value() == doctest::Approx(2 * std::cos(4.0) - 4 * std::sin(4.0)));
}

TEST_CASE("several outputs, with weights that are themselves recorded") {
  Graph graph;
  const Var x = variable(2.0), w = variable(5.0);
  const std::vector<Var> outputs = {x * x, x * x * x}, weights = {w, 10.0}, inputs = {x};
  const Var d = derivative(outputs, weights, inputs)[0];
  CHECK(d.value() == 5.0 * 4.0 + 120.0);
  CHECK(gradient(d)[w] == 4.0);
  CHECK(gradient(d)[x] == 10.0 + 120.0);
  const std::vector<Var> same = {outputs[0], outputs[0]};
  CHECK(derivative(same, weights, inputs)[0].value() == 60.0);
}

TEST_CASE("derivatives up to order 6") {
  CHECK(orders([](Var x) { return exp(x); }, 0.75, 6) == std::vector<double>(7, std::exp(0.75)));
  const double s = std::sin(0.75), c = std::cos(0.75);
  CHECK(orders([](Var x) { return sin(x); }, 0.75, 6) ==
        std::vector<double>{s, c, -s, -c, s, c, -s});
  const std::vector<double> power = {128, 448, 1344, 3360, 6720, 10080, 10080};
  CHECK(orders([](Var x) { return x * x * x * x * x * x * x; }, 2.0, 6) == power);
  const std::vector<double> pow7 = orders([](Var x) { return pow(x, 7); }, 2.0, 8);
  for (std::size_t i = 0; i < power.size(); ++i) CHECK(pow7[i] == doctest::Approx(power[i]));
  CHECK(pow7[7] == doctest::Approx(5040.0));
  CHECK(pow7[8] == 0.0);
  const std::vector<double> reciprocal = orders([](Var x) { return 1.0 / x; }, 2.0, 5);
  const double expected[] = {0.5, -0.25, 0.25, -0.375, 0.75, -1.875};
  for (std::size_t i = 0; i < 6; ++i) CHECK(reciprocal[i] == doctest::Approx(expected[i]));
}

TEST_CASE("second derivatives of piecewise functions") {
  const auto second = [](auto f, double at) { return orders(f, at, 2)[2]; };
  const auto piecewise = [](Var x) { return select(x > 0.0, x * x * x, sqrt(x)); };
  CHECK(second(piecewise, 2.0) == 12.0);
  CHECK(second([](Var x) { return select(x < 0.0, x * x, sqrt(x)); }, -2.0) == 2.0);
  CHECK(second([](Var x) { return max(x * x, x); }, 3.0) == 2.0);
  CHECK(second([](Var x) { return max(x * x, x); }, 0.5) == 0.0);
  CHECK(second([](Var x) { return max(x * x, x * x); }, 0.5) == 2.0);
  CHECK(second([](Var x) { return relu(x) * relu(x); }, 3.0) == 2.0);
  CHECK(second([](Var x) { return relu(x) * relu(x); }, -3.0) == 0.0);
  CHECK(second([](Var x) { return abs(x * x * x); }, -2.0) == 12.0);
  CHECK(second([](Var x) { return clamp(x * x, 1.0, 5.0); }, 2.0) == 2.0);
  CHECK(second([](Var x) { return clamp(x * x, 1.0, 5.0); }, 3.0) == 0.0);
}

TEST_CASE("a factor of -1 is recorded as a sign, not as a product") {
  Graph graph;
  const Var x = variable(0.5);
  const auto name = [&](const Var& y) { return read_node(graph.tape(), y.id()).notation().name; };
  const Var by_partial = derivative(exp(1.0 - x), x);
  CHECK(std::string(name(by_partial)) == "negate");
  CHECK(by_partial.value() == -std::exp(0.5));
  const Var outputs[] = {sin(x)}, seeds[] = {Var(-1.0)}, inputs[] = {x};
  const Var by_seed = derivative(outputs, seeds, inputs)[0];
  CHECK(std::string(name(by_seed)) == "negate");
  CHECK(by_seed.value() == -std::cos(0.5));
}

TEST_CASE("a recorded derivative can be used in further operations") {
  Graph graph;
  const Var x = variable(1.5), f = x * x * x;
  const Var slope = derivative(f, x);           // 3 x^2
  const Var penalty = f + square(slope) * 0.5;  // x^3 + 4.5 x^4
  CHECK(gradient(penalty)[x] == doctest::Approx(3 * 2.25 + 18 * 3.375));
  CHECK(derivative(penalty, slope).value() == slope.value());
  CHECK(derivative(derivative(penalty, x), x).value() == doctest::Approx(9.0 + 54.0 * 2.25));
}

TEST_CASE("recording works across growth and epochs of the graph") {
  Graph graph;
  const Var x = variable(1.0);
  const Mark mark = graph.mark();
  for (int round = 0; round < 3; ++round) {
    Var y = x;
    for (int i = 0; i < 900; ++i)
      y = sin(y) + x * 0.001;  // so that the arrays grow during the sweep
    CHECK(derivative(y, x).value() == doctest::Approx(gradient(y)[x]));
    graph.rewind(mark);
    release_memory();
  }
}

TEST_CASE("derivative() agrees with gradient() on random graphs") {
  std::mt19937_64 random(20240229);
  const auto below = [&](std::size_t n) { return random() % n; };
  for (int round = 0; round < 200; ++round) {
    Graph graph;
    std::vector<Var> v;
    for (int i = 0; i < 3; ++i) v.push_back(variable(0.1 + static_cast<double>(below(1000)) / 800));
    const Mark mark = graph.mark();
    for (int i = 0; i < 40; ++i) {
      const Var x = v[below(v.size())], y = v[below(v.size())], z = v[below(v.size())];
      const double c = 0.25 * static_cast<double>(1 + below(8));
      switch (below(14)) {
        case 0:
          v.push_back(x + y);
          break;
        case 1:
          v.push_back(x - y * c);
          break;
        case 2:
          v.push_back(tanh(x) * y);
          break;
        case 3:
          v.push_back(x / (1.0 + y * y));
          break;
        case 4:
          v.push_back(sin(x));
          break;
        case 5:
          v.push_back(exp(-x * x));
          break;
        case 6:
          v.push_back(log(1.0 + x * x));
          break;
        case 7:
          v.push_back(sqrt(1.0 + x * x));
          break;
        case 8:
          v.push_back(max(x, y));
          break;
        case 9:
          v.push_back(select(x < y, z, x));
          break;
        case 10:
          v.push_back(clamp(x, -c, y));
          break;
        case 11:
          v.push_back(c - x);
          break;
        case 12:
          v.push_back(c / (2.0 + tanh(x)));
          break;
        default:
          graph.rewind(graph.mark());
          break;  // start a new epoch
      }
    }
    const Var output = v.back();
    const Gradient d = gradient(output);
    const std::vector<Var> recorded = derivative(output, v);
    for (std::size_t i = 0; i < v.size(); ++i) {
      CAPTURE(i);
      CHECK(recorded[i].value() == doctest::Approx(d[v[i]]).epsilon(1e-12));
    }
    // The second derivatives form a symmetric matrix.
    const std::vector<Var> x(v.begin(), v.begin() + 3);
    std::vector<std::vector<double>> hessian(3, std::vector<double>(3));
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t j = 0; j < 3 && !recorded[i].is_constant(); ++j)
        hessian[i][j] = derivative(recorded[i], x[j]).value();
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t j = 0; j < i; ++j)
        CHECK(hessian[i][j] == doctest::Approx(hessian[j][i]).epsilon(1e-9));
    graph.rewind(mark);
    CHECK(graph.size() == 3);
  }
}
