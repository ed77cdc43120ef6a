#include "nn/parameter.hpp"

#include <doctest/doctest.h>

#include <thread>

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
  CHECK(d.tensor_adjoint(id_of(w.tag_in(d))).element(1) == 6);
}

TEST_CASE("without a graph and out of training a parameter is a constant") {
  nn::Parameter w(tensor({2}));
  CHECK(w().is_constant());
  CHECK_THROWS_AS(static_cast<void>(Tensor(w)), GraphError);
  Graph graph;
  w.set_trainable(false);
  CHECK(w().is_constant());
  CHECK(graph.size() == 0);
  w.set_trainable(true);
  CHECK(!w().is_constant());
}

TEST_CASE("new numbers make a new variable; the gradient still knows the old one") {
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

TEST_CASE("a gradient that is asked while an inner graph records finds the outer variable") {
  const nn::Parameter w(tensor({2}));
  Graph outer;
  const Gradient d = gradient(sum_to(w() * 3.0, {}));
  Graph inner;
  w();
  CHECK(w.tag_in(d) != 0);
  CHECK(d.tensor_adjoint(id_of(w.tag_in(d))).element(0) == 3);
}

TEST_CASE("cleared and rewound graphs take a parameter anew") {
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

TEST_CASE("a copy of a parameter shares numbers until one changes") {
  nn::Parameter w(tensor({2}));
  nn::Parameter copy = w.copy();
  CHECK(!copy.is_same(w));
  CHECK(copy.value().is_same(w.value()));
  copy.set_value(tensor({3}));
  CHECK(w.value().element(0) == 2);
  const nn::Parameter handle = w;
  CHECK(handle.is_same(w));
}

TEST_CASE("values keep shape and element type; they are laid out in row-major order") {
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
