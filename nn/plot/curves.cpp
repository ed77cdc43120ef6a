#include "nn/plot/curves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "nn/plot/axis.hpp"
#include "nn/plot/svg.hpp"

namespace chainrule::nn {
namespace {

using detail::Axis;
using detail::Range;
using detail::Tick;
using detail::ticks_of;

// All lengths are in pixels of the unscaled picture.
constexpr double panel_width = 460, panel_height = 300;
constexpr double left_margin = 60, right_margin = 26, top_margin = 46,
                 bottom_margin = 44;  // from a panel's edge to its axes
constexpr double plot_width = panel_width - left_margin - right_margin;
constexpr double plot_height = panel_height - top_margin - bottom_margin;
constexpr std::size_t max_in_a_row = 3;

constexpr const char* curve_style =
    ".curve{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}"
    ".dense{stroke-width:1.25}";

struct Point {
  double x, y;
};

/// The points of an uninterrupted part of a curve as an SVG path. Of the points in one column of
/// pixels, the first, the lowest, the highest and the last are enough to draw the same line.
void append_run(std::span<const Point> points, std::string& path) {
  auto out = std::back_inserter(path);
  char command = 'M';
  const auto draw = [&](const Point& point) {
    fmt::format_to(out, "{}{:.1f},{:.1f}", command, point.x, point.y);
    command = 'L';
  };
  for (std::size_t start = 0; start < points.size();) {
    std::size_t end = start + 1;
    while (end < points.size() && std::floor(points[end].x) == std::floor(points[start].x)) ++end;
    std::size_t keep[] = {start, start, start, end - 1};
    for (std::size_t i = start; i < end; ++i) {
      if (points[i].y < points[keep[1]].y) keep[1] = i;
      if (points[i].y > points[keep[2]].y) keep[2] = i;
    }
    std::sort(std::begin(keep), std::end(keep));
    for (std::size_t i = 0; i < 4; ++i)
      if (i == 0 || keep[i] != keep[i - 1]) draw(points[keep[i]]);
    start = end;
  }
}

std::string curve_text(const Curve& curve, const Axis& x, const Axis& y) {
  std::string path, dots;
  std::vector<Point> run;
  const auto finish = [&] {
    if (run.size() == 1)  // a single point is drawn as a dot
      dots += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.5\" fill=\"{}\"/>\n", run[0].x,
                          run[0].y, curve.colour);
    else
      append_run(run, path);
    run.clear();
  };
  for (std::size_t i = 0; i < curve.y.size(); ++i) {
    if (y.holds(curve.y[i]))
      run.push_back({x(curve.first_x + static_cast<double>(i)), y(curve.y[i])});
    else
      finish();
  }
  finish();
  if (path.empty()) return dots;
  const bool dense = static_cast<double>(curve.y.size()) > plot_width;
  return fmt::format("<path class=\"curve{}\" stroke=\"{}\" d=\"{}\"/>\n{}", dense ? " dense" : "",
                     curve.colour, path, dots);
}

Range range_of(const Panel& panel, bool logarithmic) {
  Range range;
  for (const Curve& curve : panel.curves)
    for (const double y : curve.y)
      if (std::isfinite(y) && (!logarithmic || y > 0.0)) range.include(y);
  return range;
}

Axis y_axis(const Panel& panel) {
  Range range = range_of(panel, false);
  const bool logarithmic =
      panel.scale == Scale::logarithmic || (panel.scale == Scale::automatic && !range.empty() &&
                                            range.low > 0.0 && range.high / range.low > 100.0);
  if (logarithmic) range = range_of(panel, true);
  if (range.empty()) range = {logarithmic ? 1.0 : 0.0, logarithmic ? 10.0 : 1.0};
  constexpr double limit = std::numeric_limits<double>::max() / 4, smallest = 1e-300;
  if (logarithmic) {
    const double margin = std::pow(range.high / range.low, 0.04) * 1.02;
    range = {std::max(range.low / margin, smallest), std::min(range.high * margin, limit)};
  } else {
    double margin = 0.05 * (range.high / 2 - range.low / 2) * 2;
    if (margin == 0.0) margin = 0.1 * std::fabs(range.high);
    if (margin == 0.0) margin = 1.0;
    // The margin must not make the axis of non-negative values begin below 0.
    const bool from_zero = range.low >= 0.0 && range.low <= margin;
    range = {from_zero ? 0.0 : std::max(range.low - margin, -limit),
             std::min(range.high + margin, limit)};
  }
  return Axis(range, logarithmic, top_margin + plot_height, top_margin);
}

Axis x_axis(const Panel& panel) {
  Range range;
  for (const Curve& curve : panel.curves) {
    if (curve.y.empty()) continue;
    range.include(curve.first_x);
    range.include(curve.first_x + static_cast<double>(curve.y.size() - 1));
  }
  if (range.empty()) range = {0.0, 1.0};
  if (range.low == range.high) range = {range.low - 1.0, range.high + 1.0};
  return Axis(range, false, left_margin, left_margin + plot_width);
}

std::string legend(const Panel& panel) {
  std::string text;
  double x = panel_width - right_margin;
  for (auto curve = panel.curves.rbegin(); curve != panel.curves.rend(); ++curve) {
    text += fmt::format("<text x=\"{:.0f}\" y=\"26\" text-anchor=\"end\">{}</text>\n", x,
                        detail::svg_escaped(curve->name));
    x -= 6.0 * static_cast<double>(curve->name.size()) + 8;  // an estimate of the width of the text
    text += fmt::format("<path class=\"curve\" stroke=\"{}\" d=\"M{:.0f},22h-14\"/>\n",
                        curve->colour, x);
    x -= 14 + 16;
  }
  return text;
}

std::string panel_text(const Panel& panel, const std::string& x_title) {
  const Axis x = x_axis(panel), y = y_axis(panel);
  std::string text = fmt::format("<text class=\"title\" x=\"{}\" y=\"26\">{}</text>\n", left_margin,
                                 detail::svg_escaped(panel.title));
  auto out = std::back_inserter(text);
  if (panel.curves.size() > 1) text += legend(panel);

  for (const Tick& tick : ticks_of(y, 5)) {
    const double at = y(tick.value);
    fmt::format_to(out, "<path class=\"grid\" d=\"M{},{:.1f}h{}\"/>\n", left_margin, at,
                   plot_width);
    fmt::format_to(out, "<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n",
                   left_margin - 8, at + 4, tick.label);
  }
  const double floor = top_margin + plot_height;
  fmt::format_to(out, "<path class=\"axis\" d=\"M{},{}h{}\"/>\n", left_margin, floor, plot_width);
  for (const Tick& tick : ticks_of(x, 6, true)) {
    const double at = x(tick.value);
    fmt::format_to(out, "<path class=\"axis\" d=\"M{:.1f},{}v4\"/>\n", at, floor);
    fmt::format_to(out, "<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", at,
                   floor + 18, tick.label);
  }
  fmt::format_to(out, "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
                 left_margin + plot_width / 2, floor + 36, detail::svg_escaped(x_title));
  for (const Curve& curve : panel.curves) text += curve_text(curve, x, y);
  return text;
}

}  // namespace

std::string svg_of(std::span<const Panel> panels, const std::string& x_title) {
  const std::size_t count = std::max<std::size_t>(panels.size(), 1);
  const std::size_t in_a_row = count == 4 ? 2 : std::min(count, max_in_a_row);
  const std::size_t rows = (count + in_a_row - 1) / in_a_row;
  const double width = panel_width * static_cast<double>(in_a_row);
  const double height = panel_height * static_cast<double>(rows);
  std::string contents;
  for (std::size_t i = 0; i < panels.size(); ++i) {
    const std::size_t row = i / in_a_row, column = i % in_a_row;
    contents += fmt::format(
        "<g transform=\"translate({},{})\">\n{}</g>\n", panel_width * static_cast<double>(column),
        panel_height * static_cast<double>(row), panel_text(panels[i], x_title));
  }
  return detail::svg_document(width, height, curve_style, contents);
}

}  // namespace chainrule::nn
