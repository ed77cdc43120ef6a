#include "nn/model/parameter.hpp"

#include <doctest/doctest.h>

#include <thread>

#include "nn/optimizers/gradients.hpp"
#include "nn/optimizers/sgd.hpp"
#include "tests/support/message_of.hpp"

using namespace chainrule;

TEST_CASE("a parameter is one variable of a graph, however often it is used") {
  const nn::Parameter w(tensor({2, 3}));
  Graph graph;
  const Tensor a = w(), b = w();
  CHECK(a.tag() == b.tag());
  CHECK(graph.size() == 1);
  const Gradient d = gradient(sum_to(a * b, {}));
  CHECK(d[w].at({0}) == 4);
  CHECK(d[w].at({1}) == 6);
  CHECK(d.adjoint_of(w).array.element(1) == 6);
}

TEST_CASE("without a graph, or if it is not trainable, a parameter is a constant") {
  nn::Parameter w(tensor({2}));
  CHECK(w().is_constant());
  Graph graph;
  w.set_trainable(false);
  CHECK(w().is_constant());
  CHECK(graph.size() == 0);
  w.set_trainable(true);
  CHECK(!w().is_constant());
}

TEST_CASE("new values make a new variable; the gradient still finds the old one") {
  nn::Parameter w(tensor({2}));
  Graph graph;
  const Tensor x = variable(tensor({5}));
  const Tensor before = w();
  const Gradient d = gradient(sum_to(before * x, {}));
  w.set_value(tensor({7}));
  CHECK(d[w].at({0}) == 5);
  const Tensor after = w();
  CHECK(after.tag() != before.tag());
  CHECK(after.at({0}) == 7);
  CHECK(before.at({0}) == 2);
}

TEST_CASE("graphs nest: the outer one finds its variable again") {
  const nn::Parameter w(tensor({2}));
  Graph outer;
  const Tensor first = w();
  {
    Graph inner;
    const Tensor in_inner = w();
    CHECK(in_inner.tag() != first.tag());
    CHECK(gradient(sum_to(in_inner * 3.0, {}))[w].at({0}) == 3);
    {
      Graph innermost;
      w();
    }
    CHECK(w().tag() == in_inner.tag());
  }
  CHECK(w().tag() == first.tag());
  const Gradient d = gradient(sum_to(w() * first, {}));
  CHECK(d[w].at({0}) == 4);
}

TEST_CASE("a gradient of the outer graph finds its variable while an inner graph records") {
  const nn::Parameter w(tensor({2}));
  Graph outer;
  const Gradient d = gradient(sum_to(w() * 3.0, {}));
  Graph inner;
  w();
  CHECK(d.adjoint_of(w).is_variable);
  CHECK(d.adjoint_of(w).array.element(0) == 3);
}

TEST_CASE("a gradient finds the variables of its own graph, however parameters were used later") {
  nn::Parameter w(tensor({2, 3})), b(tensor({1}));
  const auto loss = [&] { return sum(square(w()) + b()); };
  const auto check = [&](const Gradient& d, std::vector<double> expected) {
    CHECK(to_vector(d[w]) == expected);
    CHECK(to_vector(d[b]) == std::vector<double>{2});
    const nn::Gradients both(nn::Parameters{w, b}, d);
    CHECK(to_vector(both[w]) == expected);
    CHECK(to_vector(both[b]) == std::vector<double>{2});
  };
  const Gradient gone = [&] {
    Graph graph;
    return gradient(loss());
  }();
  {
    Graph graph;
    w();  // only one of the two
    check(gone, {4, 6});
  }
  check(gone, {4, 6});
  Graph graph;
  const Mark before = graph.mark();
  const Var first = loss();
  const Gradient d = gradient(first);
  const Tensor kept(w.value());
  w.set_value(kept * 0.5);
  const Gradient trial = gradient(loss());
  w.set_value(kept);
  check(d, {4, 6});
  check(trial, {2, 3});
  loss();
  check(d, {4, 6});
  CHECK(to_vector(derivative(first, w)) == std::vector<double>{4, 6});
  CHECK(to_vector(gradient(first * 2.0)[w]) == std::vector<double>{8, 12});
  CHECK(to_vector(derivative(derivative(first, w).element({0}), w)) == std::vector<double>{2, 0});
  {
    Graph inner;
    w.set_value(kept * 2.0);
    const Gradient in_inner = gradient(loss());
    check(d, {4, 6});
    check(in_inner, {8, 12});
  }
  w.set_value(kept);
  graph.rewind(before);
  check(d, {4, 6});
  check(trial, {2, 3});
  w();
  check(trial, {2, 3});
  graph.clear();
  check(trial, {2, 3});
}

TEST_CASE("a rewound graph returns to the variable at its mark") {
  nn::Parameter w(tensor({2}));
  const Tensor kept(w.value());
  Graph graph;
  const Tag tag = w().tag();
  const Mark mark = graph.mark();
  w.set_value(tensor({5}));
  const Gradient d = gradient(sum(square(w())));
  graph.rewind(mark);
  w.set_value(kept);
  CHECK(w().tag() == tag);
  CHECK(to_vector(d[w]) == std::vector<double>{10});
  nn::Sgd optimizer(nn::Parameters{w}, {.learning_rate = 0.1});
  optimizer.step(d);
  CHECK(w.value().element(0) == doctest::Approx(1));
}

TEST_CASE("the derivative by a parameter outside the output's graph is an error, not 0") {
  const nn::Parameter w(tensor({2})), late(tensor({3})), used(tensor({4}));
  Graph graph;
  used();
  const Var loss = sum(square(w()));
  const Gradient d = gradient(loss);
  late();
  CHECK(to_vector(d[used]) == std::vector<double>{0});
  CHECK_THROWS_AS(static_cast<void>(d[late]), GraphError);
  CHECK_THROWS_AS(static_cast<void>(derivative(loss, late)), GraphError);
  CHECK(to_vector(derivative(loss, used)) == std::vector<double>{0});
}

TEST_CASE("using a null parameter or buffer is an error, not a crash") {
  nn::Parameter none;
  const Tensor x = tensor({1});
  CHECK(none.is_null());
  CHECK_THROWS_AS(none(), DomainError);
  CHECK_THROWS_AS(static_cast<void>(none.value()), DomainError);
  CHECK_THROWS_AS(static_cast<void>(none.size()), DomainError);
  CHECK_THROWS_AS(none.set_value(x), DomainError);
  CHECK_THROWS_AS(none.replace(x), DomainError);
  CHECK_THROWS_AS(none.set_trainable(true), DomainError);
  CHECK_THROWS_AS(static_cast<void>(none.is_trainable()), DomainError);
  CHECK_THROWS_AS(static_cast<void>(none.copy()), DomainError);
  Graph graph;
  const Gradient d = gradient(sum(variable(x)));
  CHECK_THROWS_AS(static_cast<void>(d[none]), DomainError);
  nn::Buffer buffer;
  CHECK_THROWS_AS(static_cast<void>(buffer.value()), DomainError);
  CHECK_THROWS_AS(buffer.set_value(x), DomainError);
  CHECK_THROWS_AS(buffer.replace(x), DomainError);
  CHECK_THROWS_AS(static_cast<void>(buffer.copy()), DomainError);
}

TEST_CASE("after clear() and rewind() a parameter enters the graph again") {
  const nn::Parameter w(tensor({2}));
  Graph graph;
  const Tag first = w().tag();
  const Mark mark = graph.mark();
  graph.rewind(mark);
  CHECK(w().tag() == first);
  graph.clear();
  CHECK(w().tag() != first);
  CHECK(graph.size() == 1);
}

TEST_CASE("a copy of a parameter shares its values until one changes") {
  nn::Parameter w(tensor({2}));
  nn::Parameter copy = w.copy();
  CHECK(!copy.is_same(w));
  CHECK(copy.value().is_same(w.value()));
  copy.set_value(tensor({3}));
  CHECK(w.value().element(0) == 2);
  const nn::Parameter handle = w;
  CHECK(handle.is_same(w));
}

TEST_CASE("values keep shape and element type, and are stored in row-major order") {
  nn::Parameter w(transpose(tensor({{1, 2, 3}, {4, 5, 6}})));
  CHECK(w.value().is_contiguous());
  CHECK(w.value().element(1) == 4);
  CHECK_THROWS_AS(w.set_value(tensor({1, 2})), ShapeError);
  CHECK_THROWS_AS(w.set_value(ones({3, 2}, DType::float32)), DTypeError);
  CHECK_THROWS_AS(nn::Parameter{Tensor()}, DomainError);
  w.replace(ones({2}, DType::float32));
  CHECK(w.dtype() == DType::float32);
}

TEST_CASE("lists of parameters") {
  const nn::Parameter a(tensor({1, 2})), b(tensor({3}));
  const nn::Parameters list{a, b};
  CHECK(list.size() == 2);
  CHECK(list.count() == 3);
  CHECK(list.at("1").is_same(b));
  CHECK(contains(message_of<DomainError>([&] { list.at("2"); }), "there are: 0, 1"));
}
