// Predicting house prices: regression on a table. The 240 houses of examples/data/houses.csv are
// synthetic; the price is a nonlinear function of every column plus some noise. A fifth of the rows
// is held out to evaluate the model. Then the training is repeated, but stopped half-way and
// resumed from its checkpoint by another model, which arrives at exactly the same numbers.
//
//   regression [houses.csv]
#include <fmt/format.h>

#include <cstdio>

#include "nn/nn.hpp"

namespace {

using namespace chainrule;

constexpr std::int64_t all_epochs = 200;

nn::Sequential make_model(std::uint64_t seed) {
  nn::seed(seed);
  return nn::Sequential{nn::Linear(5, 16), nn::Tanh(), nn::Linear(16, 1)};
}

nn::TrainResult train(nn::Sequential& model, const nn::Dataset& data, nn::TrainOptions options) {
  nn::AdamW optimizer(model.parameters(), {.learning_rate = 0.01});
  options.epoch_schedule = nn::Cosine(all_epochs);
  options.progress.every = 50;
  return nn::train(model, nn::mse, optimizer, data, options);
}

void run(const std::string& path) {
  const nn::Dataset houses = nn::Dataset::from_csv(
      path, {.features = {"area_m2", "rooms", "age_years", "distance_km", "garden_m2"},
             .targets = {"price_thousand"}});
  Random random(3);
  const auto [training, held_out] = houses.split(0.8, random);

  // Scales columns and prices to mean 0 and variance 1, using the training rows only.
  const nn::Standardizer columns(training), prices(training.targets());
  const auto standardised = [&](const nn::Dataset& data) {
    return columns(data).with_targets(prices(data.targets()));
  };

  nn::Sequential model = make_model(1);
  const nn::TrainResult result = train(
      model, standardised(training), {.epochs = all_epochs, .validation = standardised(held_out)});
  result.history.write_csv("regression_history.csv");

  const Tensor predicted = prices.inverse(nn::predict(model, columns(held_out.features())));
  fmt::print("{} houses for training, {} held out\n", training.size(), held_out.size());
  fmt::print("R2 on the held-out houses: {:.2f}\n", nn::r2_score(predicted, held_out.targets()));
  fmt::print("mean absolute error: {:.0f} thousand, for a mean price of {:.0f} thousand\n",
             nn::mean_absolute_error(predicted, held_out.targets()), prices.mean().item());

  // Trains again, but stops half-way. Then another model, with different initial numbers, reads the
  // checkpoint and continues.
  nn::Sequential half = make_model(1), rest = make_model(2);
  nn::TrainOptions options{
      .epochs = all_epochs / 2,
      .progress = {.style = nn::ProgressStyle::quiet},
      .checkpoint = "regression.safetensors",
      .checkpoint_every = 50,
      .extra = {{"columns", columns.state()}, {"prices", prices.state()}},
  };
  train(half, standardised(training), options);
  options.epochs = all_epochs;
  options.resume = true;
  train(rest, standardised(training), options);
  const bool same = to_vector(nn::predict(rest, columns(held_out.features()))) ==
                    to_vector(nn::predict(model, columns(held_out.features())));
  fmt::print("identical to the last bit when stopped half-way and resumed: {}\n",
             same ? "yes" : "no");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(argc > 1 ? argv[1] : CHAINRULE_EXAMPLE_DATA "/houses.csv");
  } catch (const Error& error) {
    fmt::print(stderr, "regression: {}\n", error.what());
    return 1;
  }
}
