// Numeric derivatives: differences extrapolated to step 0, with a bound on their error.
#pragma once

#include <array>
#include <cstddef>
#include <limits>

#include "autodiff/core/language.hpp"

namespace chainrule::detail {

/// An extrapolated limit and its error bounds.
struct Limit {
  double value = std::numeric_limits<double>::quiet_NaN();
  double error = std::numeric_limits<double>::infinity();     ///< from truncation and rounding
  double rounding = std::numeric_limits<double>::infinity();  ///< from rounding alone
};

/// Extrapolates terms with halved steps, T(h) = limit + c h^p + d h^(p + q) + ..., one at a time
/// (Richardson). The result is the extrapolant with the smallest error (Ridders). The error of an
/// extrapolant is a multiple of its distance to the two that it was computed from, but at least the
/// rounding error of the terms and a fraction of the previous change, because two extrapolants may
/// agree by chance.
class Extrapolation {
 public:
  Extrapolation(int first_power, int power_step)
      : first_power_(first_power), power_step_(power_step) {}

  /// Adds the term of the next step, with a bound on its rounding error. A term that is not finite
  /// means that the step leaves the domain; the extrapolation then restarts with the next term.
  void add(double term, double rounding);
  const Limit& best() const { return best_; }

 private:
  static constexpr std::size_t most_columns = 8;

  int first_power_, power_step_;
  std::size_t columns_ = 0;
  std::array<double, most_columns> row_{}, moves_{};
  double last_ = 0.0;
  Limit best_;
};

/// Computes one derivative from values at x - h, x and x + h with smaller and smaller h.
class Difference {
 public:
  /// `below` and `above` may be infinite or NaN. `rounding` bounds the rounding error of each
  /// value.
  void add(double below, double at, double above, double h, double rounding);

  /// The derivative, from central differences, or from one side if the other has no finite value.
  const Limit& slope() const;
  /// The slope to the right minus the slope to the left: 0 except at a kink. Meaningless if one
  /// side has no finite value.
  const Limit& jump() const { return jump_.best(); }
  bool is_one_sided() const { return is_edge_above_ != is_edge_below_; }
  /// Whether no value differed from that at x.
  bool is_flat() const { return is_flat_; }
  /// The slope of the widest secant at x that is still related to the derivative: the scale for a
  /// derivative that is itself small.
  double steepness() const { return steepness_; }

  /// Whether smaller steps would not help: the error is below a thousandth of the tolerance,
  /// relative to the derivative or the steepness, or only rounding errors remain.
  bool is_settled(double relative_tolerance) const;

 private:
  Extrapolation both_{2, 2}, jump_{1, 2}, above_{1, 1}, below_{1, 1};
  int levels_ = 0;
  bool is_flat_ = true, is_edge_above_ = true, is_edge_below_ = true;
  double steepness_ = 0.0, last_secant_ = std::numeric_limits<double>::infinity();
  double last_rounding_ = 0.0;
};

}  // namespace chainrule::detail
