// Three interleaved spirals, which are not linearly separable: generates the points, trains a
// classifier on four fifths of them, and draws the training curves and the decision regions.
//
//   spirals && xdg-open spirals.svg && xdg-open spirals_curves.svg
#include <fmt/format.h>

#include <cmath>

#include "nn/nn.hpp"

namespace {

using namespace chainrule;

/// Generates `points` points on each of three arms, at random places along the arm with some noise.
nn::Dataset make_spirals(std::int64_t points, Random& random) {
  constexpr double pi = 3.14159265358979323846;
  std::vector<double> places;
  std::vector<std::int64_t> arms;
  for (std::int64_t arm = 0; arm < 3; ++arm) {
    for (std::int64_t i = 0; i < points; ++i) {
      const double radius = random.uniform(0.1, 1.0);
      const double angle = 2 * pi / 3 * static_cast<double>(arm) + 2.2 * pi * radius;
      places.push_back(radius * std::cos(angle) + random.normal(0.0, 0.02));
      places.push_back(radius * std::sin(angle) + random.normal(0.0, 0.02));
      arms.push_back(arm);
    }
  }
  return {tensor(places, {3 * points, 2}), Indices(arms), {"first arm", "second arm", "third arm"}};
}

}  // namespace

int main() {
  Random random(1);
  const auto [training, validation] = make_spirals(200, random).split(0.8, random);

  nn::Sequential model{nn::Linear(2, 32), nn::Tanh(), nn::Linear(32, 32), nn::Tanh(),
                       nn::Linear(32, 3)};
  nn::Adam optimizer(model.parameters(), {.learning_rate = 0.01});
  const nn::TrainResult result = nn::train(model, nn::cross_entropy, optimizer, training,
                                           {.epochs = 100,
                                            .validation = validation,
                                            .metrics = {{"accuracy", nn::accuracy}},
                                            .progress = {.every = 20}});

  fmt::print("{} parameters, {} steps\n", model.count(), result.steps);
  fmt::print("accuracy on {} unseen points: {:.0f} %\n", validation.size(),
             100 * result.history["val_accuracy"].back());

  nn::plot_decision_regions(model, validation, "spirals.svg",
                            {.title = "Three spirals: points that the model has not seen"});
  result.history.plot("spirals_curves.svg");
}
