// The axes of a picture: where a number stands, and which numbers are written beside it.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace chainrule::nn::detail {

/// The smallest and the largest of some numbers; empty as long as there are none.
struct Range {
  double low = std::numeric_limits<double>::infinity(),
         high = -std::numeric_limits<double>::infinity();
  void include(double x) {
    low = std::min(low, x);
    high = std::max(high, x);
  }
  bool empty() const { return !(low <= high); }
};

/// An axis: numbers to pixels, linear in the numbers or in their logarithms.
class Axis {
 public:
  Axis(Range range, bool logarithmic, double start, double end)
      : logarithmic_(logarithmic), range_(range), start_(start), end_(end) {}

  const Range& range() const { return range_; }
  bool logarithmic() const { return logarithmic_; }
  bool holds(double x) const { return std::isfinite(x) && (!logarithmic_ || x > 0.0); }
  double operator()(double x) const {
    const double low = scaled(range_.low), high = scaled(range_.high);
    // Halved, because the difference of two doubles need not be one.
    const double part = (scaled(x) / 2 - low / 2) / (high / 2 - low / 2);
    return start_ + (end_ - start_) * part;
  }

 private:
  double scaled(double x) const { return logarithmic_ ? std::log10(x) : x; }

  bool logarithmic_;
  Range range_;
  double start_, end_;
};

/// A number that is written at an axis, as it is written.
struct Tick {
  double value;
  std::string label;
};

/// About `count` round numbers within the axis' range, whole ones if asked for. On a logarithmic
/// axis powers of ten, at most seven, with their double and fivefold where they are few.
std::vector<Tick> ticks_of(const Axis& axis, int count, bool whole = false);

/// Round numbers (1, 2 or 5 times a power of ten apart) that lie in [low, high]: about `count`, and
/// whole ones if asked for. Both ends must be finite.
std::vector<double> round_ticks(double low, double high, int count, bool whole = false);

}  // namespace chainrule::nn::detail
