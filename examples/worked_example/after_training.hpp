// Training by both rules, and the tutorial's figures for the trained network.
#pragma once

#include "worked_example/first_step.hpp"

namespace worked_example {

/// Trains by both rules. Prints how the error decreases, and compares the tutorial's figures with
/// both. If the biases are trained, prints the error after one step instead, provided that `given`
/// is the tutorial's network.
void after_training(const Network<double>& given, const Training& training, Comparable comparable,
                    Report& report);

}  // namespace worked_example
