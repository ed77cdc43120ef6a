#include "nn/losses/losses.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "autodiff/autodiff.hpp"
#include "tests/support/message_of.hpp"

using namespace chainrule;
using nn::Reduction;

namespace {

const Tensor& x() {
  static const Tensor value = tensor({{1, -2, 0.5}, {0.1, 0.2, 0.3}});
  return value;
}
const Tensor& y() {
  static const Tensor value = tensor({{0, 1, 0}, {1, 0, 1}});
  return value;
}
const Indices& labels() {
  static const Indices value{2, 0};
  return value;
}

void check(const Tensor& loss, double expected) {
  CHECK(loss.item() == doctest::Approx(expected).epsilon(2e-15));
}

}  // namespace

TEST_CASE("losses have their reference values") {
  check(nn::mse(x(), y()), 1.9316666666666667);
  check(nn::l1(x(), y()), 1.05);
  check(nn::huber(x(), y()), 0.6325);
  check(nn::huber(x(), y(), 0.5), 0.4075);
  check(nn::smooth_l1(x(), y(), 0.5), 0.815);
  check(nn::cross_entropy(x(), labels()), 1.1032698752857637);
  check(nn::cross_entropy(x(), labels(), {.label_smoothing = 0.1}), 1.131603208619097);
  check(nn::cross_entropy(x(), labels(), {.class_weights = {1, 2, 3}}), 1.0539333888140234);
  check(nn::bce_with_logits(x(), y()), 1.0685262427774986);
  check(nn::bce_with_logits(x(), y(), Reduction::mean, 2.0), 1.6228062287083436);
  check(nn::half_squared_error(x(), y()), 1.9316666666666667 * 6 / 2);
}

TEST_CASE("reductions: none, sum, mean") {
  CHECK(nn::mse(x(), y(), Reduction::none).at({0, 1}) == 9.0);
  check(nn::mse(x(), y(), Reduction::sum), 1.9316666666666667 * 6);
  const Tensor rows = nn::cross_entropy(x(), labels(), {.reduction = Reduction::none});
  CHECK(rows.shape() == Shape{2});
  CHECK((rows.at({0}) + rows.at({1})) / 2 == doctest::Approx(1.1032698752857637).epsilon(1e-15));
  check(nn::cross_entropy(x(), labels(), {.reduction = Reduction::sum}), 2 * 1.1032698752857637);
  // A weighted mean divides by the weights of the labels: those of classes 2 and 0.
  const Tensor weighted =
      nn::cross_entropy(x(), labels(), {.class_weights = {1, 2, 3}, .reduction = Reduction::none});
  CHECK((weighted.at({0}) + weighted.at({1})) / 4 ==
        doctest::Approx(1.0539333888140234).epsilon(1e-15));
}

TEST_CASE("log probabilities and logits agree") {
  check(nn::nll(log_softmax(x(), 1), labels()), 1.1032698752857637);
  check(nn::nll(log_softmax(x(), 1), labels(), {.class_weights = {1, 2, 3}}), 1.0539333888140234);
  const Tensor p = sigmoid(x());
  check(nn::bce(p, y()), 1.0685262427774986);
}

TEST_CASE("the logarithms of bce are bounded by -100; exact predictions have loss 0") {
  const Tensor p = tensor({0, 1, 0, 1}), t = tensor({0, 1, 1, 0});
  const Tensor losses = nn::bce(p, t, Reduction::none);
  CHECK(losses.at({0}) == 0);
  CHECK(losses.at({1}) == 0);
  CHECK(losses.at({2}) == 100);
  CHECK(losses.at({3}) == 100);
  Graph graph;
  const Tensor v = variable(p);
  const Gradient d = gradient(nn::bce(v, t, Reduction::sum));
  for (std::int64_t i = 0; i < 4; ++i) CHECK(std::isfinite(d[v].at({i})));
}

TEST_CASE("logits of any magnitude") {
  const Tensor z = tensor({-1000, 1000, 800}), t = tensor({0, 1, 0});
  const Tensor losses = nn::bce_with_logits(z, t, Reduction::none);
  CHECK(losses.at({0}) == 0);
  CHECK(losses.at({1}) == 0);
  CHECK(losses.at({2}) == 800);
  check(nn::cross_entropy(tensor({{1000, -1000}}), Indices{0}), 0);
  check(nn::cross_entropy(tensor({{1000, -1000}}), Indices{1}), 2000);
}

TEST_CASE("losses of confident correct predictions are accurate in both element types") {
  for (const DType dtype : {DType::float32, DType::float64})
    for (const double x : {1.0, 10.0, 12.0, 15.0, 32.0, 35.0, 80.0}) {
      CAPTURE(x);
      const double exact = std::log1p(std::exp(-x));
      const auto loss = [&](double logit, double target, double weight = 1.0) {
        return nn::bce_with_logits(full({1}, logit, dtype), full({1}, target, dtype),
                                   nn::Reduction::mean, weight)
            .item();
      };
      const double digits = dtype == DType::float32 ? 1e-6 : 1e-14;
      CHECK(loss(x, 1.0) == doctest::Approx(exact).epsilon(digits));
      CHECK(loss(-x, 0.0) == doctest::Approx(exact).epsilon(digits));
      CHECK(loss(x, 1.0, 3.0) == doctest::Approx(3.0 * exact).epsilon(digits));
      CHECK(loss(x, 0.0) == doctest::Approx(x + exact).epsilon(digits));
      CHECK(loss(-x, 1.0, 3.0) == doctest::Approx(3.0 * (x + exact)).epsilon(digits));
    }
}

TEST_CASE("all derivatives exist at logits of 0, where untrained models start") {
  Graph graph;
  const Tensor x = variable(tensor({0, 0}));
  const Tensor slope = derivative(nn::bce_with_logits(x, tensor({0, 1}), nn::Reduction::sum), x);
  CHECK(to_vector(slope) == std::vector<double>{0.5, -0.5});
  CHECK(to_vector(derivative(sum(slope), x)) == std::vector<double>{0.25, 0.25});
}

TEST_CASE("classes with probability 0 and factor 0 do not change the loss") {
  Graph graph;
  const Tensor all = variable(tensor({{0, 1, 2}}));
  const Tensor z = where(tensor({{1, 1, 0}}), all, -INFINITY);
  const Tensor loss = nn::nll(log_softmax(z), Indices{1});
  CHECK(loss.item() == doctest::Approx(nn::cross_entropy(z, Indices{1}).item()).epsilon(1e-14));
  const Tensor slope = gradient(loss)[all];
  CHECK(slope.at({0, 0}) == doctest::Approx(0.26894142136999512).epsilon(1e-14));
  CHECK(slope.at({0, 2}) == 0.0);
  check(nn::kl_div(tensor({0, -double(INFINITY)}), tensor({1, 0}), nn::Reduction::sum), 0);
}

TEST_CASE("an unassigned tensor is an error") {
  const auto message = [](const Tensor& x, const Tensor& y) {
    return message_of<ShapeError>([&] { nn::mse(x, y); });
  };
  CHECK(contains(message(ones({2}), Tensor()), "mse: the target is a Tensor that was never"));
  CHECK(contains(message(ones({2}), Tensor()), "(a Batch of data with labels has no targets)"));
  CHECK(contains(message(Tensor(), ones({2})), "mse: the prediction is a Tensor that was never"));
  CHECK_FALSE(contains(message(Tensor(), ones({2})), "Batch"));
}

TEST_CASE("divergence and hinge") {
  const Tensor p = tensor({0.2, 0.8}), q = tensor({0.5, 0.5}), certain = tensor({0, 1});
  check(nn::kl_div(log(q), p, Reduction::sum), 0.2 * std::log(0.4) + 0.8 * std::log(1.6));
  check(nn::kl_div(log(q), certain, Reduction::sum), std::log(2.0));
  check(nn::hinge(tensor({0.5, 2, -1}), tensor({1, 1, 1})), (0.5 + 0 + 2) / 3);
  check(nn::hinge(tensor({0.5}), tensor({-1}), 2.0), 2.5);
}

TEST_CASE("derivatives") {
  Graph graph;
  const Tensor z = variable(x());
  const auto expect = [&](const Tensor& loss, auto by_hand) {
    const Tensor d = gradient(loss)[z];
    for (std::int64_t i = 0; i < 6; ++i) {
      const double a = x().value().element(i), b = y().value().element(i);
      CHECK(d.value().element(i) == doctest::Approx(by_hand(a, b) / 6).epsilon(1e-14));
    }
  };
  expect(nn::half_squared_error(z, y()), [](double a, double b) { return 6 * (a - b); });
  expect(nn::mse(z, y()), [](double a, double b) { return 2 * (a - b); });
  expect(nn::l1(z, y()), [](double a, double b) { return a > b ? 1.0 : -1.0; });
  expect(nn::huber(z, y(), 0.6), [](double a, double b) { return std::clamp(a - b, -0.6, 0.6); });
  expect(nn::smooth_l1(z, y(), 0.6),
         [](double a, double b) { return std::clamp(a - b, -0.6, 0.6) / 0.6; });
  expect(nn::bce_with_logits(z, y()),
         [](double a, double b) { return 1 / (1 + std::exp(-a)) - b; });
  expect(nn::bce_with_logits(z, y(), Reduction::mean, 3.0),
         [](double a, double b) { return (1 - b) - (1 + 2 * b) / (1 + std::exp(a)) + 0 * b; });
  const Tensor d = gradient(nn::cross_entropy(z, labels()))[z], p = softmax(x(), 1);
  for (std::int64_t i = 0; i < 2; ++i)
    for (std::int64_t c = 0; c < 3; ++c)
      CHECK(d.at({i, c}) ==
            doctest::Approx((p.at({i, c}) - (c == labels()[i] ? 1 : 0)) / 2).epsilon(1e-14));
}

TEST_CASE("shapes, labels and options that do not fit are errors") {
  const Tensor column = ones({3, 1}), row = ones({3});
  CHECK(contains(message_of<ShapeError>([&] { nn::mse(column, row); }), "mse"));
  CHECK_THROWS_AS(nn::cross_entropy(x(), Indices{0}), ShapeError);
  CHECK_THROWS_AS(nn::cross_entropy(x(), Indices{0, 3}), ShapeError);
  CHECK_THROWS_AS(nn::cross_entropy(x(), labels(), {.class_weights = {1, 2}}), ShapeError);
  CHECK_THROWS_AS(nn::cross_entropy(x(), labels(), {.class_weights = {1, 2, -1}}), DomainError);
  CHECK_THROWS_AS(nn::cross_entropy(x(), labels(), {.label_smoothing = 2.0}), DomainError);
  CHECK_THROWS_AS(nn::huber(x(), y(), 0.0), DomainError);
  CHECK_THROWS_AS(nn::smooth_l1(x(), y(), -1.0), DomainError);
}

TEST_CASE("every loss of two tensors refuses shapes that differ, and says its name") {
  const Tensor column = full({3, 1}, 0.5), row = full({3}, 0.5);
  const auto check_name = [](const char* name, auto call) {
    CAPTURE(name);
    const std::string message = message_of<ShapeError>(call);
    CHECK(message.rfind(std::string(name) + ": the prediction has shape", 0) == 0);
  };
  check_name("half_squared_error", [&] { nn::half_squared_error(column, row); });
  check_name("mse", [&] { nn::mse(column, row); });
  check_name("l1", [&] { nn::l1(column, row); });
  check_name("huber", [&] { nn::huber(column, row); });
  check_name("smooth_l1", [&] { nn::smooth_l1(column, row); });
  check_name("bce", [&] { nn::bce(column, row); });
  check_name("bce_with_logits", [&] { nn::bce_with_logits(column, row); });
  check_name("kl_div", [&] { nn::kl_div(column, row); });
  check_name("hinge", [&] { nn::hinge(column, row); });
}

TEST_CASE("options are checked at the ends of their ranges") {
  CHECK_THROWS_AS(nn::huber(x(), y(), double(INFINITY)), DomainError);
  CHECK_THROWS_AS(nn::bce_with_logits(x(), y(), Reduction::mean, 0.0), DomainError);
  CHECK_THROWS_AS(nn::bce_with_logits(x(), y(), Reduction::mean, double(NAN)), DomainError);
  CHECK(nn::bce_with_logits(x(), y(), Reduction::mean, 0.5).item() > 0.0);  // any positive weight
  CHECK(nn::huber(x(), y(), 0.25).item() > 0.0);
  for (const double smoothing : {-0.1, 1.1}) {
    const nn::CrossEntropyOptions options{.label_smoothing = smoothing};
    CHECK(contains(message_of<DomainError>([&] { nn::nll(x(), labels(), options); }),
                   "nll: label_smoothing is "));
    CHECK(contains(message_of<DomainError>([&] { nn::cross_entropy(x(), labels(), options); }),
                   "cross_entropy: label_smoothing is "));
  }
  CHECK_THROWS_AS(nn::nll(x(), labels(), {.class_weights = {1, 2, double(INFINITY)}}), DomainError);
  // Full smoothing, which makes all classes alike, is allowed, and so is a class of weight 0.
  CHECK(nn::cross_entropy(x(), {0, 0}, {.label_smoothing = 1.0}).item() ==
        doctest::Approx(nn::cross_entropy(x(), {2, 1}, {.label_smoothing = 1.0}).item()));
  check(nn::cross_entropy(x(), Indices{2, 1}, {.class_weights = {0, 0, 0.5}}),
        nn::cross_entropy(slice(x(), 0, {0, 1}), Indices{2}).item());
}

TEST_CASE("nll is cross entropy of logits that are log probabilities, with all its options") {
  const Tensor p = log_softmax(x(), 1);
  for (const double smoothing : {0.0, 0.25, 1.0})
    for (const std::vector<double>& weights :
         {std::vector<double>{}, std::vector<double>{3, 2, 0.5}})
      for (const Reduction reduction : {Reduction::none, Reduction::sum, Reduction::mean}) {
        const nn::CrossEntropyOptions options{
            .label_smoothing = smoothing, .class_weights = weights, .reduction = reduction};
        const Tensor a = nn::nll(p, labels(), options),
                     b = nn::cross_entropy(x(), labels(), options);
        REQUIRE(a.shape() == b.shape());
        const std::vector<double> one = to_vector(a), other = to_vector(b);
        for (std::size_t i = 0; i < one.size(); ++i)
          CHECK(one[i] == doctest::Approx(other[i]).epsilon(1e-14));
      }
  CHECK(nn::nll(astype(p, DType::float32), labels()).dtype() == DType::float32);
  const Tensor tall = log_softmax(tensor({{1, -2}, {0.5, 0.1}, {0.2, 0.3}}), 1);
  check(nn::nll(tall, {0, 1, 1}), -(tall.at({0, 0}) + tall.at({1, 1}) + tall.at({2, 1})) / 3);
}

TEST_CASE("nll refuses rows, labels and weights that do not fit") {
  const Tensor p = log_softmax(x(), 1);
  CHECK(contains(message_of<ShapeError>([&] { nn::nll(ones({2}), labels()); }), "nll"));
  CHECK(contains(message_of<ShapeError>([&] { nn::nll(ones({2, 3, 1}), labels()); }), "[2, 3, 1]"));
  const std::int64_t two[] = {2, 0};
  const Indices in_rows(two, Shape{2, 1});
  CHECK(contains(message_of<ShapeError>([&] { nn::nll(p, in_rows); }), "labels of shape [2, 1]"));
  CHECK(contains(message_of<ShapeError>([&] { nn::nll(p, {0, 1, 2}); }), "labels of shape [3]"));
  CHECK(contains(message_of<ShapeError>([&] { nn::nll(p, {0, 3}); }), "nll"));
  CHECK(contains(message_of<ShapeError>([&] {
                   nn::nll(p, labels(), {.class_weights = {1, 2}});
                 }),
                 "2 class_weights are given for 3 classes"));
}

TEST_CASE("arguments that were confused with others are errors that name the right function") {
  const auto refused = [](auto call) { return message_of<DomainError>(call); };
  for (const DType dtype : {DType::float64, DType::float32}) {
    const auto of = [&](const Tensor& x) { return astype(x, dtype); };
    const Tensor logits = of(tensor({0.5, 2.0})), zero_one = of(tensor({0, 1})),
                 signs = of(tensor({1, -1}));
    CHECK(refused([&] { nn::bce(logits, zero_one); }) ==
          "bce: element 1 of the probabilities is 2, not in [0, 1]; for logits write "
          "bce_with_logits");
    CHECK(contains(refused([&] { nn::bce(-logits, zero_one); }), "bce_with_logits"));
    CHECK(contains(refused([&] { nn::bce(of(tensor({0.5, 0.5})), signs); }), "(target + 1) / 2"));
    CHECK(contains(refused([&] { nn::bce_with_logits(logits, signs); }), "(target + 1) / 2"));
    CHECK(refused([&] {
            nn::nll(of(tensor({{-1, 0.25}})), Indices{0});
          }) ==
          "nll: element 1 of the log probabilities is 0.25, not at most 0; for logits write "
          "cross_entropy");
    CHECK(contains(refused([&] { nn::kl_div(logits, zero_one); }), "log_softmax(x)"));
    CHECK(contains(refused([&] {
                     nn::kl_div(-logits, log(of(tensor({0.2, 0.8}))));
                   }),
                   "targets are probabilities, not their logarithms"));
    for (const Tensor& wrong : {zero_one, of(tensor({1, 2})), of(tensor({-2, 1}))})
      CHECK(contains(refused([&] { nn::hinge(logits, wrong); }),
                     "not -1 or 1; for targets 0 and 1 write 2 * target - 1"));
    // Rows that are not contiguous.
    CHECK(contains(refused([&] {
                     nn::bce(transpose(of(tensor({{0.5, 0.5}, {3, 0.5}}))), ones({2, 2}, dtype));
                   }),
                   "element 1 of the probabilities is 3"));
    // Exact and rounded ends of the ranges, soft targets and NaN pass.
    CHECK(nn::bce(zero_one, of(tensor({0.25, 0.75}))).dtype() == dtype);
    CHECK(nn::nll(of(tensor({{1e-7, -20}})), Indices{0}).dtype() == dtype);
    CHECK(std::isnan(nn::bce_with_logits(of(tensor({NAN, 1})), zero_one).item()));
    CHECK(std::isnan(nn::hinge(of(tensor({NAN, 1})), signs).item()));
  }
  for (const double margin : {-1.0, double(NAN), double(INFINITY)})
    CHECK(contains(refused([&] { nn::hinge(ones({1}), ones({1}), margin); }), "hinge: margin is "));
}

TEST_CASE("a single class is an error that names the binary loss") {
  const Tensor column = log(full({3, 1}, 0.5));
  CHECK(contains(message_of<ShapeError>([&] {
                   nn::cross_entropy(column, {0, 0, 0});
                 }),
                 "bce_with_logits"));
  CHECK(contains(message_of<ShapeError>([&] { nn::nll(column, {0, 0, 0}); }), "bce_with_logits"));
}
