// The axes of a picture: the mapping from numbers to pixels, and the ticks.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "autodiff/core/language.hpp"

namespace chainrule::nn::detail {

/// The range of some numbers; empty if there are none.
struct Range {
  double low = std::numeric_limits<double>::infinity(),
         high = -std::numeric_limits<double>::infinity();
  void include(double x) {
    low = std::min(low, x);
    high = std::max(high, x);
  }
  bool empty() const { return !(low <= high); }
};

/// An axis: maps numbers to pixels, linearly or logarithmically.
class Axis {
 public:
  Axis(Range range, bool logarithmic, double start, double end)
      : logarithmic_(logarithmic), range_(range), start_(start), end_(end) {}

  const Range& range() const { return range_; }
  bool logarithmic() const { return logarithmic_; }
  bool holds(double x) const { return std::isfinite(x) && (!logarithmic_ || x > 0.0); }
  double operator()(double x) const {
    const double low = scaled(range_.low), high = scaled(range_.high);
    // Halved, because the difference of two finite doubles can overflow.
    const double part = (scaled(x) / 2 - low / 2) / (high / 2 - low / 2);
    return start_ + (end_ - start_) * part;
  }

 private:
  double scaled(double x) const { return logarithmic_ ? std::log10(x) : x; }

  bool logarithmic_;
  Range range_;
  double start_, end_;
};

/// A tick of an axis with its label.
struct Tick {
  double value;
  std::string label;
};

/// About `count` ticks at round numbers within the range of the axis, integers if `whole`. On a
/// logarithmic axis at most seven powers of ten, and also 2 and 5 times these if they are few.
std::vector<Tick> ticks_of(const Axis& axis, int count, bool whole = false);

/// About `count` round numbers in [low, high], spaced by 1, 2 or 5 times a power of ten; integers
/// if `whole`. Precondition: both ends are finite.
std::vector<double> round_ticks(double low, double high, int count, bool whole = false);

}  // namespace chainrule::nn::detail
