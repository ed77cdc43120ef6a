// Behaviour of both sweeps over tensors: numbers that are 0, elements that are not reached, and
// tensors that are used piece by piece.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "autodiff/autodiff.hpp"

using namespace chainrule;

namespace {

using Numbers = std::vector<double>;

/// The derivatives from the numeric sweep. Those from the recorded sweep must be identical or NaN.
Numbers slopes(const Tensor& y, const Tensor& x) {
  const Tensor sum_of_y = sum(y);
  const Numbers swept = to_vector(gradient(sum_of_y)[x]);
  const Numbers recorded = to_vector(derivative(sum_of_y, x));
  REQUIRE(swept.size() == recorded.size());
  for (std::size_t i = 0; i < swept.size(); ++i) {
    const bool same = swept[i] == recorded[i] || (std::isnan(swept[i]) && std::isnan(recorded[i]));
    CHECK(same);
  }
  return swept;
}

}  // namespace

TEST_CASE("a constant that is stacked with variables receives no adjoint") {
  // The index of the constant 5 among the constants is the id of another node.
  Graph graph;
  const Var x = variable(1.0);
  const std::vector<Var> parts = {x * 2.0, Var(5.0)};
  const Var y(sum(stack(parts) * tensor({3, 7})));
  CHECK(y.value() == 41.0);
  CHECK(gradient(y)[x] == 6.0);
  CHECK(derivative(y, x).value() == 6.0);
}

TEST_CASE("einsum without sums keeps elements that are not reached") {
  Graph graph;
  const Tensor x = variable(tensor({1, 2})), infinite = tensor({INFINITY, 3});
  CHECK(slopes(slice(einsum("i,i->i", {x, infinite}), 0, {1}), x) == Numbers{0, 3});
  CHECK(slopes(slice(einsum("i,i->i", {infinite, x}), 0, {1}), x) == Numbers{0, 3});
  const Tensor m = variable(tensor({{1, 2}, {3, 4}}));
  CHECK(slopes(slice(einsum("ij,j->ji", {m, infinite}), 0, {1}), m) == Numbers{0, 3, 0, 3});
  CHECK(slopes(einsum("ij,j->ij", {m, x}), x) == Numbers{4, 6});
}

TEST_CASE("a derivative that is the number 0, of either sign, is not a structural zero") {
  Graph graph;
  const Tensor x = variable(tensor({0, 1}));  // at 0 the derivative of sqrt is infinite
  const auto is_fault = [&](const Tensor& y) {
    const Numbers d = slopes(y, x);
    return std::isnan(d[0]) && d[1] == 0.0;
  };
  CHECK(is_fault(sqrt(x) * -1.0 * 0.0));
  CHECK(is_fault(einsum("i,i->i", {sqrt(x), tensor({-1, -1})}) * 0.0));
  const Tensor outputs[] = {sqrt(x)};
  for (const double zero : {0.0, -0.0}) {
    const Tensor seeds[] = {tensor({zero, 1})};
    const Numbers swept = to_vector(gradient(outputs, seeds)[x]);
    CHECK(std::isnan(swept[0]));
    CHECK(swept[1] == 0.5);
    const Tensor inputs[] = {x};
    const Numbers recorded = to_vector(derivative(outputs, seeds, inputs)[0]);
    CHECK(std::isnan(recorded[0]));
    CHECK(recorded[1] == 0.5);
  }
}

TEST_CASE("slices that overlap, run backwards or are slices of slices add up") {
  Graph graph;
  const Tensor x = variable(tensor({1, 2, 3, 4, 5}));
  const Tensor back = slice(x, 0, {Slice::none, Slice::none, -2});                  // 5 3 1
  const Tensor y = concat({slice(x, 0, {1, 4}) * 2.0, back * tensor({10, 20, 30}),  //
                           slice(slice(x, 0, {1}), 0, {2, 3}) * 100.0,              // 4
                           slice(x, 0, {2, 2})});                                   // empty
  CHECK(slopes(y, x) == Numbers{30, 2, 22, 102, 10});
  CHECK(slopes(concat({square(slice(x, 0, {1, 3})), x}), x) == Numbers{1, 5, 7, 1, 1});
}

TEST_CASE("elements that a slice or an index leaves out are not reached") {
  Graph graph;
  const Tensor x = variable(tensor({0, 4, 0, 1}));
  CHECK(slopes(slice(sqrt(x), 0, {1, Slice::none, 2}), x) == Numbers{0, 0.25, 0, 0.5});
  CHECK(slopes(index_select(sqrt(x), 0, Indices{3, 1, 1}), x) == Numbers{0, 0.5, 0, 0.5});
  const Tensor root = sqrt(x);
  CHECK(slopes(index_select(root, 0, Indices{1}) + slice(root, 0, {3}), x) ==
        Numbers{0, 0.25, 0, 0.5});
}

TEST_CASE("elements of a tensor are differentiated at the cost of the tensor") {
  Graph graph;
  const std::int64_t n = 500;
  const Tensor x = variable(linspace(1.0, 2.0, n));
  Var total = 0.0;
  for (std::int64_t i = 0; i < n; ++i) total = total + square(x.element({i}));
  total = total + x.element({7}) * x.element({7});  // once more
  const auto before = graph.statistics().bytes;
  const Tensor slope = derivative(total, x);
  // A tensor as large as x for each element would be 4 MB; each recorded product takes some 50 B.
  CHECK(graph.statistics().bytes - before < 400'000);
  for (const std::int64_t i : {std::int64_t{0}, std::int64_t{7}, n - 1})
    CHECK(slope.at({i}) == doctest::Approx((i == 7 ? 4.0 : 2.0) * x.at({i})).epsilon(1e-15));
  const Tensor curvature = derivative(sum(slope), x);
  CHECK(curvature.at({0}) == 2.0);
  CHECK(curvature.at({7}) == 4.0);
}

TEST_CASE("each number in a stack gets the adjoint of its own element") {
  Graph graph;
  const std::vector<Var> x = {variable(2.0), variable(3.0), variable(5.0)};
  const Tensor y = stack(x);
  const Tensor total = sum(y * tensor({7, 11, 13}) + square(y));
  const Gradient swept = gradient(total);
  const std::vector<Var> recorded = derivative(Var(total), x);
  const double expected[] = {7 + 4, 11 + 6, 13 + 10};
  for (std::size_t i = 0; i < x.size(); ++i) {
    CAPTURE(i);
    CHECK(swept[x[i]] == expected[i]);
    CHECK(recorded[i].value() == expected[i]);
  }
  // A number that stands in the stack twice gets both.
  const Tensor twice = stack(std::vector<Var>{x[0], x[1], x[0]});
  CHECK(gradient(sum(twice * tensor({1, 10, 100})))[x[0]] == 101.0);
  CHECK(derivative(Var(sum(twice * tensor({1, 10, 100}))), x[0]).value() == 101.0);
}

TEST_CASE("an adjoint that several tensors share is not changed through one of them") {
  // A sum hands its own adjoint to both operands, without a copy. The operands are used once more
  // by nodes that are older than the sum, so the sweep adds to their adjoints after that.
  Graph graph;
  const Tensor x = variable(tensor({1, 2, 3})), y = variable(tensor({4, 5, 6}));
  const Tensor weights = tensor({7, 8, 9});
  const auto check = [&](const Tensor& older, const Numbers& more) {
    const Tensor both = x + y;
    const Tensor outputs[] = {both, older};
    const Tensor seeds[] = {weights, ones(older.shape())};
    const Gradient d = gradient(outputs, seeds);
    CHECK(to_vector(d[both]) == Numbers{7, 8, 9});
    CHECK(to_vector(d[y]) == Numbers{7, 8, 9});
    CHECK(to_vector(d[x]) == more);
    CHECK(to_vector(weights) == Numbers{7, 8, 9});
  };
  check(slice(x, 0, {0, 1}), {8, 8, 9});                 // adds to a part
  check(index_select(x, 0, Indices{2, 2}), {7, 8, 11});  // adds to chosen rows
  check(x.element({1}) * tensor({10}), {7, 18, 9});      // adds to an element
  check(x * tensor({10, 20, 30}), {17, 28, 39});         // adds a product, element by element
  check(reshape(x, {3, 1}), {8, 9, 10});                 // adds a whole adjoint
}

TEST_CASE("what is added in place to an adjoint that is a transposed view goes to its own place") {
  // value_and_gradient() drops the adjoints of intermediate tensors, so the view is the only user
  // of its memory when the older nodes add to it.
  const std::vector<double> at = {1, 2, 3, 4};
  const auto slopes_with = [&](auto older) {
    return value_and_gradient(
               [&](std::span<const Var> x) {
                 const Tensor t = reshape(stack(std::vector<Var>(x.begin(), x.end())), {2, 2});
                 const Tensor more = older(t);
                 return Var(sum(transpose(t) * tensor({{5, 6}, {7, 8}}))) + Var(sum(more));
               },
               at)
        .gradient;
  };
  CHECK(slopes_with([](const Tensor& t) {
          return t.element({0, 1}) * tensor({100});
        }) == Numbers{5, 107, 6, 8});
  CHECK(slopes_with([](const Tensor& t) {
          return t * tensor({{10, 20}, {30, 40}});
        }) == Numbers{15, 27, 36, 48});
  CHECK(slopes_with([](const Tensor& t) { return slice(t, 0, {0, 1}); }) == Numbers{6, 8, 6, 8});
}

TEST_CASE("derivatives with respect to nothing, and of an output older than the input") {
  Graph graph;
  const Var x = variable(2.0), y = x * x, z = variable(3.0);
  CHECK(derivative(y, std::vector<Var>{}).empty());
  const Var none = derivative(y, z);
  CHECK(none.is_constant());
  CHECK(none.value() == 0.0);
}

TEST_CASE("a copy of a gradient has the adjoints of tensors and is independent of the first") {
  Graph graph;
  const Tensor x = variable(tensor({1, 2, 3})), y = variable(tensor({4, 5, 6}));
  Gradient first = gradient(sum(x * y));
  Gradient copy = first;
  first = gradient(sum(square(x)));
  CHECK(to_vector(copy[x]) == Numbers{4, 5, 6});
  CHECK(to_vector(copy[y]) == Numbers{1, 2, 3});
  CHECK(to_vector(first[x]) == Numbers{2, 4, 6});
  CHECK(to_vector(first[y]) == Numbers{0, 0, 0});
  copy = first;
  CHECK(to_vector(copy[x]) == Numbers{2, 4, 6});
  const Var a = variable(3.0);
  Gradient of_square = gradient(a * a);
  const Gradient moved = std::move(of_square);
  CHECK(moved[a] == 6.0);
  CHECK(moved.reaches(a.id()));
}

TEST_CASE("what a stack of numbers is used for reaches only its own numbers") {
  Graph graph;
  const Var at_zero = variable(0.0), b = variable(4.0);
  const Var a = sqrt(at_zero);  // its slope is infinite: 0 times it would be NaN
  const Tensor part = sum(slice(sqrt(stack(std::vector<Var>{a, b})), 0, {1}));
  CHECK(derivative(part, at_zero).value() == 0.0);
  CHECK(derivative(part, b).value() == 0.25);
  CHECK(gradient(part)[at_zero] == 0.0);
  CHECK(gradient(part)[b] == 0.25);
}

TEST_CASE("second derivatives through slices reach what the slices of slopes leave") {
  Graph graph;
  const Tensor x = variable(tensor({0, 4, 9}));
  const Tensor roots = slice(sqrt(x), 0, {1});
  const Tensor slope = derivative(sum(roots * roots * roots), x);  // 1.5 sqrt(x), but for the first
  CHECK(slope.at({1}) == doctest::Approx(3.0));
  const Numbers curvature = slopes(slice(slope, 0, {2}), x);
  CHECK(curvature[0] == 0.0);
  CHECK(curvature[1] == 0.0);
  CHECK(curvature[2] == doctest::Approx(0.25));
}
