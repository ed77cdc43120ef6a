// Pictures of curves: panels with axes, as SVG text.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "autodiff/core/language.hpp"

namespace chainrule::nn {

/// A line through the points (first_x + i, y[i]), interrupted where y is not finite.
struct Curve {
  std::string name;
  std::string colour;         ///< an SVG colour, such as "#2563eb"
  std::span<const double> y;  ///< not copied
  double first_x = 1.0;
};

/// The scale of the y axis of a panel.
enum class Scale {
  automatic,  ///< logarithmic if all values are positive and span more than a factor of 100
  linear,
  logarithmic,  ///< omits values that are not positive
};

struct Panel {
  std::string title;
  std::vector<Curve> curves;
  Scale scale = Scale::automatic;
};

/// An SVG picture of the panels side by side, with ticks and a legend. It needs no other file and
/// any sans-serif font. For long curves it keeps only the points that are visible at the picture's
/// size, including all extremes. Cost: linear in the points; at most about 20 kB of text per curve.
std::string svg_of(std::span<const Panel> panels, const std::string& x_title);

}  // namespace chainrule::nn
