// XOR: the smallest problem that one layer cannot solve and two can. Trains a network with 17
// parameters and draws its output at every point of the plane around the four inputs.
//
//   xor && xdg-open xor.svg
#include <fmt/format.h>

#include "nn/nn.hpp"

int main() {
  using namespace chainrule;

  const nn::Dataset data(tensor({{0, 0}, {0, 1}, {1, 0}, {1, 1}}), tensor({{0}, {1}, {1}, {0}}));

  nn::Sequential model{nn::Linear(2, 4), nn::Tanh(), nn::Linear(4, 1)};
  nn::Adam optimizer(model.parameters(), {.learning_rate = 0.05});
  nn::train(model, nn::bce_with_logits, optimizer, data,
            {.epochs = 500,
             .metrics = {{"accuracy", nn::binary_accuracy_with_logits}},
             .progress = {.every = 100}});

  const Tensor probability = sigmoid(nn::predict(model, data.features()));
  for (std::int64_t row = 0; row < data.size(); ++row)
    fmt::print("{:.0f} xor {:.0f} = {:.2f}\n", data.features().at({row, 0}),
               data.features().at({row, 1}), probability.at({row, 0}));

  nn::plot_decision_regions(model, data, "xor.svg", {.title = "XOR, learnt"});
}
