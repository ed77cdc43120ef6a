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
  for (const Shape& shape : {Shape{2, 0}, Shape{0, 2}, Shape{2}, Shape{2, 3, 1}}) {
    CAPTURE(text_of(shape));
    CHECK(contains(message_of<ShapeError>([&] {
                     nn::accuracy(zeros(shape), {0, 0});
                   }),
                   "accuracy: the scores have shape " + text_of(shape) + ", not [n, classes]"));
  }
  const std::int64_t ones_and_twos[] = {1, 2, 0, 0};
  const Indices column(ones_and_twos, Shape{4, 1});
  CHECK(contains(message_of<ShapeError>([&] { nn::accuracy(scores, column); }),
                 "accuracy: labels of shape [4, 1] for scores of shape [4, 3]"));
  CHECK(contains(message_of<ShapeError>([] { nn::predicted_classes(zeros({3})); }),
                 "predicted_classes: the scores have shape [3]"));
  CHECK_THROWS_AS(nn::predicted_classes(zeros({3, 0})), ShapeError);
  CHECK_THROWS_AS(nn::predicted_classes(zeros({2, 3, 1})), ShapeError);
  // One row is enough, and no row at all has no prediction.
  CHECK(nn::accuracy(tensor({{3, 1}}), {0}) == 1.0);
  // A single column, whose largest score is always the first, needs a binary metric.
  const Tensor single = tensor({{3}, {1}});
  CHECK(contains(message_of<ShapeError>([&] {
                   nn::accuracy(single, {0, 0});
                 }),
                 "accuracy: the scores have one column"));
  CHECK(contains(message_of<ShapeError>([&] {
                   nn::accuracy(single, {0, 1});
                 }),
                 "use binary_accuracy or binary_accuracy_with_logits"));
  CHECK(contains(message_of<ShapeError>([&] {
                   nn::top_k_accuracy(single, {0, 0});
                 }),
                 "binary_accuracy"));
  CHECK(
      contains(message_of<ShapeError>([&] { nn::predicted_classes(single); }), "binary_accuracy"));
  CHECK(contains(message_of<ShapeError>([&] {
                   nn::ConfusionMatrix(single, {0, 0});
                 }),
                 "binary_accuracy"));
  CHECK(nn::predicted_classes(zeros({0, 3})).size() == 0);
}

TEST_CASE("top-k: k = 1 is accuracy, k = classes is 1") {
  CHECK(nn::top_k_accuracy(scores, labels, 1) == nn::accuracy(scores, labels));
  CHECK(nn::top_k_accuracy(scores, labels, 2) == 0.75);
  CHECK(nn::top_k_accuracy(scores, labels, 3) == 1.0);
  CHECK_THROWS_AS(nn::top_k_accuracy(scores, labels, 0), DomainError);
  CHECK_THROWS_AS(nn::top_k_accuracy(scores, {1, 2, 0, 3}, 1), ShapeError);
}

TEST_CASE("top-k: of equal scores the first stand before, and a row with a NaN is wrong") {
  const Tensor equal = tensor({{1, 1, 1}});
  for (const std::int64_t label : {0, 1, 2})
    for (const std::int64_t k : {1, 2, 3}) {
      CAPTURE(label);
      CAPTURE(k);
      CHECK(nn::top_k_accuracy(equal, Indices{label}, k) == (label < k ? 1.0 : 0.0));
    }
  const Tensor damaged = tensor({{5, NAN, 1}, {5, 4, 3}});
  CHECK(nn::top_k_accuracy(damaged, {0, 0}, 1) == 0.5);
  CHECK(nn::top_k_accuracy(damaged, {0, 0}, 3) == 0.5);
  CHECK(nn::top_k_accuracy(tensor({{5, 4, 3}, {1, 2, 3}}), {2, 2}, 2) == 0.5);
}

TEST_CASE("accuracy of probabilities and accuracy of logits are two functions") {
  const Tensor p = tensor({0.6, 0.4, 0.4, 0.6, 0.9}), target = tensor({1, 0, 1, 0, 1});
  for (const DType dtype : {DType::float64, DType::float32}) {
    const Tensor x = astype(p, dtype), t = astype(target, dtype);
    CHECK(nn::binary_accuracy(x, t) == 0.6);
    CHECK(nn::binary_accuracy_with_logits(logit(x), t) == 0.6);
    CHECK(nn::binary_accuracy(x, t, 0.7) == 0.6);
    CHECK(nn::binary_accuracy(x, t, 0.3) == 0.6);
    CHECK(nn::binary_accuracy_with_logits(logit(x), t, 9.0) == 0.4);
  }
  const Tensor four = tensor({1, 0, 1, 0});
  CHECK(nn::binary_accuracy_with_logits(tensor({2, -1, -1, NAN}), four) == 0.5);
  CHECK(nn::binary_accuracy(tensor({0.7, NAN, 0.1, NAN}), four) == 0.25);
  // A score on the threshold is not above it.
  CHECK(nn::binary_accuracy(tensor({0.5, 0.5}), tensor({0, 0})) == 1.0);
  CHECK(nn::binary_accuracy_with_logits(tensor({0, 0}), tensor({0, 0})) == 1.0);
}

TEST_CASE("binary accuracy refuses logits, other targets and thresholds") {
  const auto refused = [](auto call) { return message_of<DomainError>(call); };
  const Tensor logits = tensor({2, -1}), zero_one = tensor({1, 0});
  CHECK(refused([&] { nn::binary_accuracy(logits, zero_one); }) ==
        "binary_accuracy: element 0 of the probabilities is 2, not in [0, 1]; for logits write "
        "binary_accuracy_with_logits");
  for (const double other : {-1.0, 0.5, 2.0, double(NAN)}) {
    const Tensor targets = tensor({1.0, other});
    CHECK(contains(refused([&] { nn::binary_accuracy(zero_one, targets); }), "not 0 or 1"));
    CHECK(contains(refused([&] { nn::binary_accuracy_with_logits(logits, targets); }),
                   "binary_accuracy_with_logits: a target is "));
  }
  for (const double threshold : {-0.1, 1.1, double(NAN)})
    CHECK(contains(refused([&] { nn::binary_accuracy(zero_one, zero_one, threshold); }),
                   "must be in [0, 1]"));
  CHECK_THROWS_AS(nn::binary_accuracy_with_logits(logits, zero_one, double(NAN)), DomainError);
  CHECK_THROWS_AS(nn::binary_accuracy(zeros({4, 1}), zeros({4})), ShapeError);
  CHECK_THROWS_AS(nn::binary_accuracy(Tensor(), zero_one), ShapeError);
  CHECK_THROWS_AS(nn::binary_accuracy_with_logits(zeros({0}), zeros({0})), ShapeError);
}

TEST_CASE("mean absolute error, R2") {
  // Values of scikit-learn 1.2.
  const Tensor x = tensor({2.5, 0.0, 2, 8}), y = tensor({3, -0.5, 2, 7});
  CHECK(nn::mean_absolute_error(x, y) == 0.5);
  CHECK(nn::r2_score(x, y) == doctest::Approx(0.9486081370449679).epsilon(1e-14));
  CHECK(nn::r2_score(y, y) == 1.0);
  CHECK(nn::r2_score(full({4}, 2.875), y) == doctest::Approx(0.0));
  CHECK(nn::r2_score(ones({3}), ones({3})) == 1.0);
  CHECK(nn::r2_score(zeros({3}), ones({3})) == 0.0);
  // Equal targets whose mean is rounded; and numbers whose squares leave the range.
  CHECK(nn::r2_score(tensor({0.2, 0.1, 0.1}), full({3}, 0.1)) == 0.0);
  for (const double unit : {1e-200, 1e160, 1e300})
    CHECK(nn::r2_score(unit * tensor({1, 2}), unit * tensor({1, 3})) == doctest::Approx(0.5));
  CHECK(std::isnan(nn::r2_score(tensor({1, NAN}), tensor({1, 2}))));
  CHECK_THROWS_AS(nn::r2_score(zeros({0}), zeros({0})), ShapeError);
  CHECK_THROWS_AS(nn::r2_score(zeros({3}), zeros({3, 1})), ShapeError);
  CHECK_THROWS_AS(nn::mean_absolute_error(zeros({3}), zeros({3, 1})), ShapeError);
  CHECK_THROWS_AS(nn::mean_absolute_error(zeros({0}), zeros({0})), ShapeError);
  // A batch of data with labels has no targets.
  CHECK_THROWS_AS(nn::mean_absolute_error(x, Tensor()), ShapeError);
  CHECK_THROWS_AS(nn::r2_score(x, Tensor()), ShapeError);
  CHECK(nn::mean_absolute_error(zeros({1}), ones({1})) == 1.0);
}

TEST_CASE("confusion matrix: counts, rates and table") {
  nn::ConfusionMatrix matrix(scores, labels);
  CHECK(matrix.size() == 4);
  CHECK(matrix.classes() == 3);
  CHECK(matrix.count(0, 0) == 1);
  CHECK(matrix.count(0, 2) == 1);
  CHECK(matrix.count(2, 0) == 1);
  CHECK(matrix.accuracy() == 0.5);
  CHECK(matrix.precision(0) == 0.5);
  CHECK(matrix.recall(0) == 0.5);
  CHECK(matrix.f1(1) == 1.0);
  CHECK(matrix.f1(2) == 0.0);
  // The harmonic mean of a precision and a recall that differ: 1 of 4 and 1 of 2.
  CHECK(nn::ConfusionMatrix(2).f1(0) == 0.0);
  nn::ConfusionMatrix uneven(2);
  uneven.add(Indices{0, 0, 0, 0, 1}, Indices{0, 1, 1, 1, 0});
  CHECK(uneven.precision(0) == 0.25);
  CHECK(uneven.recall(0) == 0.5);
  CHECK(uneven.f1(0) == doctest::Approx(1.0 / 3.0).epsilon(1e-15));
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
  CHECK_THROWS_AS(matrix.count(0, 3), ShapeError);
  CHECK_THROWS_AS(matrix.count(-1, 0), ShapeError);
  CHECK_THROWS_AS(matrix.count(0, -1), ShapeError);
  CHECK_THROWS_AS(nn::ConfusionMatrix(0), ShapeError);
  CHECK_THROWS_AS(matrix.add(Indices{3}, Indices{0}), ShapeError);
  CHECK_THROWS_AS(matrix.add(Indices{0}, Indices{3}), ShapeError);
  CHECK_THROWS_AS(matrix.add(Indices{0, 1}, Indices{0}), ShapeError);
  CHECK(contains(message_of<ShapeError>([&] {
                   matrix.add(zeros({1, 2}), Indices{0});
                 }),
                 "ConfusionMatrix::add: scores of 2 classes, not 3"));

  nn::ConfusionMatrix empty(2);
  CHECK(empty.accuracy() == 0.0);
  CHECK(empty.precision(0) == 0.0);
  empty.add(tensor({{NAN, 0}}), Indices{0});
  CHECK(empty.size() == 1);
  CHECK(empty.accuracy() == 0.0);
  // Of two rows, the one with a NaN counts as a prediction that is wrong.
  empty.add(tensor({{NAN, 0}, {0, 1}}), Indices{1, 1});
  CHECK(empty.count(1, 1) == 1);
  CHECK(empty.accuracy() == doctest::Approx(1.0 / 3.0));
}

TEST_CASE("confusion matrix: a wide table, and one class") {
  nn::ConfusionMatrix wide(2);
  const std::vector<std::int64_t> zeroes(1234567, 0);
  wide.add(Indices(zeroes), Indices(zeroes));
  const std::vector<std::string> names = {"a", "a name longer than the corner"};
  const std::string gap(28, ' ');  // what the longest name leaves of its column
  CHECK(wide.text(names) == "actual \\ predicted" + gap.substr(15) + gap + "a  " + names[1] +
                                "  recall\n" + "a" + gap + "  " + gap.substr(6) + "1234567  " +
                                gap + "0   1.000\n" + names[1] + "  " + gap + "0  " + gap +
                                "0   0.000\n" + "precision" + gap.substr(6) + gap.substr(4) +
                                "1.000  " + gap.substr(4) + "0.000   1.000\n");
  CHECK(wide.text() ==
        "actual \\ predicted        0        1  recall\n"
        "0                   1234567        0   1.000\n"
        "1                         0        0   0.000\n"
        "precision             1.000    0.000   1.000\n");
  const std::vector<std::string> wide_first = {"elephants", "b"};
  CHECK(contains(wide.text(wide_first), "  elephants          b  recall\n"));
  nn::ConfusionMatrix one(1);
  one.add(Indices{0}, Indices{0});
  CHECK(one.f1(0) == 1.0);
}
