// Cross entropy: reference values, derivatives, and special points.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "autodiff/autodiff.hpp"
#include "autodiff/values/indices.hpp"
#include "tests/support/tensor_differences.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {
const Array logits = array_of({2, 3}, {1, -2, 0.5, 0.1, 0.2, 0.3});
const Array weights = array_of({3}, {1, 2, 3});
constexpr double infinity = std::numeric_limits<double>::infinity();
}  // namespace

TEST_CASE("cross entropy of one example and of a batch of rows, to third order") {
  // The same by log_softmax(), which has other rules.
  const struct {
    Shape shape;
    std::vector<std::int64_t> labels;
    Shape shape_of_labels;
  } rows[] = {{{3}, {2}, {}}, {{2, 2, 3}, {0, 2, 1, 1}, {2, 2}}};
  for (const auto& row : rows) {
    CAPTURE(text_of(row.shape));
    Graph graph;
    const Tensor x = variable(Tensor(random_array(row.shape)));
    const Indices labels(row.labels, row.shape_of_labels);
    const Tensor direct = square(cross_entropy_with_logits(
        x, labels, {.label_smoothing = 0.1, .reduction = Reduction::none}));
    const Tensor target = 0.9 * Tensor(one_hot(labels, 3)) + 0.1 / 3.0;
    const Tensor other = square(sum(target * log_softmax(x), -1));
    Tensor a = sum(direct), b = sum(other);
    for (int order = 1; order <= 3; ++order) {
      CAPTURE(order);
      const Tensor da = derivative(a, x), db = derivative(b, x);
      const auto found = numbers_of(da.value()), expected = numbers_of(db.value());
      for (std::size_t i = 0; i < found.size(); ++i)
        CHECK(found[i] == doctest::Approx(expected[i]).epsilon(1e-10));
      const Tensor first = slice(reshape(da, {x.size()}), {{0, 2}});  // a part, not all elements
      a = sum(square(first));
      b = sum(square(slice(reshape(db, {x.size()}), {{0, 2}})));
    }
  }
}

TEST_CASE("cross entropy: mean, smoothing, weights") {
  const Indices labels = {2, 0};
  const Tensor x = logits;
  const auto mean_of = [&](const CrossEntropyWithLogitsOptions<Tensor>& options) {
    return cross_entropy_with_logits(x, labels, options).item();
  };
  CHECK(mean_of({}) == doctest::Approx(1.1032698752857637).epsilon(1e-15));
  CHECK(mean_of({.label_smoothing = 0.1}) == doctest::Approx(1.131603208619097).epsilon(1e-15));
  CHECK(mean_of({.class_weights = weights}) == doctest::Approx(1.0539333888140234).epsilon(1e-15));
  const Tensor each = cross_entropy_with_logits(x, labels, {.reduction = Reduction::none});
  CHECK(each.shape() == Shape{2});
  CHECK(each.at({0}) == doctest::Approx(-log_softmax(logits).element(2)));
  CHECK(mean_of({.reduction = Reduction::sum}) == doctest::Approx(2 * 1.1032698752857637));
  // Both: as in PyTorch, the class weights apply to the smoothed part as well.
  const Array p = log_softmax(logits);
  double expected = 0.0;
  for (std::int64_t k = 0; k < 3; ++k)
    expected -= (p.element(k) + p.element(3 + k)) * weights.element(k) * 0.2 / 3.0;
  expected -= 0.8 * (3.0 * p.element(2) + p.element(3));
  CHECK(mean_of({.class_weights = weights, .label_smoothing = 0.2}) ==
        doctest::Approx(expected / 4.0));
}

TEST_CASE("cross entropy of other shapes, types and sizes") {
  const Array x = random_array({2, 2, 40}, 3);
  const Indices labels(std::vector<std::int64_t>{39, 0, 17, 3}, {2, 2});
  const Array found = cross_entropy_with_logits(x, labels, {.reduction = Reduction::none});
  const Array p = log_softmax(x);
  const std::vector<double> expected = {-p.element(39), -p.element(40), -p.element(97),
                                        -p.element(123)};
  for (std::size_t i = 0; i < 4; ++i)
    CHECK(found.element(static_cast<std::int64_t>(i)) == doctest::Approx(expected[i]));
  const Array single = random_array({64, 10}, 4, -2, 2, DType::float32);
  const std::vector<std::int64_t> single_labels(64, 7);
  const Array loss = cross_entropy_with_logits(single, Indices(single_labels));
  CHECK(loss.dtype() == DType::float32);
  double sum = 0.0;
  for (std::int64_t i = 0; i < 64; ++i) sum -= log_softmax(single).element(10 * i + 7) / 64.0;
  CHECK(loss.element(0) == doctest::Approx(sum).epsilon(1e-6));
  CHECK(
      cross_entropy_with_logits(array_of({3}, {0, 0, 0}), Indices(std::vector<std::int64_t>{1}, {}))
          .element(0) == doctest::Approx(std::log(3.0)));
}

TEST_CASE("cross entropy at large and infinite logits") {
  const Array x = array_of({4, 2}, {1e5, 0, 0, 1e5, -infinity, 3, 1e-9, -40});
  const Array loss =
      cross_entropy_with_logits(x, Indices{0, 0, 1, 0}, {.reduction = Reduction::none});
  CHECK(loss.element(0) == 0.0);
  CHECK(loss.element(1) == 1e5);
  CHECK(loss.element(2) == 0.0);
  CHECK(loss.element(3) == doctest::Approx(std::exp(-40.0)).epsilon(1e-6));
  Graph graph;
  const Tensor v = variable(Tensor(array_of({1, 2}, {1e5, 0})));
  CHECK(numbers_of(gradient(cross_entropy_with_logits(v, Indices{1}))[v].value()) ==
        std::vector<double>{1, -1});
}

TEST_CASE("derivatives of cross entropy, to second order") {
  const Indices labels = {2, 0, 1};
  for (const double smoothing : {0.0, 0.3, 1.0})
    for (const bool weighted : {false, true})
      for (const Reduction reduction : {Reduction::none, Reduction::mean, Reduction::sum}) {
        CrossEntropyWithLogitsOptions<Tensor> options{{}, smoothing, reduction};
        if (weighted) options.class_weights = weights;
        check_derivatives(
            "cross entropy",
            [&](const auto& t) { return cross_entropy_with_logits(t[0], labels, options); },
            {random_array({3, 3}, 6)}, {smoothing == 0.3 ? 2 : 1});
      }
  for (const Array& x : layouts_of(random_array({3, 3}, 7)))
    check_derivatives(
        "cross entropy",
        [&](const auto& t) {
          return square(cross_entropy_with_logits(t[0], labels, {.reduction = Reduction::none}));
        },
        {x});
}

TEST_CASE("errors of cross entropy") {
  const Tensor x = logits;
  CHECK_THROWS_WITH_AS(cross_entropy_with_logits(x, Indices{1}),
                       "cross_entropy_with_logits: for logits of shape [2, 3] labels must have the "
                       "shape [2], not [1]",
                       ShapeError);
  CHECK_THROWS_AS(cross_entropy_with_logits(x, Indices{1, 3}), ShapeError);
  CHECK_THROWS_AS(cross_entropy_with_logits(x, Indices{1, -1}), ShapeError);
  CHECK_THROWS_AS(cross_entropy_with_logits(x, Indices{1, 2}, {.label_smoothing = 1.5}),
                  DomainError);
  CHECK_THROWS_AS(cross_entropy_with_logits(x, Indices{1, 2}, {.class_weights = x}), ShapeError);
  const Array single = array_of({3}, {1, 1, 1}, DType::float32);
  CHECK_THROWS_AS(cross_entropy_with_logits(x, Indices{1, 2}, {.class_weights = single}),
                  DTypeError);
}

TEST_CASE("cross entropy of parts that do not fit") {
  CHECK_THROWS_WITH_AS(cross_entropy_with_logits(array_of({}, {1}), Indices{0}),
                       "cross_entropy_with_logits: logits of rank 0 have no classes", ShapeError);
  const CrossEntropyTarget target = cross_entropy_target(Indices{2, 0}, {}, 0.0);
  CHECK_THROWS_WITH_AS(apply<rules::CrossEntropyAdjoint>(target, logits, array_of({3}, {1, 2, 3})),
                       "cross_entropy_adjoint: adjoints of shape [3] for losses of [2]",
                       ShapeError);
  CHECK(cross_entropy_divisor(target) == 2.0);
  CHECK(cross_entropy_divisor(cross_entropy_target(Indices{2, 0}, weights, 0.0)) == 4.0);
}

TEST_CASE("the adjoint of cross entropy takes adjoints in every layout") {
  const Array x = random_array({2, 2, 3}, 3);
  const Indices labels(std::vector<std::int64_t>{0, 2, 1, 1}, {2, 2});
  const CrossEntropyTarget target = cross_entropy_target(labels, {}, 0.0);
  const Array adjoint = random_array({2, 2}, 4), p = softmax(x);
  for (const Array& a : layouts_of(adjoint)) {
    const Array flow = apply<rules::CrossEntropyAdjoint>(target, x, a);
    for (std::int64_t i = 0; i < 12; ++i) {
      const double label = labels[i / 3] == i % 3 ? 1.0 : 0.0;
      CHECK(flow.element(i) == doctest::Approx(adjoint.element(i / 3) * (p.element(i) - label)));
    }
  }
  const CrossEntropyTarget flat = cross_entropy_target(Indices{0, 2}, {}, 0.0);
  const Array rows = array_of({2, 3}, {1, 2, 3, 4, 6, 5});
  const Array spaced = slice(array_of({2, 2}, {5, 0, 7, 0}), 1, {0, 1});
  const Array got = apply<rules::CrossEntropyAdjoint>(flat, rows, reshape(spaced, {2}));
  CHECK(got.element(1) == doctest::Approx(5.0 * softmax(rows).element(1)));
  CHECK(got.element(3) == doctest::Approx(7.0 * softmax(rows).element(3)));
}
