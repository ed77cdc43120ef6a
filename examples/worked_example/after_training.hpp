// Training by both rules, and the tutorial's figures after it.
#pragma once

#include "worked_example/first_step.hpp"

namespace worked_example {

/// Trains by both rules and prints how the error falls, and the tutorial's figures beside both.
/// With the biases trained, prints the error after one step instead, if `given` is the tutorial's
/// network.
void after_training(const Network<double>& given, const Training& training, Comparable comparable,
                    Report& report);

}  // namespace worked_example
