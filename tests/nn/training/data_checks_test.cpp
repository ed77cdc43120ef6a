// The datasets that train() and evaluate() accept.
#include <doctest/doctest.h>

#include "nn/training/train.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/small_training.hpp"

using namespace chainrule;
using namespace chainrule::testing;

TEST_CASE("validation data must number its classes as the training set does") {
  nn::Sequential model = classifier();
  nn::Adam optimizer(model.parameters());
  const nn::Dataset data = triangle(12).with_class_names({"a", "b", "c"});
  const auto error_of = [&](const nn::Dataset& validation) {
    return message_of<DomainError>([&] {
      nn::train(model, nn::cross_entropy, optimizer, data,
                {.epochs = 1, .validation = validation, .progress = quiet});
    });
  };
  CHECK(contains(error_of(data.with_class_names({"b", "a", "c"})),
                 "train: the validation set has the classes b, a, c, but the training set has the "
                 "classes a, b, c"));
  CHECK(contains(error_of(nn::Dataset(data.features())), "features only"));
  CHECK(contains(message_of<DomainError>(
                     [&] { nn::evaluate(model, nn::cross_entropy, nn::Dataset(data.features())); }),
                 "features only"));

  // A loss of batches, as that of an autoencoder, needs features only.
  const auto loss = [&](const nn::Batch& batch) { return nn::mse(model(batch.x), zeros({4, 3})); };
  const nn::TrainResult result = nn::train(model, loss, optimizer, nn::Dataset(data.features()),
                                           {.epochs = 1, .batch_size = 4, .progress = quiet});
  CHECK(result.steps == 3);
}
