#include "nn/losses/metrics.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "autodiff/autodiff.hpp"
#include "tests/support/message_of.hpp"

using namespace chainrule;

namespace {
const Tensor scores = tensor({{0.1, 0.7, 0.2}, {2, 1, 2}, {-1, -3, -2}, {0, 1, 5}});
const Indices labels{1, 2, 0, 0};
}  // namespace

TEST_CASE("accuracy: the largest score, the first of equal ones, never a NaN") {
  CHECK(nn::predicted_classes(scores).to_vector() == std::vector<std::int64_t>{1, 0, 0, 2});
  CHECK(nn::accuracy(scores, labels) == 0.5);
  CHECK(nn::accuracy(astype(scores, DType::float32), labels) == 0.5);
  CHECK(nn::accuracy(transpose(transpose(scores)), labels) == 0.5);
  const Tensor damaged = tensor({{NAN, 1}, {0, 1}});
  CHECK(nn::predicted_classes(damaged).to_vector() == std::vector<std::int64_t>{-1, 1});
  CHECK(nn::accuracy(damaged, {1, 1}) == 0.5);
  CHECK_THROWS_AS(nn::accuracy(scores, {1, 2}), ShapeError);
  CHECK_THROWS_AS(nn::accuracy(scores, {1, 2, 0, 3}), ShapeError);
  CHECK_THROWS_AS(nn::accuracy(zeros({0, 3}), Indices()), ShapeError);
  CHECK_THROWS_AS(nn::accuracy(zeros({3}), {1, 1, 1}), ShapeError);
}

TEST_CASE("top-k: k = 1 is accuracy, k = classes is 1") {
  CHECK(nn::top_k_accuracy(scores, labels, 1) == nn::accuracy(scores, labels));
  CHECK(nn::top_k_accuracy(scores, labels, 2) == 0.75);
  CHECK(nn::top_k_accuracy(scores, labels, 3) == 1.0);
  CHECK_THROWS_AS(nn::top_k_accuracy(scores, labels, 0), DomainError);
}

TEST_CASE("binary accuracy, mean absolute error, R2") {
  const Tensor target = tensor({1, 0, 1, 0});
  CHECK(nn::binary_accuracy(tensor({2, -1, -1, NAN}), target) == 0.5);
  CHECK(nn::binary_accuracy(tensor({0.6, 0.4, 0.4, 0.6}), target, 0.5) == 0.5);
  CHECK(nn::binary_accuracy(tensor({2, -1}), tensor({1, -1})) == 1.0);
  CHECK_THROWS_AS(nn::binary_accuracy(zeros({4, 1}), target), ShapeError);

  // Values of scikit-learn 1.2.
  const Tensor x = tensor({2.5, 0.0, 2, 8}), y = tensor({3, -0.5, 2, 7});
  CHECK(nn::mean_absolute_error(x, y) == 0.5);
  CHECK(nn::r2_score(x, y) == doctest::Approx(0.9486081370449679).epsilon(1e-14));
  CHECK(nn::r2_score(y, y) == 1.0);
  CHECK(nn::r2_score(full({4}, 2.875), y) == doctest::Approx(0.0));
  CHECK(nn::r2_score(ones({3}), ones({3})) == 1.0);
  CHECK(nn::r2_score(zeros({3}), ones({3})) == 0.0);
  CHECK_THROWS_AS(nn::r2_score(zeros({0}), zeros({0})), ShapeError);
  CHECK_THROWS_AS(nn::mean_absolute_error(zeros({3}), zeros({3, 1})), ShapeError);
}

TEST_CASE("confusion matrix: counts, rates and table") {
  nn::ConfusionMatrix matrix(scores, labels);
  CHECK(matrix.size() == 4);
  CHECK(matrix.count(0, 0) == 1);
  CHECK(matrix.count(0, 2) == 1);
  CHECK(matrix.count(2, 0) == 1);
  CHECK(matrix.accuracy() == 0.5);
  CHECK(matrix.precision(0) == 0.5);
  CHECK(matrix.recall(0) == 0.5);
  CHECK(matrix.f1(1) == 1.0);
  CHECK(matrix.f1(2) == 0.0);
  matrix.add(Indices{1, 1}, Indices{1, 0});
  CHECK(matrix.count(0, 1) == 1);
  CHECK(matrix.size() == 6);
  const std::vector<std::string> names = {"cat", "dog", "elephant"};
  CHECK(matrix.text(names) ==
        "actual \\ predicted       cat       dog  elephant  recall\n"
        "cat                        1         1         1   0.333\n"
        "dog                        0         2         0   1.000\n"
        "elephant                   1         0         0   0.000\n"
        "precision              0.500     0.667     0.000   0.500\n");
  CHECK(contains(matrix.text(), "precision            0.500   0.667   0.000   0.500"));
  CHECK_THROWS_AS(matrix.text(std::span(names).first(2)), ShapeError);
  CHECK_THROWS_AS(matrix.count(3, 0), ShapeError);
  CHECK_THROWS_AS(nn::ConfusionMatrix(0), ShapeError);
  CHECK_THROWS_AS(matrix.add(Indices{3}, Indices{0}), ShapeError);
  CHECK_THROWS_AS(matrix.add(zeros({1, 2}), Indices{0}), ShapeError);

  nn::ConfusionMatrix empty(2);
  CHECK(empty.accuracy() == 0.0);
  CHECK(empty.precision(0) == 0.0);
  empty.add(tensor({{NAN, 0}}), Indices{0});
  CHECK(empty.size() == 1);
  CHECK(empty.accuracy() == 0.0);
}
