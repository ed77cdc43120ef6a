// Operations from outside the library, of one and two operands, as nodes on Vars and on tensors.
#include "autodiff/graph/outside_operation.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "autodiff/autodiff.hpp"
#include "autodiff/graph/node.hpp"
#include "tests/support/message_of.hpp"

using namespace chainrule;

using Numbers = std::vector<double>;

namespace mine {

struct Triple : Unary {
  static constexpr Notation notation = composed("triple");
  static auto value(const auto& x) { return 3.0 * x; }
  static int dx(const auto&, const auto&) { return 3; }
};
struct Blend : Binary {  // x^2 + 10 y
  static constexpr Notation notation = composed("blend");
  static auto value(const auto& x, const auto& y) { return x * x + 10.0 * y; }
  static auto dx(const auto& x, const auto&, const auto&) { return only_if(true, 2.0 * x); }
  static auto dy(const auto&, const auto&, const auto&) { return only_if(true, 10.0); }
};

}  // namespace mine

template <>
inline constexpr bool chainrule::listed_outside<mine::Triple> = true;
template <>
inline constexpr bool chainrule::listed_outside<mine::Blend> = true;

using mine::Blend, mine::Triple;

TEST_CASE("an operation of one or two operands is one node, with numbers at either place") {
  Graph graph;
  const Var x = variable(2.0), y = variable(5.0);
  const Var triple = apply<Triple>(x), nodes = apply<Blend>(x, y), right = apply<Blend>(x, 7.0),
            left = apply<Blend>(3, y);
  CHECK(graph.size() == 2 + 4);
  CHECK(triple.value() == 6.0);
  CHECK(nodes.value() == 54.0);
  CHECK(right.value() == 74.0);
  CHECK(left.value() == 59.0);
  CHECK(gradient(triple)[x] == 3.0);
  CHECK(gradient(nodes)[x] == 4.0);
  CHECK(gradient(nodes)[y] == 10.0);
  CHECK(gradient(right)[x] == 4.0);
  CHECK(gradient(left)[y] == 10.0);
  CHECK(derivative(derivative(nodes, x), x).value() == 2.0);
  const detail::Node node = read_node(graph.tape(), left.id());
  CHECK(std::string(node.notation().name) == "blend");
  CHECK(node.arity == 2);
  CHECK(node.operands[0].is_constant);
  CHECK(node.operands[0].value == 3.0);
  CHECK(node.operands[1].id == y.id());
  CHECK(apply<Triple>(Var(2.0)).is_constant());
  CHECK(apply<Blend>(Var(2.0), Var(1.0)).value() == 14.0);
}

TEST_CASE("its errors name it") {
  Graph outer;
  const Var x = variable(2.0);
  Graph graph;
  const Var own = variable(1.0);
  const std::size_t size = graph.size();
  const auto begins = [](auto call, const char* with) {
    return message_of<GraphError>(call).find(with) == 0;
  };
  CHECK(begins([&] { apply<Triple>(x); }, "triple: an operand (value 2) belongs to an enclosing"));
  CHECK(begins([&] { apply<Blend>(own, x); }, "blend: an operand (value 2) belongs to an"));
  graph.set_node_limit(size);
  CHECK(begins([&] { apply<Blend>(own, 2.0); }, "blend: the graph is full"));
  CHECK(graph.size() == size);
  CHECK(graph.tape().wide.empty());
}

TEST_CASE("it runs on tensors, and its derivatives too") {
  Graph graph;
  const Tensor t = variable(tensor({1, 2})), u = variable(tensor({3, 4}));
  const Tensor triple = apply<Triple>(t), blend = apply<Blend>(t, u);
  CHECK(to_vector(triple) == Numbers{3, 6});
  CHECK(to_vector(blend) == Numbers{31, 44});
  CHECK(to_vector(gradient(sum(triple))[t]) == Numbers{3, 3});
  CHECK(to_vector(derivative(sum(triple), t)) == Numbers{3, 3});
  CHECK(to_vector(gradient(sum(blend))[t]) == Numbers{2, 4});
  CHECK(to_vector(derivative(sum(blend), t)) == Numbers{2, 4});
  CHECK(to_vector(derivative(sum(blend), u)) == Numbers{10, 10});
  CHECK(to_vector(derivative(sum(derivative(sum(blend), t)), t)) == Numbers{2, 2});
}
