// One step with a given gradient, and the comparison of states.
#pragma once

#include <doctest/doctest.h>

#include "nn/optimizers/gradient_optimizer.hpp"

namespace chainrule::testing {

/// A step in which every element of w has the gradient g.
inline void step(nn::GradientOptimizer& optimizer, const nn::Parameter& w, double g) {
  Graph graph;
  optimizer.step(gradient(sum_to(w() * g, {})));
}

inline void check_equal(const nn::State& x, const nn::State& y) {
  CHECK(x.numbers == y.numbers);
  CHECK(x.texts == y.texts);
  REQUIRE(x.arrays.size() == y.arrays.size());
  for (const auto& entry : x.arrays) {
    CAPTURE(entry.first);
    REQUIRE(y.arrays.contains(entry.first));
    CHECK(to_vector(Tensor(entry.second)) == to_vector(Tensor(y.arrays.at(entry.first))));
  }
}

}  // namespace chainrule::testing
