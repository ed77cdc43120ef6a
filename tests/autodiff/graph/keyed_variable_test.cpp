#include "autodiff/graph/keyed_variable.hpp"

#include <doctest/doctest.h>

#include "autodiff/autodiff.hpp"

using namespace chainrule;

namespace {

/// The smallest owner of a keyed variable.
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

TEST_CASE("a keyed variable is a constant without a graph and one node of each graph") {
  Owner x(tensor({2, 3}));
  CHECK(x().is_constant());
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

TEST_CASE("new values make a new variable; the old array finds its own if it is the youngest") {
  Owner x(tensor({2}));
  Graph graph;
  const Tag first = x().tag();
  x.variable.values_changed();  // which they have not
  CHECK(x().tag() == first);
  x.set(tensor({5}));
  CHECK(x().tag() != first);
  CHECK(x().at({0}) == 5);
  CHECK(graph.size() == 2);
}

TEST_CASE("adjoint_of() tells apart no variable, no flow and an adjoint, and copies nothing") {
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

TEST_CASE("an adjoint array is the caller's alone when its gradient has ended") {
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
