#include "autodiff/graph/keyed_variable.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "autodiff/autodiff.hpp"

using namespace chainrule;

namespace {

/// A minimal owner of a keyed variable.
struct Owner {
  explicit Owner(const Tensor& numbers) : array(numbers.value()) {}
  VariableKey key() const { return variable.key(); }
  const Array& value() const { return array; }
  Tensor operator()() { return variable.enter(array); }
  void set(const Tensor& numbers) {
    array = numbers.value();
    variable.values_changed();
  }

  Array array;
  KeyedVariable variable;
};

}  // namespace

TEST_CASE("a keyed variable is a constant without a graph, and one node in each graph") {
  Owner x(tensor({2, 3}));
  CHECK(x().is_constant());
  CHECK(x().value().is_same(x.array));
  Graph outer;
  const Tag tag = x().tag();
  CHECK(x().tag() == tag);
  CHECK(outer.size() == 1);
  {
    Graph inner;
    CHECK(x().tag() != tag);
    CHECK(inner.size() == 1);
  }
  CHECK(x().tag() == tag);
  CHECK(outer.size() == 1);
}

TEST_CASE("new values make a new variable; an unchanged array keeps the youngest one") {
  Owner x(tensor({2}));
  Graph graph;
  const Tag first = x().tag();
  x.variable.values_changed();  // although they have not
  CHECK(x().tag() == first);
  x.set(tensor({5}));
  CHECK(x().tag() != first);
  CHECK(x().at({0}) == 5);
  CHECK(graph.size() == 2);
}

TEST_CASE("adjoint_of() distinguishes no variable, no flow and an adjoint, without a copy") {
  Owner x(tensor({2, 3})), unused(tensor({4})), stranger(tensor({1}));
  Graph graph;
  unused();
  const Gradient d = gradient(sum(x() * x()));
  CHECK_FALSE(d.adjoint_of(stranger).is_variable);
  CHECK(d.adjoint_of(unused).is_variable);
  CHECK(d.adjoint_of(unused).array.is_null());
  const KeyedAdjoint found = d.adjoint_of(x);
  CHECK(found.is_variable);
  CHECK(found.array.element(1) == 6);
  CHECK(found.array.is_same(d.adjoint_of(x).array));
}

TEST_CASE("an adjoint array is unique after its gradient has ended") {
  Owner x(tensor({2, 3}));
  Graph graph;
  KeyedAdjoint found;
  {
    const Gradient d = gradient(sum(x() * x()));
    found = d.adjoint_of(x);
    CHECK_FALSE(found.array.is_unique());
  }
  CHECK(found.array.is_unique());
}

TEST_CASE("with two graphs, a rewind and a clear, the variable of the current graph is found") {
  std::vector<std::unique_ptr<Owner>> owners;
  for (int i = 0; i < 100; ++i) owners.push_back(std::make_unique<Owner>(tensor({i + 1.0})));
  const auto check_entered = [&](const Graph& graph, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const Tag tag = (*owners[i])().tag();
      CHECK(graph.tape().owns(tag));
      CHECK(graph.tape().tensors.keyed.find(owners[i]->key())->id == detail::id_of(tag));
    }
  };
  Graph outer;
  check_entered(outer, 100);
  CHECK(outer.size() == 100);
  {
    Graph inner;
    check_entered(inner, 50);
    const Mark mark = inner.mark();
    check_entered(inner, 100);
    CHECK(inner.size() == 100);
    inner.rewind(mark);
    CHECK(inner.tape().tensors.keyed.find(owners[49]->key()) != nullptr);
    CHECK(inner.tape().tensors.keyed.find(owners[50]->key()) == nullptr);
    check_entered(inner, 100);
    CHECK(inner.size() == 100);
    inner.clear();
    CHECK(inner.tape().tensors.keyed.find(owners[0]->key()) == nullptr);
    check_entered(inner, 10);
    CHECK(inner.size() == 10);
  }
  check_entered(outer, 100);
  CHECK(outer.size() == 100);
}

TEST_CASE("the youngest variable of a key before a node is found") {
  Owner x(tensor({1})), y(tensor({2}));
  Graph graph;
  std::vector<Id> ids;
  for (int i = 0; i < 3; ++i) {
    y.set(tensor({-1.0 - i}));
    y();
    x.set(tensor({1.0 + i}));
    ids.push_back(x().id());
  }
  const auto found = [&](Id before) { return graph.tape().find(x.key(), before); };
  CHECK(found(0) == nullptr);
  CHECK(found(ids[0]) == nullptr);
  CHECK(found(ids[0] + 1)->id == ids[0]);
  CHECK(found(ids[1])->id == ids[0]);
  CHECK(found(ids[2])->id == ids[1]);
  CHECK(found(ids[2] + 1)->id == ids[2]);
  CHECK(found(detail::Tape::no_end)->id == ids[2]);
}

TEST_CASE("of several variables of one key, a gradient takes the youngest with a flow") {
  Owner x(tensor({1}));
  Graph graph;
  const Tensor first = x();
  const Mark mark = graph.mark();
  x.set(tensor({2}));
  x();
  x.set(tensor({3}));
  const Tensor third = x();
  const Gradient of_first = gradient(sum(square(first))), of_third = gradient(sum(square(third)));
  CHECK(of_first[x].at({0}) == 2);
  CHECK(of_third[x].at({0}) == 6);
  CHECK(of_third.find(x.key()) == third.tag());
  CHECK(of_first.find(x.key()) == first.tag());
  CHECK(gradient(sum(variable(tensor({1}))))[x].at({0}) == 0);
  graph.rewind(mark);
  CHECK(graph.tape().tensors.keyed.find(x.key())->id == first.id());
  CHECK(of_third[x].at({0}) == 6);
  graph.clear();
  CHECK(of_first[x].at({0}) == 2);
  CHECK(of_third[x].at({0}) == 6);
}
