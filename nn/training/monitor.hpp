// What watching a number over the epochs is made of: which way is better, and by how much.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace chainrule::nn {

/// Whether small or large values of a monitored number are good: a loss, an accuracy.
enum class Mode { min, max };

namespace detail {
/// The value that everything is better than.
constexpr double worst(Mode mode) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  return mode == Mode::min ? infinity : -infinity;
}

/// Whether the value is better than the reference by more than the margin. NaN is never better.
inline bool improves(Mode mode, double value, double reference, double margin = 0.0) {
  return mode == Mode::min ? value < reference - margin : value > reference + margin;
}

/// Numbers read back from a checkpoint, as state() lists them. Throws FormatError, naming `what`,
/// unless there are `size` of them and all but the first are counts: whole numbers from 0 to 2^53.
void check_state(std::span<const double> state, std::size_t size, const char* what);
}  // namespace detail

}  // namespace chainrule::nn
