// Gradient descent by two rules: that of the tutorial's text, and that of its figures.
#pragma once

#include <cstdint>
#include <functional>

#include "worked_example/network.hpp"

namespace worked_example {

enum class Rule {
  as_the_text_says,  ///< computes all gradients with the old weights, then changes all weights
  layer_by_layer,    ///< changes w5 to w8 first; the gradients of w1 to w4 then use the changed
                     ///< weights
};

struct Training {
  std::int64_t steps = 10'000;
  double rate = 0.5;
  bool biases = false;  ///< whether b1 and b2 are trained as well; the tutorial keeps them fixed
};

/// Called after 0, 1, ..., steps updates, with the current inputs, weights and biases.
using Observer = std::function<void(std::int64_t updates, const Network<double>& given)>;

/// Trains the network. Throws chainrule::DomainError if a weight is no longer finite.
void train(Network<double> network, Rule rule, const Training& training, const Observer& observe);

}  // namespace worked_example
