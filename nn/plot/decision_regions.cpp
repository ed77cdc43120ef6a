#include "nn/plot/decision_regions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <vector>

#include "autodiff/core/files.hpp"
#include "autodiff/rules/activation.hpp"
#include "nn/losses/metrics.hpp"
#include "nn/model/predict.hpp"
#include "nn/plot/axis.hpp"
#include "nn/plot/svg.hpp"

namespace chainrule::nn {
namespace {

using detail::Axis;
using detail::Range;
using detail::Tick;
using detail::ticks_of;

// All lengths are in pixels of the unscaled picture.
constexpr std::size_t cells = 180,
                      cell = 2;  // cells per side of the plot; pixels per side of a cell
constexpr double side = static_cast<double>(cells * cell);
constexpr double left = 60, top = 46, bottom = 48, gap = 20;  // gap: left of the legend
constexpr std::size_t shades = 6;                             // per class

constexpr const char* style =
    ".regions{shape-rendering:crispEdges}"
    ".frame{fill:none;stroke:#a1a1aa;stroke-width:1}"
    ".points{stroke:#ffffff;stroke-width:2.4;stroke-linejoin:round;paint-order:stroke}"
    ".wrong{fill:none;stroke:#18181b;stroke-width:1.5}";

/// Colour and marker of the samples of a class. Further classes repeat them.
struct Style {
  const char* colour;
  const char* marker;  ///< an SVG path relative to the point
};
constexpr const char* circle = "m-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0z";
constexpr const char* square = "m-3.6,-3.6h7.2v7.2h-7.2z";
constexpr const char* triangle = "m0,-5l4.6,8h-9.2z";
constexpr const char* diamond = "m0,-5.2l5,5.2l-5,5.2l-5,-5.2z";
constexpr const char* ring = "m-7,0a7,7 0 1,0 14,0a7,7 0 1,0 -14,0z";
constexpr Style styles[] = {{"#0072b2", circle},   {"#d55e00", square}, {"#009e73", triangle},
                            {"#cc79a7", diamond},  {"#e69f00", circle}, {"#56b4e9", square},
                            {"#52525b", triangle}, {"#b8a900", diamond}};
const Style& style_of(std::size_t c) { return styles[c % std::size(styles)]; }

/// The predicted class of each row (-1 for NaN) and its confidence: 0 if all classes are equally
/// probable, 1 if the predicted class has probability 1.
struct Decisions {
  std::int64_t classes;
  std::vector<std::int64_t> predicted;
  std::vector<double> confidence;
};

Decisions decide(const Module& model, const Tensor& x, bool probabilities) {
  const Tensor output = predict(model, x, 4096);
  if (output.rank() != 2 || output.shape(0) != x.shape(0) || output.shape(1) == 0)
    throw ShapeError(
        fmt::format("decision_regions: the model's output for {} points has shape {}, not "
                    "[{}, classes]",
                    x.shape(0), text_of(output.shape()), x.shape(0)));
  const bool single = output.shape(1) == 1;
  Tensor p = output;
  if (!probabilities) p = single ? sigmoid(output) : softmax(output);
  if (single) p = concat({1.0 - p, p}, 1);
  const std::int64_t classes = p.shape(1);
  Decisions result{classes, predicted_classes(p).to_vector(), {}};
  const std::vector<double> numbers = to_vector(p);
  const double guess = 1.0 / static_cast<double>(classes);
  for (std::size_t row = 0; row < result.predicted.size(); ++row) {
    const std::int64_t c = std::max<std::int64_t>(result.predicted[row], 0);
    const double largest =
        numbers[row * static_cast<std::size_t>(classes) + static_cast<std::size_t>(c)];
    result.confidence.push_back(std::clamp((largest - guess) / (1.0 - guess), 0.0, 1.0));
  }
  return result;
}

std::vector<std::int64_t> classes_of(const Dataset& data) {
  if (data.has_labels()) return data.labels().to_vector();
  if (data.targets().size() != data.size())
    throw ShapeError(fmt::format("decision_regions: targets of shape {}, not [{}, 1]",
                                 text_of(data.targets().shape()), data.size()));
  std::vector<std::int64_t> classes;
  for (const double target : to_vector(data.targets())) classes.push_back(target > 0.5 ? 1 : 0);
  return classes;
}

/// Whether a point can be drawn. For larger numbers the lengths of axes would overflow.
bool is_drawable(double x) { return std::abs(x) <= 1e300; }

/// An axis that covers the points with a margin.
Axis axis_of(const std::vector<double>& points, std::size_t feature, double start, double end) {
  Range range;
  for (std::size_t i = feature; i < points.size(); i += 2)
    if (is_drawable(points[i])) range.include(points[i]);
  if (range.empty()) range = {0.0, 1.0};
  double margin = 0.12 * (range.high - range.low);
  if (margin == 0.0) margin = 1.0;
  return Axis({range.low - margin, range.high + margin}, false, start, end);
}

/// The centres of all cells, row by row from the top: [cells^2, 2].
Tensor middles(const Axis& x, const Axis& y, DType dtype) {
  const auto middle = [](const Range& range, std::size_t i) {
    return range.low +
           (range.high - range.low) * (static_cast<double>(i) + 0.5) / static_cast<double>(cells);
  };
  std::vector<double> points;
  points.reserve(2 * cells * cells);
  for (std::size_t row = 0; row < cells; ++row)
    for (std::size_t column = 0; column < cells; ++column)
      points.insert(points.end(), {middle(x.range(), column), middle(y.range(), cells - 1 - row)});
  return astype(tensor(points, {static_cast<std::int64_t>(cells * cells), 2}), dtype);
}

/// One SVG path per class and shade, made of the runs of cells with it.
std::string regions_text(const Decisions& decisions) {
  constexpr std::size_t none = ~std::size_t{0};
  const auto paint = [&](std::size_t at) {
    if (decisions.predicted[at] < 0) return none;
    const auto shade =
        static_cast<std::size_t>(decisions.confidence[at] * static_cast<double>(shades));
    return static_cast<std::size_t>(decisions.predicted[at]) * shades + std::min(shade, shades - 1);
  };
  std::vector<std::string> paths(static_cast<std::size_t>(decisions.classes) * shades);
  for (std::size_t row = 0; row < cells; ++row) {
    for (std::size_t start = 0, end = 0; start < cells; start = end) {
      const std::size_t which = paint(row * cells + start);
      while (end < cells && paint(row * cells + end) == which) ++end;
      if (which == none) continue;
      fmt::format_to(std::back_inserter(paths[which]), "M{},{}h{}v{}h-{}z",
                     left + static_cast<double>(start * cell),
                     top + static_cast<double>(row * cell), (end - start) * cell, cell,
                     (end - start) * cell);
    }
  }
  std::string text;
  for (std::size_t i = 0; i < paths.size(); ++i)
    if (!paths[i].empty())
      text += fmt::format("<path fill=\"{}\" fill-opacity=\"{:.2f}\" d=\"{}\"/>\n",
                          style_of(i / shades).colour,
                          0.08 + 0.32 * static_cast<double>(i % shades) / (shades - 1.0), paths[i]);
  return "<g class=\"regions\">\n" + text + "</g>\n";
}

std::string axes_text(const Axis& x, const Axis& y, const RegionsOptions& options) {
  std::string text;
  auto out = std::back_inserter(text);
  const double floor = top + side;
  fmt::format_to(out, "<text class=\"title\" x=\"{}\" y=\"26\">{}</text>\n", left,
                 detail::svg_escaped(options.title));
  fmt::format_to(out, "<rect class=\"frame\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>\n",
                 left, top, side, side);
  for (const Tick& tick : ticks_of(x, 5))
    fmt::format_to(out,
                   "<path class=\"axis\" d=\"M{0:.1f},{1}v4\"/>"
                   "<text x=\"{0:.1f}\" y=\"{2}\" text-anchor=\"middle\">{3}</text>\n",
                   x(tick.value), floor, floor + 18, tick.label);
  for (const Tick& tick : ticks_of(y, 5))
    fmt::format_to(out,
                   "<path class=\"axis\" d=\"M{},{:.1f}h-4\"/>"
                   "<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n",
                   left, y(tick.value), left - 8, y(tick.value) + 4, tick.label);
  fmt::format_to(out, "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", left + side / 2,
                 floor + 38, detail::svg_escaped(options.x_title));
  fmt::format_to(
      out, "<text transform=\"translate(16,{}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
      top + side / 2, detail::svg_escaped(options.y_title));
  return text;
}

/// The samples of one kind as one SVG path.
struct Samples {
  std::string name, colour, marker, path;
  const char* css;
};

std::vector<Samples> samples_of(const Dataset& data, const std::vector<double>& points,
                                const std::vector<std::int64_t>& actual, const Decisions& decisions,
                                const Axis& x, const Axis& y) {
  std::vector<Samples> all;
  for (std::size_t c = 0; c < static_cast<std::size_t>(decisions.classes); ++c) {
    const bool named = c < data.class_names().size();
    all.push_back({named ? data.class_names()[c] : fmt::format("class {}", c), style_of(c).colour,
                   style_of(c).marker, "", "points"});
  }
  all.push_back({"misclassified", "none", ring, "", "wrong"});
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (!is_drawable(points[2 * i]) || !is_drawable(points[2 * i + 1])) continue;
    const std::string start = fmt::format("M{:.1f},{:.1f}", x(points[2 * i]), y(points[2 * i + 1]));
    Samples& own = all[static_cast<std::size_t>(actual[i])];
    own.path += start + own.marker;
    if (decisions.predicted[i] != actual[i]) all.back().path += start + all.back().marker;
  }
  if (all.back().path.empty()) all.pop_back();
  return all;
}

}  // namespace

std::string decision_regions(const Module& model, const Dataset& data,
                             const RegionsOptions& options) {
  const Tensor& features = data.features();
  if (data.empty() || features.rank() != 2 || features.shape(1) != 2)
    throw ShapeError(fmt::format("decision_regions: the features have shape {}, not [n, 2]",
                                 data.empty() ? "[0]" : text_of(features.shape())));
  const std::vector<double> points = to_vector(features);
  const Axis x = axis_of(points, 0, left, left + side), y = axis_of(points, 1, top + side, top);
  const std::vector<std::int64_t> actual = classes_of(data);
  const Decisions decisions = decide(model, features, options.probabilities);
  for (const std::int64_t c : actual)
    if (c >= decisions.classes)
      throw ShapeError(
          fmt::format("decision_regions: there is a label {}, but the model has {} classes", c,
                      decisions.classes));

  std::string text =
      regions_text(decide(model, middles(x, y, features.dtype()), options.probabilities));
  text += axes_text(x, y, options);
  double at = top + 8, widest = 0.0;
  for (const Samples& samples : samples_of(data, points, actual, decisions, x, y)) {
    const double start = left + side + gap;
    text += fmt::format(
        "<path class=\"{}\" fill=\"{}\" d=\"{}M{},{}{}\"/>\n"
        "<text x=\"{}\" y=\"{}\">{}</text>\n",
        samples.css, samples.colour, samples.path, start, at, samples.marker, start + 14, at + 4,
        detail::svg_escaped(samples.name));
    widest = std::max(widest, 6.5 * static_cast<double>(samples.name.size()));
    at += 22;
  }
  return detail::svg_document(left + side + gap + 14 + std::ceil(widest) + 16,
                              std::max(top + side + bottom, at + 10), style, text);
}

void plot_decision_regions(const Module& model, const Dataset& data, const std::string& path,
                           const RegionsOptions& options) {
  write_file_atomically(path, decision_regions(model, data, options));
}

}  // namespace chainrule::nn
