// Pictures of curves: panels with axes, as SVG text.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace chainrule::nn {

/// A line through the points (first_x + i, y[i]); it is interrupted where y is not finite.
struct Curve {
  std::string name;
  std::string colour;         ///< as SVG writes it: "#2563eb"
  std::span<const double> y;  ///< not copied
  double first_x = 1.0;
};

/// How the y axis of a panel counts.
enum class Scale {
  automatic,  ///< logarithmic where all values are positive and span more than a factor of 100
  linear,
  logarithmic,  ///< values that are not positive are left out
};

struct Panel {
  std::string title;
  std::vector<Curve> curves;
  Scale scale = Scale::automatic;
};

/// An SVG picture of the panels, side by side, with round numbers at the axes and a legend; it
/// needs nothing from elsewhere but a sans-serif font. Long curves are thinned out to what the eye
/// can see, keeping every extreme. Cost: linear in the points; at most some 20 kB of text a curve.
std::string svg_of(std::span<const Panel> panels, const std::string& x_title);

}  // namespace chainrule::nn
