// Tensors of a graph: mixing with Vars and numbers, reading elements, and every error.
#include "autodiff/graph/tensor.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "autodiff/autodiff.hpp"
#include "autodiff/graph/node.hpp"
#include "tests/support/message_of.hpp"

using namespace chainrule;

using Numbers = std::vector<double>;

namespace {

struct Refused {
  std::string error;
  std::function<void()> call;
};

/// Checks that each call throws an E whose text begins like that, and that the graph is unchanged.
template <class E>
void check_refused(const Graph& graph, const std::vector<Refused>& cases) {
  for (const Refused& c : cases) {
    CAPTURE(c.error);
    const std::size_t size = graph.size(), operands = graph.tape().tensors.operands.size();
    const std::string text = message_of<E>(c.call);
    CHECK(text.substr(0, c.error.size()) == c.error);
    CHECK(graph.size() == size);
    CHECK(graph.tape().tensors.operands.size() == operands);
  }
}

}  // namespace

TEST_CASE("a Var among tensors takes their element type and becomes a tensor of rank 0") {
  for (const DType dtype : {DType::float64, DType::float32}) {
    Graph graph;
    const Var x = variable(0.1);
    const double rounded = dtype == DType::float32 ? static_cast<double>(0.1f) : 0.1;
    const Tensor t = variable(tensor({2, 4}, dtype));
    const Tensor constant = tensor({3, 5}, dtype);
    const auto check = [&](const Tensor& sum, const Numbers& others) {
      CHECK(sum.dtype() == dtype);
      CHECK(sum.shape() == Shape{2});
      CHECK(gradient(chainrule::sum(sum))[x] == 2.0);
      for (std::size_t i = 0; i < 2; ++i) {
        const double exact = rounded + others[i];
        const double stored =
            dtype == DType::float32 ? static_cast<double>(static_cast<float>(exact)) : exact;
        CHECK(sum.at({static_cast<std::int64_t>(i)}) == stored);
      }
    };
    check(x + t, {2, 4});
    check(t + x, {2, 4});
    check(x + constant, {3, 5});
    check(constant + x, {3, 5});
    const Tensor bounded = clamp(x, t - 10.0, t);  // the tensors are the second and third operand
    CHECK(bounded.dtype() == dtype);
    CHECK(to_vector(bounded) == Numbers{rounded, rounded});
    CHECK(gradient(sum(bounded))[x] == 2.0);
    CHECK(to_vector(gradient(sum(clamp(t, x, 3.0)))[t]) == Numbers{1, 0});
    const Tensor chosen = where(t.value() < 3.0, x, constant);  // the mask is the first operand
    CHECK(chosen.dtype() == dtype);
    CHECK(to_vector(chosen) == Numbers{rounded, 5});
    CHECK(gradient(sum(chosen))[x] == 1.0);
  }
}

TEST_CASE("a Var that is a constant is a number among tensors") {
  Graph graph;
  const Var two = 2.0, five = 5.0;
  const Tensor t = variable(tensor({1, 4, 8}));
  CHECK(to_vector(t * two) == Numbers{2, 8, 16});
  CHECK(to_vector(two - t) == Numbers{1, -2, -6});
  CHECK(to_vector(clamp(t, two, five)) == Numbers{2, 4, 5});
  CHECK(to_vector(clamp(two, t - 3.0, t)) == Numbers{1, 2, 5});
  CHECK(graph.size() == 1 + 5);
  CHECK((Tensor(t.value()) * two).is_constant());
}

TEST_CASE("comparisons with Vars, numbers and arrays give masks, and make no nodes") {
  Graph graph;
  const Tensor t = variable(tensor({1, 4, 8}));
  const Var x = variable(4.0);
  const auto elements = [](const Mask& mask) { return to_vector(Tensor(mask.values())); };
  CHECK(elements(t < x) == Numbers{1, 0, 0});
  CHECK(elements(x <= t) == Numbers{0, 1, 1});
  CHECK(elements(t > 1.0) == Numbers{0, 1, 1});
  CHECK(elements(t == t.value()) == Numbers{1, 1, 1});
  CHECK(graph.size() == 2);
}

TEST_CASE("select() with a bool takes one of two tensors") {
  const Tensor t = tensor({1}), u = tensor({2});
  CHECK(select(true, t, u).value().is_same(t.value()));
  CHECK(select(false, t, u).value().is_same(u.value()));
}

TEST_CASE("structural operations refuse operands of different types, also for rules that do not") {
  constexpr detail::TensorOperation operation{
      library_call("first"), 2,
      [](const void*, const Array* const* x, std::size_t) { return *x[0]; }};
  Graph graph;
  const Tensor t = variable(tensor({1, 2})), u = tensor({3}), single = tensor({1}, DType::float32);
  const Tensor* const operands[] = {&t, &u, &single};
  CHECK(detail::record_structural(operation, nullptr, operands, 2).value().is_same(t.value()));
  check_refused<DTypeError>(
      graph, {{"first: ", [&] { detail::record_structural(operation, nullptr, operands, 3); }}});
  const Tensor none;
  const Tensor* const unassigned[] = {&t, &none};
  check_refused<ShapeError>(graph, {{"first: operand 1 is a Tensor that was never assigned", [&] {
                                       detail::record_structural(operation, nullptr, unassigned, 2);
                                     }}});
}

TEST_CASE("the operands of a node are the nodes and constants that it was made from") {
  Graph graph;
  const Tensor t = variable(tensor({1, 2})), u = variable(tensor({3, 4})), c = tensor({5, 6}),
               d = tensor({7, 8});
  const auto check = [&](const Tensor& result, const std::vector<Tensor>& operands) {
    const detail::Node node = read_node(graph.tape(), result.id());
    REQUIRE(node.arity == static_cast<int>(operands.size()));
    for (std::size_t k = 0; k < operands.size(); ++k) {
      const detail::NodeOperand operand = node_operand(graph.tape(), node, static_cast<int>(k));
      CHECK(operand.is_constant == operands[k].is_constant());
      if (!operand.is_constant) CHECK(operand.id == operands[k].id());
      REQUIRE(operand.array != nullptr);
      CHECK(operand.array->is_same(operands[k].value()));
    }
  };
  check(concat({c, t, d, u}), {c, t, d, u});
  check(concat({u, d, t}), {u, d, t});
  check(clamp(t, c, d), {t, c, d});
  check(clamp(c, u, d), {c, u, d});
  check(c * t, {c, t});
}

TEST_CASE("Vars stacked to a tensor, of which some or all are constants") {
  for (const DType dtype : {DType::float64, DType::float32}) {
    Graph graph;
    const Var x = variable(1.5), y = variable(-2.5);
    const std::vector<Var> constants{1.0, 2.0, 3.0}, mixed{x, 7.0, y, x};
    const Tensor none = stack(constants, dtype), some = stack(mixed, dtype);
    CHECK(none.is_constant());
    CHECK(none.dtype() == dtype);
    CHECK(to_vector(none) == Numbers{1, 2, 3});
    CHECK(graph.size() == 3);
    CHECK(some.dtype() == dtype);
    CHECK(to_vector(some) == Numbers{1.5, 7.0, -2.5, 1.5});
    const Gradient d = gradient(sum(some * tensor({1, 10, 100, 1000}, dtype)));
    CHECK(d[x] == 1001.0);
    CHECK(d[y] == 100.0);
    const detail::Node node = read_node(graph.tape(), some.id());
    CHECK(node.arity == 4);
    CHECK(std::string(node.notation().name) == "tensor");
    const detail::NodeOperand second = node_operand(graph.tape(), node, 1);
    CHECK(second.is_constant);
    CHECK(second.value == 7.0);
    const detail::NodeOperand last = node_operand(graph.tape(), node, 3);
    CHECK_FALSE(last.is_constant);
    CHECK(last.id == x.id());
    CHECK(last.value == 1.5);
    const Tensor one = tensor(x, dtype);
    CHECK(one.shape() == Shape{});
    CHECK(one.dtype() == dtype);
    CHECK(gradient(sum(one * 3.0))[x] == 3.0);
  }
}

TEST_CASE("elements as numbers and as Vars") {
  const Numbers numbers{0, 1, 2, 3, 4, 5, 6};
  CHECK(tensor_view(numbers, {1}, {1}, 2).item() == 2.0);
  CHECK(tensor_view(numbers, {1, 1}, {3, 3}, 5).item() == 5.0);
  const Tensor across = tensor_view(numbers, {2, 3}, {1, 2}, 1);
  CHECK(across.at({1, 2}) == 6.0);
  CHECK(across.at({-2, -1}) == 5.0);
  CHECK(across.element({1, 0}).is_constant());
  CHECK(across.element({1, 0}).value() == 2.0);
  CHECK(across.shape(-1) == 3);
  CHECK(across.name().empty());
  Graph graph;
  const Tensor x = variable(across);
  const Var e = x.element({-1, 1}), only = sum(x);
  CHECK(e.value() == 4.0);
  CHECK(to_vector(gradient(e)[x]) == Numbers{0, 0, 0, 0, 1, 0});
  CHECK(only.value() == 21.0);
  CHECK(to_vector(gradient(only * 2.0)[x]) == Numbers(6, 2.0));
  const Var from_view = Tensor(tensor_view(numbers, {1}, {1}, 3));
  CHECK(from_view.is_constant());
  CHECK(from_view.value() == 3.0);
}

TEST_CASE("reading what a tensor does not have") {
  Graph graph;
  const Tensor x = variable(tensor({{1, 2}, {3, 4}}), "x"), none;
  const std::string unassigned = ": the operand is a Tensor that was never assigned";
  check_refused<ShapeError>(
      graph,
      {
          {"item: a tensor of shape [2, 2] does not have exactly one element", [&] { x.item(); }},
          {"Var: a tensor of shape [2, 2] does not have exactly one element. Reduce it with sum()",
           [&] { static_cast<void>(Var(x)); }},
          {"Var: a tensor of shape [0] does not have", [&] { static_cast<void>(Var(zeros({0}))); }},
          {"at: 1 indices for a tensor of shape [2, 2]", [&] { x.at({1}); }},
          {"element: 3 indices for a tensor of shape [2, 2]",
           [&] {
             x.element({1, 1, 1});
           }},
          {"at: index 2 is out of range for axis 1 of shape [2, 2]",
           [&] {
             x.at({0, 2});
           }},
          {"element: index -3 is out of range for axis 0",
           [&] {
             x.element({-3, 0});
           }},
          {"shape: there is no axis 2 in a tensor of rank 2", [&] { x.shape(2); }},
          {"item" + unassigned, [&] { none.item(); }},
          {"Var" + unassigned, [&] { static_cast<void>(Var(none)); }},
          {"at" + unassigned, [&] { none.at({0}); }},
          {"dtype" + unassigned, [&] { none.dtype(); }},
          {"rank" + unassigned, [&] { none.rank(); }},
          {"size" + unassigned, [&] { none.size(); }},
          {"shape" + unassigned, [&] { none.shape(); }},
          {"variable" + unassigned, [&] { variable(none); }},
          {"concat: the operand is a Tensor that was never assigned",
           [&] {
             concat({x, none});
           }},
          {"matmul: operand 0 is a Tensor that was never assigned", [&] { matmul(none, x); }},
          {"add: ", [&] { x + none; }},
          {"add: ", [&] { x + zeros({3}); }},
      });
  check_refused<DTypeError>(graph, {
                                       {"concat: ",
                                        [&] {
                                          concat({x, ones({2, 2}, DType::float32)});
                                        }},
                                       {"multiply: ",
                                        [&] {
                                          x* ones({2, 2}, DType::float32);
                                        }},
                                   });
  check_refused<DomainError>(
      graph, {
                 {"variable: element 0 of shape [2] is nan, not finite. A variable is a point to",
                  [&] {
                    variable(tensor({NAN, INFINITY}));
                  }},
                 {"variable: element 3 of shape [2, 2] is -inf",
                  [&] {
                    variable(tensor({{1, 2}, {3, -INFINITY}}), "y");
                  }},
             });
  check_refused<GraphError>(
      graph, {{"named(\"c\"): a constant is not a node of a graph and cannot be named. Name a "
               "variable() or the result of an operation on one.",
               [&] { zeros({2}).named("c"); }}});
  CHECK(x.name() == "x");
}

TEST_CASE("tensors and Vars of another graph are refused by each kind of operation") {
  const auto check = [](const Graph& graph, const Tensor& t, const Tensor& t0, const Var& x,
                        const auto& error) {
    const Tensor own = variable(tensor({5, 6}));
    const Tensor own_scalar = variable(tensor(1.0)), longer = variable(tensor({1, 2, 3}));
    const Var own_var = variable(7.0);
    const std::vector<Var> vars{own_var, x};
    // Twice: an operation that fails must not repair or spoil the state of the graph.
    for (int round = 0; round < 2; ++round)
      check_refused<GraphError>(
          graph, {
                     {error("exp", "of shape [2]"), [&] { exp(t); }},
                     {error("add", "of shape [2]"), [&] { own_scalar + t; }},
                     {error("multiply", "of shape [2]"), [&] { t* own_var; }},
                     {error("tensor", "value 3"), [&] { own* x; }},
                     {error("sum", "of shape [2]"), [&] { sum(t); }},
                     {error("concat", "of shape [2]"),
                      [&] {
                        concat({longer, t});
                      }},
                     {error("concat", "of shape [2]"),
                      [&] {
                        concat({zeros({2}), t});
                      }},
                     {error("element", "value 2"), [&] { t.element({1}); }},
                     {error("element", "value 4"), [&] { static_cast<void>(Var(t0)); }},
                     {error("tensor", "value 3"), [&] { tensor(x); }},
                     {error("stack", "value 3"), [&] { stack(vars); }},
                 });
    CHECK(to_vector(gradient(sum(own * own_var))[own]) == Numbers{7, 7});
  };
  Graph outer;
  const Tensor t = variable(tensor({1, 2})), t0 = variable(tensor(4.0));
  const Var x = variable(3.0);
  {
    Graph inner;
    check(inner, t, t0, x, [](const std::string& operation, const std::string& operand) {
      return operation + ": an operand (" + operand + ") belongs to an enclosing graph";
    });
  }
  outer.clear();
  check(outer, t, t0, x, [](const std::string& operation, const std::string&) {
    return operation + ": the variable belongs to no graph of this thread";
  });
}

TEST_CASE("operations on tensors stop at the node limit, with the name of the operation") {
  Graph graph;
  const Tensor t = variable(tensor({1, 2}));
  const Var x = variable(3.0);
  const std::vector<Var> vars{x, 1.0};
  graph.set_node_limit(graph.size());
  const std::string full = ": the graph is full: it has 2 nodes, its limit.";
  check_refused<GraphError>(graph, {
                                       {"exp" + full, [&] { exp(t); }},
                                       {"sum" + full, [&] { sum(t); }},
                                       {"element" + full, [&] { t.element({1}); }},
                                       {"tensor" + full, [&] { tensor(x); }},
                                       {"tensor" + full, [&] { t* x; }},
                                       {"stack" + full, [&] { stack(vars); }},
                                       {"variable" + full, [&] { variable(tensor({1})); }},
                                   });
  graph.set_node_limit(graph.size() + 1);  // x becomes a tensor, but their product has no room
  const std::string after = ": the graph is full: it has 3 nodes, its limit.";
  check_refused<GraphError>(graph, {{"multiply" + after, [&] { t* x; }}});
  graph.set_node_limit(1000);
  CHECK(gradient(sum(t * x))[x] == 3.0);
}
