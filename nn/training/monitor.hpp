// Comparison of a monitored value between epochs.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "autodiff/core/language.hpp"

namespace chainrule::nn {

/// Whether smaller values (of a loss) or larger ones (of an accuracy) are better.
enum class Mode { min, max };
/// "Mode::min" or "Mode::max", for messages.
constexpr const char* name_of(Mode mode) { return mode == Mode::min ? "Mode::min" : "Mode::max"; }

namespace detail {
/// The value that is worse than all others: infinity for Mode::min, else -infinity.
constexpr double worst(Mode mode) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  return mode == Mode::min ? infinity : -infinity;
}

/// Whether the value is better than the reference by more than the margin. NaN is never better.
inline bool improves(Mode mode, double value, double reference, double margin = 0.0) {
  return mode == Mode::min ? value < reference - margin : value > reference + margin;
}

/// The mode of an option. Throws DomainError, which says what to write, if there is none.
Mode required(std::optional<Mode> mode, const char* what);

/// Checks a list of numbers that was read from a checkpoint. Throws FormatError, which begins with
/// `what`, unless there are `size` numbers and all but the first are integers from 0 to 2^53.
void check_state(std::span<const double> state, std::size_t size, const char* what);
}  // namespace detail

}  // namespace chainrule::nn
