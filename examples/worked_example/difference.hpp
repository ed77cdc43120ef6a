// Derivatives by differences alone: an opinion that shares nothing with the engine's.
#pragma once

#include <string_view>

#include "worked_example/network.hpp"

namespace worked_example {

struct Difference {
  double value;  ///< the derivative
  double error;  ///< an estimate of how far off it is
};

/// d output / d input, for any two quantities of the network: the rest of the network is computed
/// again from values of the input a little to both sides.
Difference central_difference(const Network<double>& given, std::string_view output,
                              std::string_view input);

/// Whether a derivative is what the differences say, within their error.
bool agree(double derivative, const Difference& difference);

}  // namespace worked_example
