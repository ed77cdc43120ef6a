// Gradient descent, by the two rules between which the tutorial's text and its figures differ.
#pragma once

#include <cstdint>
#include <functional>

#include "worked_example/network.hpp"

namespace worked_example {

enum class Rule {
  as_the_text_says,  ///< every gradient is taken with the old weights, then all weights change
  layer_by_layer,    ///< w5 to w8 change first; w1 to w4 are then judged through the changed ones
};

struct Training {
  std::int64_t steps = 10'000;
  double rate = 0.5;
  bool biases = false;  ///< whether b1 and b2 are trained, too; the tutorial leaves them
};

/// Told after 0, 1, ..., steps updates, with the inputs, weights and biases as they are then.
using Observer = std::function<void(std::int64_t updates, const Network<double>& given)>;

/// Trains the network. Throws chainrule::DomainError if a weight is not finite any more.
void train(Network<double> network, Rule rule, const Training& training, const Observer& observe);

}  // namespace worked_example
