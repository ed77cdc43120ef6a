#include "autodiff/transform/difference.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "autodiff/core/limits.hpp"

namespace chainrule::detail {
namespace {

constexpr double unit = std::numeric_limits<double>::epsilon() / 2.0;
// Extrapolants that agree are usually closer to the limit than to each other.
constexpr double safety = 4.0;
// An upper bound of the factor by which extrapolation multiplies the rounding errors of the terms.
constexpr double amplification = 2.0;
// The number of steps after which a value that has not changed counts as constant, and the minimum
// number of steps before rounding can end the search.
constexpr int flat_levels = 4, fewest_levels = 8;

}  // namespace

void Extrapolation::add(double term, double rounding) {
  if (!std::isfinite(term)) {
    columns_ = 0;
    return;
  }
  // Terms that grow much as the step shrinks were not close to the limit: the value at which they
  // seemed to settle means nothing.
  if (std::abs(term) > 1.5 * std::abs(last_) && std::abs(term - last_) > 100.0 * rounding)
    best_ = {};
  last_ = term;
  double above = term;  // column by column, from the previous row to this one
  for (std::size_t k = 0; k < std::min(columns_, most_columns - 1); ++k) {
    const double factor = std::ldexp(1.0, first_power_ + power_step_ * static_cast<int>(k));
    const double next = above + (above - row_[k]) / (factor - 1.0);
    const double move = std::abs(above - row_[k]),
                 move_before = k + 1 < columns_ ? moves_[k] : infinity;
    const double truncation =
        std::max({std::abs(next - above), std::abs(next - row_[k]), move_before / 64.0});
    const double error = std::max(safety * truncation, amplification * rounding);
    if (error <= best_.error) best_ = {next, error, amplification * rounding};
    moves_[k] = move;
    row_[k] = above;
    above = next;
  }
  row_[std::min(columns_, most_columns - 1)] = above;
  columns_ = std::min(columns_ + 1, most_columns);
}

void Difference::add(double below, double at, double above, double h, double rounding) {
  const bool has_below = std::isfinite(below), has_above = std::isfinite(above);
  is_edge_below_ = is_edge_below_ && !has_below;
  is_edge_above_ = is_edge_above_ && !has_above;
  double largest = std::abs(at), secant = 0.0;
  for (const double value : {below, above}) {
    if (!std::isfinite(value)) continue;
    largest = std::max(largest, std::abs(value));
    secant = std::max(secant, std::abs(value - at) / h);
  }
  last_rounding_ = std::max(rounding, unit * largest) / h;
  both_.add((above - below) / (2.0 * h), last_rounding_);
  jump_.add(((above - at) - (at - below)) / h, 4.0 * last_rounding_);
  if (is_edge_below_) above_.add((above - at) / h, 2.0 * last_rounding_);
  if (is_edge_above_) below_.add((at - below) / h, 2.0 * last_rounding_);
  is_flat_ = is_flat_ && above == at && below == at;
  ++levels_;
  // A low power of the step decreases slowly. A faster decrease means that the wider steps
  // approached another limit.
  if (!(secant > 0.0)) return;
  if (secant < last_secant_ / 20.0) steepness_ = secant;
  last_secant_ = secant;
}

const Limit& Difference::slope() const {
  if (is_edge_below_ && !is_edge_above_) return above_.best();
  if (is_edge_above_ && !is_edge_below_) return below_.best();
  return both_.best();
}

bool Difference::is_settled(double relative_tolerance) const {
  if (is_flat_) return levels_ >= flat_levels;
  const double sharp = 1e-3 * relative_tolerance * std::max(std::abs(slope().value), steepness_);
  const bool is_smooth = is_one_sided() || jump().error <= sharp;
  if (slope().error <= sharp && is_smooth) return true;
  // No later term can be more accurate than its own rounding error.
  return levels_ >= fewest_levels && amplification * last_rounding_ > slope().error &&
         (is_one_sided() || 4.0 * amplification * last_rounding_ > jump().error);
}

}  // namespace chainrule::detail
