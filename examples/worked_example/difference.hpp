// Derivatives by differences, which share no code with the engine.
#pragma once

#include <string_view>

#include "worked_example/network.hpp"

namespace worked_example {

struct Difference {
  double value;  ///< the derivative
  double error;  ///< an estimate of its error
};

/// d output / d input, for any two quantities of the network: recomputes the rest of the network
/// for values of the input slightly below and above.
Difference central_difference(const Network<double>& given, std::string_view output,
                              std::string_view input);

/// Whether a derivative agrees with the differences, within their error.
bool agree(double derivative, const Difference& difference);

}  // namespace worked_example
