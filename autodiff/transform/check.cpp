#include "autodiff/transform/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "autodiff/core/error.hpp"
#include "autodiff/core/limits.hpp"
#include "autodiff/core/random.hpp"
#include "autodiff/transform/checked_function.hpp"
#include "autodiff/transform/difference.hpp"

namespace chainrule {
namespace {

using detail::Coordinates;
using detail::infinity;

constexpr std::size_t max_levels = 40;  // the narrowest step is 2^-39 of the widest
// The least tolerance relative to the largest derivative: analytic derivatives are rounded as well.
constexpr double negligible = 1e-12;
// The analytic derivatives are also computed at points close to x0, at these distances in units in
// the last place of x0, to measure how much rounding changes them; and the factor by which the true
// change may exceed the measured one.
constexpr double neighbour_ulps[] = {1.0, -1.0, 2.0};
constexpr double neighbour_margin = 4.0;
// The rounding error of the jump of a slope is four times that of the slope, and the jump is
// extrapolated from narrower steps.
constexpr double jump_noise = 16.0;
// The factor by which the error of a difference that has not settled may exceed its estimate.
constexpr double divergence_margin = 25.0;

void check_options(const GradientCheckOptions& options) {
  if (options.order < 1 || options.order > 3)
    throw DomainError(
        fmt::format("check_gradient: the order is {}; it can be 1, 2 or 3", options.order));
  if (!(options.relative_tolerance >= 0.0 && options.relative_tolerance < infinity) ||
      !(options.absolute_tolerance >= 0.0 && options.absolute_tolerance < infinity) ||
      options.relative_tolerance + options.absolute_tolerance == 0.0)
    throw DomainError(fmt::format(
        "check_gradient: the relative tolerance is {} and the absolute one {}; neither may be "
        "negative, and one must be positive",
        options.relative_tolerance, options.absolute_tolerance));
  if (!(options.step > 0.0 && options.step < infinity))
    throw DomainError(
        fmt::format("check_gradient: the step is {}; it must be positive", options.step));
  if (options.most_third_derivatives == 0)
    throw DomainError("check_gradient: most_third_derivatives is 0; it must be positive");
}

bool same(double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); }

}  // namespace

class GradientChecker {
 public:
  GradientChecker(const detail::CheckedFunction& f, const GradientCheckOptions& options) : f_(f) {
    result_.options_ = options;
    check_options(options);
    check_point();
  }

  GradientCheck run() {
    check_repeats();
    for (std::size_t i = 0; i < f_.inputs().size(); ++i)
      result_.names_.push_back(f_.inputs().name(i));
    for (int order = 1; order <= result_.options_.order; ++order) check_order(order);
    result_.evaluations_ = f_.evaluations();
    return std::move(result_);
  }

 private:
  // The derivatives of one order at x0 found so far, sorted by their coordinates.
  struct Known {
    std::vector<Coordinates> places;
    std::vector<double> values, rounding;

    std::size_t find(const Coordinates& place) const {
      return static_cast<std::size_t>(std::lower_bound(places.begin(), places.end(), place) -
                                      places.begin());
    }
  };

  void check_point() const {
    if (f_.inputs().size() == 0)
      throw DomainError(
          "check_gradient: x0 has no coordinates, so there is no derivative to check. Pass a point "
          "with at least one.");
    for (std::size_t i = 0; i < f_.inputs().size(); ++i)
      if (!std::isfinite(f_.inputs().x0()[i]))
        throw DomainError(fmt::format(
            "check_gradient: {} is {} in x0; a derivative can only be checked at a finite point",
            f_.inputs().name(i), f_.inputs().x0()[i]));
  }

  void check_repeats() {
    const Coordinates value[1] = {};
    const double once = f_.derivatives(0, f_.inputs().x0(), value).front();
    const double again = f_.derivatives(0, f_.inputs().x0(), value).front();
    if (!same(once, again))
      throw DomainError(fmt::format(
          "check_gradient: two runs of the function at x0 gave {} and {}. Differences need a "
          "function that depends on nothing else: create random generators inside it with a fixed "
          "seed, and switch dropout off.",
          once, again));
  }

  /// The coordinates of the derivatives of an order that are checked.
  std::vector<Coordinates> places_of(int order) const {
    const std::size_t n = f_.inputs().size();
    std::vector<Coordinates> places;
    const double all = std::pow(static_cast<double>(n), order);
    if (order == 3 && all > static_cast<double>(result_.options_.most_third_derivatives)) {
      Random random(1);
      for (std::size_t k = 0; k < result_.options_.most_third_derivatives; ++k)
        places.push_back({random.below(n), random.below(n), random.below(n)});
      std::sort(places.begin(), places.end());
      places.erase(std::unique(places.begin(), places.end()), places.end());
      return places;
    }
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < (order > 1 ? n : 1); ++j)
        for (std::size_t k = 0; k < (order > 2 ? n : 1); ++k) places.push_back({i, j, k});
    return places;
  }

  /// The derivatives of the next lower order, whose differences these are compared with.
  Known lower(int order, const std::vector<Coordinates>& places) {
    Known known;
    for (const Coordinates& place : places) known.places.push_back(shortened(order, place));
    std::sort(known.places.begin(), known.places.end());
    known.places.erase(std::unique(known.places.begin(), known.places.end()), known.places.end());
    known.values = f_.derivatives(order - 1, f_.inputs().x0(), known.places);
    known.rounding = f_.rounding(order - 1, known.places);
    return known;
  }
  static Coordinates shortened(int order, Coordinates place) {
    place[static_cast<std::size_t>(order - 1)] = 0;
    return place;
  }

  void check_order(int order) {
    const std::vector<Coordinates> places = places_of(order);
    const std::vector<double> analytic = f_.derivatives(order, f_.inputs().x0(), places);
    const std::vector<double> changes = changes_by_rounding(order, places, analytic);
    const Known known = lower(order, places);
    const auto last = static_cast<std::size_t>(order - 1);
    std::vector<detail::Difference> differences(places.size());
    for (std::size_t moved = 0; moved < f_.inputs().size(); ++moved) {
      std::vector<std::size_t> chosen;
      for (std::size_t e = 0; e < places.size(); ++e)
        if (places[e][last] == moved) chosen.push_back(e);
      if (!chosen.empty()) compare(order, moved, places, chosen, known, differences);
    }
    judge(order, places, analytic, changes, differences);
  }

  /// How much rounding changes each analytic derivative.
  std::vector<double> changes_by_rounding(int order, const std::vector<Coordinates>& places,
                                          const std::vector<double>& analytic) {
    std::vector<double> changes(analytic.size());
    for (const double units : neighbour_ulps) {
      std::vector<double> x = f_.inputs().x0();
      for (std::size_t i = 0; i < x.size(); ++i)
        x[i] = f_.inputs().representable(
            i, x[i] + (i % 2 == 0 ? units : -units) * f_.inputs().spacing(i) * x[i]);
      if (!std::all_of(x.begin(), x.end(), [](double xi) { return std::isfinite(xi); })) continue;
      const std::vector<double> there = f_.derivatives(order, x, places);
      for (std::size_t e = 0; e < there.size(); ++e)
        if (std::isfinite(there[e]))
          changes[e] = std::max(changes[e], neighbour_margin * std::abs(there[e] - analytic[e]));
    }
    return changes;
  }

  /// Changes one coordinate and collects differences for the given derivatives.
  void compare(int order, std::size_t moved, const std::vector<Coordinates>& places,
               const std::vector<std::size_t>& chosen, const Known& known,
               std::vector<detail::Difference>& differences) {
    std::vector<Coordinates> needed;
    std::vector<std::size_t> at;  // in `known`
    for (const std::size_t e : chosen) {
      needed.push_back(shortened(order, places[e]));
      at.push_back(known.find(needed.back()));
    }
    std::vector<double> x = f_.inputs().x0();
    const double middle = x[moved];
    const auto values_at = [&](double moved_to) {
      x[moved] = moved_to;
      return f_.derivatives(order - 1, x, needed);
    };
    // A power of two changes most numbers without rounding.
    double h =
        std::exp2(std::round(std::log2(result_.options_.step * std::max(1.0, std::abs(middle)))));
    bool has_step = false;
    for (std::size_t level = 0; level < max_levels; ++level, h /= 2.0) {
      const double left = f_.inputs().representable(moved, middle - h),
                   right = f_.inputs().representable(moved, middle + h);
      if (left == middle || right == middle || !std::isfinite(left) || !std::isfinite(right))
        continue;
      has_step = true;
      const std::vector<double> below = values_at(left), above = values_at(right);
      bool settled = true;
      for (std::size_t c = 0; c < chosen.size(); ++c) {
        detail::Difference& difference = differences[chosen[c]];
        difference.add(below[c], known.values[at[c]], above[c], (right - left) / 2.0,
                       known.rounding[at[c]]);
        settled = settled && difference.is_settled(result_.options_.relative_tolerance);
      }
      if (settled) break;
    }
    if (!has_step)
      throw DomainError(fmt::format(
          "check_gradient: a step of {} leads to no other finite number from {}, the value of {}. "
          "Use a larger step, or a point of smaller magnitude.",
          result_.options_.step, middle, result_.names_[moved]));
  }

  void judge(int order, const std::vector<Coordinates>& places, const std::vector<double>& analytic,
             const std::vector<double>& changes,
             const std::vector<detail::Difference>& differences) {
    double scale = 0.0;
    for (std::size_t e = 0; e < places.size(); ++e) {
      if (std::isfinite(analytic[e])) scale = std::max(scale, std::abs(analytic[e]));
      scale = std::max(scale, differences[e].steepness());
    }
    for (std::size_t e = 0; e < places.size(); ++e) {
      GradientCheckEntry entry;
      entry.order = order;
      entry.coordinates = places[e];
      entry.analytic = analytic[e];
      judge(entry, differences[e], changes[e], scale);
      result_.entries_.push_back(entry);
    }
  }

  void judge(GradientCheckEntry& entry, const detail::Difference& difference, double change,
             double scale) const {
    const GradientCheckOptions& options = result_.options_;
    const detail::Limit &slope = difference.slope(), &jump = difference.jump();
    entry.difference = slope.value;
    entry.error = slope.error;
    if (difference.is_flat() && entry.analytic == 0.0) {  // constant nearby, so nothing is rounded
      entry.error = 0.0;
      entry.verdict = CheckVerdict::agrees;
      return;
    }
    const double size = std::max(std::abs(entry.analytic), std::abs(slope.value));
    const double own = options.absolute_tolerance + options.relative_tolerance * size;
    const double whole =
        options.absolute_tolerance + options.relative_tolerance * std::max(scale, size);
    entry.tolerance = std::max(own, negligible * scale) + change;
    const auto undecided = [&entry](Doubt doubt) { entry.doubt = doubt; };
    if (!std::isfinite(entry.analytic) || !std::isfinite(slope.value))
      return undecided(Doubt::not_finite);
    if (!difference.is_one_sided()) {
      if (std::abs(jump.value) > jump.error + own) {
        entry.error = std::max(slope.error, std::abs(jump.value) / 2.0);
        return undecided(Doubt::kink);
      }
      if (!std::isfinite(jump.value)) return undecided(Doubt::unsettled);
    }
    // The truncation error is an estimate. It is too small where the terms diverge slowly, such as
    // the slope of x^x at 0.
    const double certain =
        slope.error > slope.rounding ? divergence_margin * slope.error : slope.error;
    const double deviation = std::abs(entry.analytic - slope.value);
    if (deviation > entry.tolerance + entry.error && deviation > certain) {
      if (differentiates_kink(entry)) return undecided(Doubt::kink);
      entry.verdict = CheckVerdict::disagrees;
      return;
    }
    const double resolution = std::max(entry.error, change);
    if (deviation > entry.tolerance + entry.error) return undecided(Doubt::unsettled);
    const bool is_smooth = difference.is_one_sided() || jump.error <= jump_noise * whole;
    if (resolution <= whole && is_smooth) {
      entry.verdict = CheckVerdict::agrees;
      return;
    }
    const bool is_rounding =
        std::max(slope.rounding, change) > whole || jump.rounding > jump_noise * whole;
    undecided(is_rounding ? Doubt::rounding : Doubt::unsettled);
  }

  /// Whether a derivative of lower order, by some of the same coordinates, has a kink here.
  bool differentiates_kink(const GradientCheckEntry& entry) const {
    return std::any_of(
        result_.entries_.begin(), result_.entries_.end(), [&](const GradientCheckEntry& lower) {
          if (lower.doubt != Doubt::kink || lower.order >= entry.order) return false;
          const auto end = lower.coordinates.begin() + lower.order;
          return std::all_of(lower.coordinates.begin(), end, [&](std::size_t coordinate) {
            return std::count(lower.coordinates.begin(), end, coordinate) <=
                   std::count(entry.coordinates.begin(), entry.coordinates.begin() + entry.order,
                              coordinate);
          });
        });
  }

  detail::CheckedFunction f_;
  GradientCheck result_;
};

namespace detail {
GradientCheck check_gradient(FunctionRef f, CheckedInputs& inputs,
                             const GradientCheckOptions& options) {
  return GradientChecker(CheckedFunction(f, inputs), options).run();
}
}  // namespace detail

}  // namespace chainrule
