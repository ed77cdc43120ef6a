// Weights of rows and classes: the loss of an epoch, evaluate() and accumulated gradients are those
// of one full batch, whatever the batches are.
#include <doctest/doctest.h>

#include <cmath>

#include "tests/support/message_of.hpp"
#include "tests/support/small_training.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {

/// Random settings of one training.
struct Case {
  DType dtype = DType::float64;
  std::int64_t rows = 0, batch_size = 0;
  bool shuffle = false;
  std::vector<double> weights, class_weights;
  double smoothing = 0.0;

  explicit Case(Random& random) {
    const auto count = [&](double low, double high) {
      return static_cast<std::int64_t>(random.uniform(low, high));
    };
    if (random.uniform() < 0.3) dtype = DType::float32;
    rows = count(3, 30);
    batch_size = count(1, static_cast<double>(rows) + 2.0);
    shuffle = random.uniform() < 0.5;
    if (random.uniform() < 0.7) {
      for (std::int64_t i = 0; i < rows; ++i)
        weights.push_back(random.uniform() < 0.2 ? 0.0 : random.uniform(0.1, 5.0));
      weights[0] = 1.5;
    }
    if (random.uniform() < 0.6)
      class_weights = {random.uniform(0.1, 3.0), random.uniform() < 0.2 ? 0.0 : 2.0, 0.5};
    if (random.uniform() < 0.3) smoothing = 0.2;
  }
  double weight(std::int64_t i) const {
    return weights.empty() ? 1.0 : weights[static_cast<std::size_t>(i)];
  }
  double class_weight(std::int64_t c) const {
    return class_weights.empty() ? 1.0 : class_weights[static_cast<std::size_t>(c)];
  }
  nn::Dataset labelled() const { return weighted(triangle(rows, 5, dtype)); }
  nn::Dataset weighted(const nn::Dataset& data) const {
    return weights.empty() ? data : data.with_weights(astype(tensor(weights), dtype));
  }
  double tolerance() const { return dtype == DType::float32 ? 2e-5 : 1e-12; }
};

/// The weighted mean of losses of classes, from its definition: row by row, with log softmax.
Tensor full_batch(const Case& c, const Tensor& logits, const Indices& labels) {
  const Tensor p = log_softmax(logits, 1);
  const std::int64_t classes = logits.shape(1);
  std::vector<double> factors(static_cast<std::size_t>(logits.size()), 0.0);
  double divisor = 0.0;
  for (std::int64_t i = 0; i < c.rows; ++i) {
    for (std::int64_t k = 0; k < classes; ++k) {
      const double target =
          (k == labels[i] ? 1.0 - c.smoothing : 0.0) + c.smoothing / static_cast<double>(classes);
      factors[static_cast<std::size_t>(i * classes + k)] =
          -c.weight(i) * c.class_weight(k) * target;
    }
    divisor += c.weight(i) * c.class_weight(labels[i]);
  }
  return sum(p * astype(tensor(factors, logits.shape()), c.dtype)) / divisor;
}

/// The mean of per-row losses of targets: weighted squares.
Tensor full_batch(const Case& c, const Tensor& output, const Tensor& targets, bool is_sum) {
  std::vector<double> factors;
  double divisor = 0.0;
  for (std::int64_t i = 0; i < c.rows; ++i) {
    factors.push_back(c.weight(i));
    divisor += c.weight(i);
  }
  const Tensor d = output - targets;
  return sum(d * d * astype(tensor(factors, {c.rows, 1}), c.dtype)) /
         (is_sum ? 2.0 : divisor * static_cast<double>(output.shape(1)));
}

nn::Sequential model_of(DType dtype, std::int64_t inputs, std::int64_t outputs) {
  Random random(3);
  nn::Sequential model{nn::Linear(inputs, 4, {.random = &random}), nn::Tanh(),
                       nn::Linear(4, outputs, {.random = &random})};
  model.to(dtype);
  return model;
}

void check_close(double x, double y, double tolerance) {
  CHECK(std::abs(x - y) <= tolerance * (1.0 + std::abs(y)));
}

/// Checks evaluate(), the loss of an epoch, and the gradient of one step over all batches.
template <class Full>
void check_loss(const Case& c, const nn::Dataset& data, const nn::Loss& loss, Full full,
                double reported_factor = 1.0) {
  const std::int64_t inputs = data.features().shape(1);
  const std::int64_t outputs = data.has_labels() ? 3 : data.targets().shape(1);
  nn::Sequential model = model_of(c.dtype, inputs, outputs), whole = nn::clone(model);
  double wanted = 0.0;
  nn::Sgd by_hand(whole.parameters(), {.learning_rate = 1.0});
  {
    Graph graph;
    const Tensor value = full(whole(data.features()));
    wanted = value.item() * reported_factor;
    by_hand.step(gradient(value));
  }
  check_close(nn::evaluate(model, loss, data, {}, c.batch_size).loss, wanted, c.tolerance());

  nn::TrainOptions options{
      .epochs = 1, .batch_size = c.batch_size, .shuffle = c.shuffle, .seed = 9, .progress = quiet};
  nn::Sgd still(model.parameters(), {.learning_rate = 0.0});
  check_close(nn::train(model, loss, still, data, options).history["loss"][0], wanted,
              c.tolerance());
  options.accumulate = c.rows;  // at least as many as there are batches
  nn::Sgd optimizer(model.parameters(), {.learning_rate = 1.0});
  const nn::TrainResult result = nn::train(model, loss, optimizer, data, options);
  CHECK(result.steps == 1);
  check_close(result.history["loss"][0], wanted, c.tolerance());
  for (std::size_t k = 0; k < model.parameters().size(); ++k) {
    const Array &x = model.parameters()[k].parameter.value(),
                &y = whole.parameters()[k].parameter.value();
    for (std::int64_t i = 0; i < x.size(); ++i)
      check_close(x.element(i), y.element(i), c.tolerance());
  }
}

}  // namespace

TEST_CASE("losses of classes are weighted means, the same in batches of any size") {
  Random random(11);
  for (int i = 0; i < 60; ++i) {
    const Case c(random);
    CAPTURE(i);
    CAPTURE(c.rows);
    CAPTURE(c.batch_size);
    const nn::Dataset data = c.labelled();
    const auto full = [&](const Tensor& output) { return full_batch(c, output, data.labels()); };
    const nn::CrossEntropyOptions options{.label_smoothing = c.smoothing,
                                          .class_weights = c.class_weights};
    check_loss(c, data, nn::Loss(nn::cross_entropy, options), full);
    // As a sum and a divisor, of a function of the batch.
    const auto own = [&](const Tensor& output, const nn::Batch& batch) {
      nn::CrossEntropyOptions none = options;
      none.reduction = nn::Reduction::none;
      const Tensor rows = nn::cross_entropy(output, batch.labels, none);
      double divisor = 0.0;
      for (std::int64_t r = 0; r < batch.size(); ++r)
        divisor +=
            c.class_weight(batch.labels[r]) * (batch.has_weights() ? batch.weights.at({r}) : 1.0);
      return nn::LossSum{sum(batch.has_weights() ? rows * batch.weights : rows), divisor};
    };
    check_loss(c, data, own, full);
    if (!c.class_weights.empty()) continue;
    // One loss per row.
    const auto per_row = [&](const Tensor& output, const Indices& labels) {
      return nn::nll(log_softmax(output, 1), labels,
                     {.label_smoothing = c.smoothing, .reduction = nn::Reduction::none});
    };
    check_loss(c, data, per_row, full);
  }
}

TEST_CASE("losses of targets are weighted means, and a sum is a weighted sum") {
  Random random(12);
  for (int i = 0; i < 40; ++i) {
    const Case c(random);
    CAPTURE(i);
    const nn::Dataset plain(normal(random, {c.rows, 3}, 0.0, 1.0, c.dtype),
                            normal(random, {c.rows, 2}, 0.0, 1.0, c.dtype));
    const nn::Dataset data = c.weighted(plain);
    const auto full = [&](bool is_sum) {
      return [&, is_sum](const Tensor& output) {
        return full_batch(c, output, data.targets(), is_sum);
      };
    };
    check_loss(c, data, nn::mse, full(false));
    const auto per_row = [](const Tensor& output, const Tensor& y) {
      return mean(square(output - y), 1);
    };
    check_loss(c, data, per_row, full(false));
    double divisor = 0.0;
    for (std::int64_t r = 0; r < c.rows; ++r) divisor += c.weight(r);
    check_loss(c, data, nn::half_squared_error, full(true), 1.0 / divisor);
    const nn::Loss sums = nn::Loss::sum(
        [](const Tensor& output, const Tensor& y) { return sum(square(output - y) * 0.5, 1); });
    check_loss(c, data, sums, full(true), 1.0 / divisor);
    // A mean without weights is one element.
    if (!c.weights.empty()) continue;
    const auto own = [](const Tensor& output, const Tensor& y) { return nn::mse(output, y); };
    check_loss(c, data, own, full(false));
  }
}

TEST_CASE("options of losses as arguments of train()") {
  nn::Sequential model = model_of(DType::float64, 1, 1);
  const Tensor x = tensor({{0.5}, {-1}, {2}}), y = tensor({{0}, {1}, {1}});
  const nn::Dataset data(x, y);
  const Tensor output = nn::predict(model, x);
  const auto loss = [&](const nn::Loss& of) { return nn::evaluate(model, of, data).loss; };
  CHECK(loss(nn::Loss(nn::bce_with_logits, {.pos_weight = 3.0})) ==
        nn::bce_with_logits(output, y, nn::Reduction::mean, 3.0).item());
  CHECK(loss(nn::Loss(nn::huber, 0.3)) == nn::huber(output, y, 0.3).item());
  CHECK(loss(nn::Loss(nn::smooth_l1, 0.3)) == nn::smooth_l1(output, y, 0.3).item());
  CHECK(loss(nn::huber) == nn::huber(output, y).item());
  CHECK(loss(nn::Loss::sum(nn::mse)) ==
        doctest::Approx(nn::mse(output, y, nn::Reduction::sum).item() / 3.0).epsilon(1e-15));
  CHECK(nn::Loss(nn::cross_entropy, {.reduction = nn::Reduction::sum}).is_sum());
}

TEST_CASE("a loss that cannot use the weights of the data is an error that names the ways out") {
  nn::Sequential model = model_of(DType::float64, 2, 3);
  nn::Sgd optimizer(model.parameters());
  const nn::State before = nn::clone(model).state();
  const nn::Dataset data = triangle(6).with_weights(tensor({1, 2, 3, 0, 1, 2}));
  const auto refused = [&](const nn::Loss& loss) {
    const std::string message = message_of<DomainError>(
        [&] { nn::train(model, loss, optimizer, data, {.progress = quiet}); });
    CHECK(message == message_of<DomainError>([&] { nn::evaluate(model, loss, data); }));
    CHECK(same_bits(model.state(), before));
    return message;
  };
  const auto scalar = [](const Tensor& output, const Indices& labels) {
    return nn::cross_entropy(output, labels);
  };
  CHECK(contains(refused(scalar), "Return one loss per row, of shape [n]"));
  CHECK(contains(refused([&](const nn::Batch& b) { return scalar(model(b.x), b.labels); }),
                 "LossSum"));
  CHECK(contains(refused([&](const Tensor& output, const Indices& labels) {
                   return nn::LossSum{scalar(output, labels), 1.0};
                 }),
                 "use batch.weights"));
  for (const double divisor : {-1.0, double(NAN), double(INFINITY)})
    CHECK(contains(refused([&](const Tensor& output, const nn::Batch&) {
                     return nn::LossSum{sum(output), divisor};
                   }),
                   "the divisor of a LossSum"));
  const auto matrix = [](const Tensor& output, const Indices&) { return output; };
  CHECK(contains(message_of<ShapeError>([&] { nn::evaluate(model, matrix, data); }),
                 "the result for 6 rows has shape [6, 3]; return one loss per row, of shape [6]"));
}

TEST_CASE("rows of weight 0 have no influence, and batches of them have gradients of 0") {
  // The second row, alone in its batch, has weight 0 and features that are not finite.
  const nn::Dataset data =
      nn::Dataset(tensor({{1, 1}, {double(INFINITY), 0}, {0, 1}}), tensor({{1}, {5}, {0}}))
          .with_weights(tensor({1, 0, 2}));
  const nn::Dataset without =
      nn::Dataset(tensor({{1, 1}, {0, 1}}), tensor({{1}, {0}})).with_weights(tensor({1, 2}));
  nn::Sequential model = model_of(DType::float64, 2, 1);
  CHECK(nn::evaluate(model, nn::mse, data, {}, 1).loss ==
        doctest::Approx(nn::evaluate(model, nn::mse, without).loss).epsilon(1e-15));

  nn::Sgd optimizer(model.parameters(), {.learning_rate = 0.1});
  const nn::Dataset zero = triangle(4).with_weights(tensor({0, 0, 0, 1}));
  nn::Sequential other = classifier();
  nn::Sgd of_other(other.parameters(), {.learning_rate = 0.1});
  const nn::State before = nn::clone(other).state();
  std::int64_t batch = 0;
  const auto loss = [&](const Tensor& output, const Indices& labels) {
    if (++batch == 4) CHECK(same_bits(other.state(), before));  // so far, nothing has changed
    return nn::cross_entropy(output, labels, {.reduction = nn::Reduction::none});
  };
  const nn::TrainOptions options{.epochs = 1, .batch_size = 1, .shuffle = false, .progress = quiet};
  nn::train(other, loss, of_other, zero, options);
  CHECK(batch == 4);
  CHECK_FALSE(same_bits(other.state(), before));

  // Class weights that are 0 for all labels: there is no mean.
  const nn::Dataset one_class(ones({2, 2}), Indices{0, 0});
  const nn::Loss ignored(nn::cross_entropy, {.class_weights = {0, 1, 1}});
  CHECK(contains(message_of<DomainError>([&] { nn::evaluate(other, ignored, one_class); }),
                 "evaluate: the weights of all rows, or those of their classes, are 0"));
  CHECK(contains(
      message_of<DomainError>([&] { nn::train(other, ignored, of_other, one_class, options); }),
      "train: the weights of all rows, or those of their classes, are 0"));
}

TEST_CASE("metrics count each row once, whatever its weight") {
  nn::Sequential model = model_of(DType::float64, 2, 3);
  const nn::Dataset data = triangle(9),
                    weighted = data.with_weights(tensor({9, 0, 0, 1, 1, 1, 1, 1, 1}));
  const std::vector<nn::Metric> metrics = {{"accuracy", nn::accuracy}};
  CHECK(nn::evaluate(model, nn::cross_entropy, data, metrics, 2)["accuracy"] ==
        nn::evaluate(model, nn::cross_entropy, weighted, metrics, 4)["accuracy"]);
}

TEST_CASE("weighted_mean() of losses that were computed by hand") {
  const Tensor losses = tensor({{1, 3}, {4, 8}, {double(INFINITY), 0}});
  CHECK(nn::weighted_mean(losses, tensor({1, 3, 0})).item() == (1 * 2.0 + 3 * 6.0) / 4.0);
  CHECK(nn::weighted_mean(tensor({2, 6}), tensor({1, 3})).item() == 5.0);
  CHECK(nn::weighted_mean(astype(tensor({2, 6}), DType::float32), tensor({1, 3})).dtype() ==
        DType::float32);
  Graph graph;
  const Tensor x = variable(tensor({2, 6}));
  CHECK(to_vector(gradient(nn::weighted_mean(square(x), tensor({1, 3})))[x]) ==
        std::vector<double>{1.0, 9.0});
  CHECK_THROWS_AS(nn::weighted_mean(tensor({2, 6}), tensor({1, 2, 3})), ShapeError);
  CHECK_THROWS_AS(nn::weighted_mean(tensor({2, 6}), tensor({{1}, {2}})), ShapeError);
  CHECK_THROWS_AS(nn::weighted_mean(nn::mse(ones({2}), ones({2})), ones({2})), ShapeError);
  CHECK_THROWS_AS(nn::weighted_mean(Tensor(), ones({2})), ShapeError);
  for (const double bad : {-1.0, double(NAN), double(INFINITY)})
    CHECK_THROWS_AS(nn::weighted_mean(tensor({2, 6}), tensor({1.0, bad})), DomainError);
  CHECK(contains(message_of<DomainError>([] { nn::weighted_mean(ones({2}), zeros({2})); }),
                 "all weights are 0"));
}
