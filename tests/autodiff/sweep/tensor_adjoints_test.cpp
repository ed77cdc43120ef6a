// The array of tensor adjoints: copies, moves, and adding to single elements in place.
#include <doctest/doctest.h>

#include <utility>
#include <vector>

#include "autodiff/autodiff.hpp"

using namespace chainrule;

TEST_CASE("a copied, moved or reassigned gradient keeps the adjoints of its tensors") {
  Graph graph;
  const Tensor a = variable(tensor({1.0, 2.0})), b = variable(tensor({{3.0, 4.0}}));
  const Var number = variable(5.0);
  const Gradient of_both = gradient(sum(a * a * b) * number);
  const Tensor later = variable(tensor({7.0}));
  Gradient of_later = gradient(Var(sum(later * later)) + a.element({0}));

  const Gradient copy = of_both;
  CHECK(copy[a].at({1}) == 80.0);
  CHECK(copy[b].at({0, 0}) == 5.0);
  CHECK(copy.tensor_adjoint(number.id()).is_null());

  Gradient moved = std::move(of_later);
  CHECK(moved[later].item() == 14.0);
  CHECK(moved[a].at({0}) == 1.0);
  CHECK(moved[b].at({0, 1}) == 0.0);
  moved = of_both;
  CHECK(moved[b].at({0, 1}) == 20.0);
  CHECK(moved[later].item() == 0.0);  // recorded after the output
  CHECK(moved.tensor_adjoint(later.id()).is_null());
  of_later = std::move(moved);
  CHECK(of_later[a].at({0}) == 30.0);
}

TEST_CASE("an element is added to an adjoint that is a transposed view") {
  // value_and_gradient() ends the adjoint of the transpose before it comes to the element.
  const auto f = [](std::span<const Var> v) {
    const Tensor x = reshape(stack(v), {2, 3});
    const Var element = x.element({0, 1});
    const Tensor weights = tensor({{1.0, 2.0}, {3.0, 4.0}, {5.0, 6.0}});
    return Var(sum(transpose(x) * weights)) + 100.0 * element;
  };
  const ValueAndGradient result = value_and_gradient(f, {1.0, 2.0, 3.0, 4.0, 5.0, 6.0});
  const std::vector<double> expected = {1.0, 103.0, 5.0, 2.0, 4.0, 6.0};
  CHECK(result.gradient == expected);
}

TEST_CASE(
    "an element is added to a copy of a shared adjoint, in which nothing has reached others") {
  // At 0 the partial of sqrt is infinite: nothing may reach it.
  Graph graph;
  const Tensor v = variable(tensor({0.0, 1.0, 4.0}));
  const Tensor x = sqrt(v);
  const Var element = x.element({2});
  const Tensor shifted = x + 1.0;  // passes its own adjoint on
  const Gradient d = gradient(Var(sum(slice(shifted, {Slice{1, 2}}))) + element);
  CHECK(d[v].at({0}) == 0.0);
  CHECK(d[v].at({1}) == 0.5);
  CHECK(d[v].at({2}) == 0.25);
  CHECK(d[shifted].at({2}) == 0.0);
}

TEST_CASE("a partial that is always 0 passes nothing") {
  Graph graph;
  const Tensor x = variable(tensor({1.5, 2.5}));
  const Gradient d = gradient(sum(floor(x) * x));
  CHECK(d[x].at({1}) == 2.0);
  const Gradient none = gradient(sum(floor(x)));
  CHECK_FALSE(none.reaches(x.id()));
  CHECK(none[x].at({0}) == 0.0);
}

TEST_CASE("the adjoint of a result of a structural operation can be read after the sweep") {
  Graph graph;
  const Tensor x = variable(tensor({{1, 2}, {3, 4}})), w = variable(tensor({{5, 6}, {7, 8}}));
  const Tensor product = matmul(x, w), turned = transpose(product);
  const Gradient slope = gradient(sum(square(turned)));
  CHECK(to_vector(slope[product]) == std::vector<double>{38, 44, 86, 100});
  CHECK(to_vector(slope[turned]) == std::vector<double>{38, 86, 44, 100});
}
