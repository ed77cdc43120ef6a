// Numeric derivatives: differences extrapolated to step 0, with a bound of their error.
#pragma once

#include <array>
#include <cstddef>
#include <limits>

namespace chainrule::detail {

/// A limit for step 0, and how far it may be off.
struct Limit {
  double value = std::numeric_limits<double>::quiet_NaN();
  double error = std::numeric_limits<double>::infinity();     ///< by truncation and by rounding
  double rounding = std::numeric_limits<double>::infinity();  ///< by rounding alone
};

/// Extrapolates terms of halved steps, T(h) = limit + c h^p + d h^(p + q) + ..., one at a time
/// (Richardson). Of all extrapolants the one with the least error is taken (Ridders). The error of
/// an extrapolant is a multiple of its distance to the two that it was made of, but no less than
/// the rounding error of the terms, nor than a fraction of their move before: two that agree may be
/// luck.
class Extrapolation {
 public:
  Extrapolation(int first_power, int power_step)
      : first_power_(first_power), power_step_(power_step) {}

  /// Adds the term of the next step, and a bound of its rounding error. A term that is not finite
  /// lies beyond the edge of the domain: the extrapolation begins anew with the next one.
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

/// One derivative in the making, from values at x - h, x and x + h for smaller and smaller h.
class Difference {
 public:
  /// `below` and `above` may be infinite or NaN. `rounding` bounds the rounding error of each
  /// value.
  void add(double below, double at, double above, double h, double rounding);

  /// The derivative: by differences to both sides, or to one where the other has no finite value.
  const Limit& slope() const;
  /// The slope to the right minus the slope to the left: 0 but at a kink. Of no meaning where one
  /// side has no finite value.
  const Limit& jump() const { return jump_.best(); }
  bool is_one_sided() const { return is_edge_above_ != is_edge_below_; }
  /// No value differed from that at x.
  bool is_flat() const { return is_flat_; }
  /// Slope of the widest secant to x that has to do with the derivative: the scale of one that is
  /// small itself.
  double steepness() const { return steepness_; }

  /// Narrower steps would add nothing: the error is below a thousandth of the tolerance, relative
  /// to the derivative or the steepness, or rounding is all that is left of it.
  bool is_settled(double relative_tolerance) const;

 private:
  Extrapolation both_{2, 2}, jump_{1, 2}, above_{1, 1}, below_{1, 1};
  int levels_ = 0;
  bool is_flat_ = true, is_edge_above_ = true, is_edge_below_ = true;
  double steepness_ = 0.0, last_secant_ = std::numeric_limits<double>::infinity();
  double last_rounding_ = 0.0;
};

}  // namespace chainrule::detail
