// Losses and metrics as arguments of train() and evaluate().
#include <doctest/doctest.h>

#include "nn/training/train.hpp"
#include "tests/support/message_of.hpp"

namespace nn = chainrule::nn;
using namespace chainrule;

namespace {

/// The identity.
struct Same : nn::Module {
  Tensor forward(const Tensor& x) const override { return x; }
};

const Tensor logits = tensor({{2.0}, {-1.0}, {0.5}, {3.0}});
const Tensor targets = tensor({{1}, {0}, {0}, {1}});

}  // namespace

TEST_CASE("losses and metrics with an option use its default") {
  Same model;
  const nn::Evaluation result = nn::evaluate(
      model, nn::bce_with_logits, nn::Dataset(logits, targets),
      {{"accuracy", nn::binary_accuracy_with_logits}, {"mae", nn::mean_absolute_error}}, 4);
  CHECK(result.loss == doctest::Approx(nn::bce_with_logits(logits, targets).item()));
  CHECK(result["accuracy"] == 0.75);
  CHECK(result["mae"] == doctest::Approx((1.0 + 1.0 + 0.5 + 2.0) / 4));
  const nn::Dataset data(logits, targets);
  CHECK(nn::evaluate(model, nn::huber, data).loss ==
        doctest::Approx(nn::huber(logits, targets).item()));
  const nn::Dataset signs(logits, 2.0 * targets - 1.0);
  CHECK(nn::evaluate(model, nn::hinge, signs).loss ==
        doctest::Approx(nn::hinge(logits, signs.targets()).item()));
  const nn::Dataset labelled(eye(8), Indices{0, 1, 2, 3, 4, 5, 6, 0});
  CHECK(
      nn::evaluate(model, nn::cross_entropy, labelled, {{"top 5", nn::top_k_accuracy}})["top 5"] ==
      doctest::Approx(nn::top_k_accuracy(eye(8), labelled.labels(), 5)));
}

TEST_CASE("batches of any size give the results of all rows") {
  Same model;
  const nn::Dataset data(logits, targets);
  const std::vector<nn::Metric> metrics = {{"accuracy", nn::binary_accuracy_with_logits}};
  for (const std::int64_t size : {0, 1, 3}) {
    const nn::Evaluation result = nn::evaluate(model, nn::bce_with_logits, data, metrics, size);
    CHECK(result.loss == doctest::Approx(nn::bce_with_logits(logits, targets).item()));
    CHECK(result["accuracy"] == 0.75);
  }
}

TEST_CASE("a metric of targets on data with labels is an error") {
  Same model;
  const nn::Dataset labelled(ones({2, 2}), Indices{0, 1});
  CHECK(contains(message_of<DomainError>([&] {
                   nn::evaluate(model, nn::cross_entropy, labelled,
                                {{"accuracy", nn::binary_accuracy_with_logits}});
                 }),
                 "takes targets, but the data has labels"));
}

TEST_CASE("functions that are empty, and two metrics of one name, are errors") {
  Same model;
  const nn::Dataset data(logits, targets);
  const std::function<Tensor(const Tensor&, const Tensor&)> no_loss;
  CHECK(contains(message_of<DomainError>([&] { nn::evaluate(model, no_loss, data); }), "empty"));
  const std::function<double(const Tensor&, const nn::Batch&)> no_metric;
  CHECK(contains(message_of<DomainError>([&] { nn::Metric("none", no_metric); }), "'none'"));
  const nn::Metric metric{"mae", nn::mean_absolute_error};
  CHECK(contains(message_of<DomainError>([&] {
                   nn::evaluate(model, nn::mse, data, {metric, metric});
                 }),
                 "'mae'"));
}
