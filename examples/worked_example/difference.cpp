#include "worked_example/difference.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace worked_example {

// The error of a central difference has terms in h^2, h^4, ... Ridders' method eliminates these by
// extrapolation from a sequence of shrinking steps, and stops before rounding errors grow (C.
// Ridders, Advances in Engineering Software 4, 1982).
Difference central_difference(const Network<double>& given, std::string_view output,
                              std::string_view input) {
  const auto result = field<double>(output);
  const double x = evaluate(given).*field<double>(input);
  const auto f = [&](double at) { return evaluate_holding(given, input, at).*result; };
  constexpr int steps = 10;
  constexpr double shrink = 1.4;

  double h = 0.1 * std::max(1.0, std::abs(x));
  double previous[steps] = {};
  Difference best{0.0, std::numeric_limits<double>::infinity()};
  for (int i = 0; i < steps; ++i, h /= shrink) {
    double row[steps] = {(f(x + h) - f(x - h)) / (2.0 * h)};
    double factor = 1.0;
    for (int j = 1; j <= i; ++j) {
      factor *= shrink * shrink;
      row[j] = (row[j - 1] * factor - previous[j - 1]) / (factor - 1.0);
      const double error =
          std::max(std::abs(row[j] - row[j - 1]), std::abs(row[j] - previous[j - 1]));
      if (error <= best.error) best = {row[j], error};
    }
    // If the best extrapolation gets much worse, smaller steps only add rounding errors.
    if (i > 0 && std::abs(row[i] - previous[i - 1]) >= 2.0 * best.error) break;
    std::copy(row, row + steps, previous);
  }
  return best;
}

bool agree(double derivative, const Difference& difference) {
  const double allowed = 20.0 * difference.error + 1e-8 * std::abs(derivative) + 1e-12;
  return std::abs(derivative - difference.value) <= allowed;
}

}  // namespace worked_example
