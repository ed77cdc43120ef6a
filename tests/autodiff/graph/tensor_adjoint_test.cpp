// Adjoints in a recorded sweep: the values, the mask of the elements that are reached, and the
// nodes that they take.
#include "autodiff/graph/tensor_adjoint.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

#include "autodiff/autodiff.hpp"
#include "autodiff/graph/node.hpp"
#include "autodiff/graph/tensor_flow.hpp"

using namespace chainrule;

using Numbers = std::vector<double>;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

Numbers values_of(const Adjoint<Tensor>& a) { return to_vector(a.numbers()); }

/// The mask, with ones where there is none.
Numbers reached_in(const Adjoint<Tensor>& a) {
  return a.is_partial() ? to_vector(Tensor(a.reached()))
                        : Numbers(static_cast<std::size_t>(a.size()), 1.0);
}

std::string last_operation(const Graph& graph) {
  return read_node(graph.tape(), static_cast<Id>(graph.size() - 1)).notation().name;
}

Adjoint<Tensor> complete(const Numbers& numbers) {
  return Adjoint<Tensor>(variable(tensor(numbers)));
}
Adjoint<Tensor> partial(const Numbers& numbers, const Numbers& mask) {
  return Adjoint<Tensor>(variable(tensor(numbers)), tensor(mask).value());
}

}  // namespace

TEST_CASE("an adjoint has the shape and type of its values, and is null without them") {
  const Graph graph;
  CHECK(Adjoint<Tensor>().is_null());
  const Adjoint<Tensor> a(variable(zeros({2, 3}, DType::float32)));
  CHECK_FALSE(a.is_null());
  CHECK(a.rank() == 2);
  CHECK(a.size() == 6);
  CHECK(a.shape() == Shape{2, 3});
  CHECK(a.shape(-1) == 3);
  CHECK(a.has_shape(Shape{2, 3}));
  CHECK_FALSE(a.has_shape(Shape{3, 2}));
  CHECK(a.dtype() == DType::float32);
  CHECK(complete({1}).dtype() == DType::float64);
  CHECK_FALSE(a.is_partial());
  CHECK_FALSE(partial({1, 2}, {1, 1}).is_partial());  // every element is reached
  CHECK(partial({1, 0}, {1, 0}).is_partial());
}

TEST_CASE("a factor multiplies what is reached, and 1 and -1 take no multiplication") {
  const Graph graph;
  const Adjoint<Tensor> all = complete({1, -2, 3}), some = partial({1, 0, 3}, {1, 0, 1});
  CHECK(all.times(1.0).numbers().tag() == all.numbers().tag());
  CHECK(some.times(1.0).numbers().tag() == some.numbers().tag());
  CHECK(reached_in(some.times(1.0)) == Numbers{1, 0, 1});
  CHECK(graph.size() == 2);
  CHECK(values_of(all.times(-1.0)) == Numbers{-1, 2, -3});
  CHECK(last_operation(graph) == "negate");
  CHECK(values_of(all.times(0.0)) == Numbers{0, -0.0, 0});
  CHECK(last_operation(graph) == "multiply");
  CHECK(values_of(all.times(2.5)) == Numbers{2.5, -5, 7.5});
  CHECK(graph.size() == 5);

  const Tensor steep = tensor({2.0, infinity, infinity});
  for (const Adjoint<Tensor>& product :
       {some.times(steep), some.times(steep.value()), steep * some}) {
    CHECK(values_of(product) == Numbers{2, 0, infinity});  // not 0 * infinity, which is NaN
    CHECK(reached_in(product) == Numbers{1, 0, 1});
  }
  CHECK(values_of(some.times(infinity)) == Numbers{infinity, 0, infinity});
  CHECK(reached_in(some.times(-1.0)) == Numbers{1, 0, 1});
  const Adjoint<Tensor> stretched = some.times(tensor({{1.0}, {10.0}}));
  CHECK(stretched.shape() == Shape{2, 3});
  CHECK(values_of(stretched) == Numbers{1, 0, 3, 10, 0, 30});
  CHECK(reached_in(stretched) == Numbers{1, 0, 1, 1, 0, 1});
}

TEST_CASE("in a sum, an element is reached if it is in one of the terms") {
  const Graph graph;
  const Adjoint<Tensor> all = complete({1, 2, 3}), left = partial({5, 0, 0}, {1, 0, 0}),
                        middle = partial({0, 7, 0}, {0, 1, 0}),
                        ends = partial({1, 0, 1}, {1, 0, 1}), one = complete({4});
  const auto check = [](const Adjoint<Tensor>& a, const Adjoint<Tensor>& b, const Numbers& values,
                        const Numbers& reached, bool is_partial) {
    for (const Adjoint<Tensor>& sum : {a.plus(b), b.plus(a)}) {
      CHECK(values_of(sum) == values);
      CHECK(reached_in(sum) == reached);
      CHECK(sum.is_partial() == is_partial);
    }
  };
  check(all, all, {2, 4, 6}, {1, 1, 1}, false);
  check(all, one, {5, 6, 7}, {1, 1, 1}, false);
  check(all, left, {6, 2, 3}, {1, 1, 1}, false);
  check(left, middle, {5, 7, 0}, {1, 1, 0}, true);
  check(left, left, {10, 0, 0}, {1, 0, 0}, true);
  check(middle, ends, {1, 7, 1}, {1, 1, 1}, false);
  check(left, one, {9, 4, 4}, {1, 1, 1}, false);
  const Adjoint<Tensor> nowhere = partial({0}, {0});
  check(nowhere, all, {1, 2, 3}, {1, 1, 1}, false);
  check(nowhere, left, {5, 0, 0}, {1, 0, 0}, true);
}

TEST_CASE("a mask takes elements away from those that are reached") {
  const Graph graph;
  const Array mask = tensor({0, 1, 1}).value();
  const Adjoint<Tensor> of_all = complete({1, 2, 3}).only_where(mask),
                        of_some = partial({1, 2, 0}, {1, 1, 0}).only_where(mask);
  CHECK(values_of(of_all) == Numbers{0, 2, 3});
  CHECK(reached_in(of_all) == Numbers{0, 1, 1});
  CHECK(values_of(of_some) == Numbers{0, 2, 0});
  CHECK(reached_in(of_some) == Numbers{0, 1, 0});
  const Adjoint<Tensor> everywhere = complete({1, 2, 3}).only_where(tensor(1.0).value());
  CHECK(values_of(everywhere) == Numbers{1, 2, 3});
  CHECK_FALSE(everywhere.is_partial());
}

TEST_CASE("a rule that rearranges moves the mask as well, and reaches nothing that it fills") {
  const Graph graph;
  using rules::Pad, rules::Slicing;
  const Pad::Parameters pad{{1}, {1}, {4}, 9.0};
  const Slicing::Parameters slice{{1}, {1}, {2}};
  const Adjoint<Tensor> all = complete({1, 2, 3}), some = partial({1, 0, 3}, {1, 0, 1});
  const Adjoint<Tensor> padded = Adjoint<Tensor>(variable(tensor({1, 2}))).rearranged<Pad>(pad);
  CHECK(values_of(padded) == Numbers{0, 1, 2, 0});
  CHECK(reached_in(padded) == Numbers{0, 1, 1, 0});
  const Adjoint<Tensor> partly = partial({1, 0}, {1, 0}).rearranged<Pad>(pad);
  CHECK(values_of(partly) == Numbers{0, 1, 0, 0});
  CHECK(reached_in(partly) == Numbers{0, 1, 0, 0});
  CHECK(values_of(all.rearranged<Slicing>(slice)) == Numbers{2, 3});
  CHECK_FALSE(all.rearranged<Slicing>(slice).is_partial());
  CHECK(values_of(some.rearranged<Slicing>(slice)) == Numbers{0, 3});
  CHECK(reached_in(some.rearranged<Slicing>(slice)) == Numbers{0, 1});
}

TEST_CASE("a partial is a tensor or a number, for all elements, those of a mask, or none") {
  const Tensor t = tensor({1, 2});
  const Array mask = tensor({0, 1}).value();
  const auto is = [](const Flow<Tensor>& flow, bool open, const Tensor& partial, double number,
                     const Array& where) {
    CHECK(flow.open == open);
    CHECK(flow.partial.value().is_same(partial.value()));
    if (partial.value().is_null()) CHECK(flow.number == number);
    CHECK(flow.mask.is_same(where));
  };
  is(Flow<Tensor>::of(Zero{}), false, {}, 0.0, {});
  is(Flow<Tensor>::of(2.5), true, {}, 2.5, {});
  is(Flow<Tensor>::of(t), true, t, 0.0, {});
  is(Flow<Tensor>::of(detail::MaskedPartial<double>{mask, 2.5}), true, {}, 2.5, mask);
  is(Flow<Tensor>::of(detail::MaskedPartial<Tensor>{mask, t}), true, t, 0.0, mask);
  is(Flow<Tensor>::of(Gated<double>{true, 2.5}), true, {}, 2.5, {});
  is(Flow<Tensor>::of(Gated<Tensor>{false, t}), false, t, 0.0, {});
}
