#include "nn/plot/curves.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "tests/support/count.hpp"
#include "tests/support/message_of.hpp"

namespace nn = chainrule::nn;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

std::string picture(const std::vector<double>& y, nn::Scale scale = nn::Scale::automatic) {
  const nn::Panel panel{"loss", {{"training", "#2563eb", y}}, scale};
  return nn::svg_of({&panel, 1}, "epoch");
}

/// The points of the first curve in pixels.
std::vector<std::pair<double, double>> points_of(const std::string& svg) {
  std::size_t at = svg.find("d=\"", svg.find("<path class=\"curve")) + 3;
  std::vector<std::pair<double, double>> points;
  const char* text = svg.c_str() + at;
  while (*text == 'M' || *text == 'L') {
    char* end = nullptr;
    const double x = std::strtod(text + 1, &end);
    const double y = std::strtod(end + 1, &end);
    points.emplace_back(x, y);
    text = end;
  }
  return points;
}

}  // namespace

TEST_CASE("a curve spans the panel, with smaller values lower") {
  const auto points = points_of(picture({3.0, 2.0, 1.0}));
  REQUIRE(points.size() == 3);
  CHECK(points[0].first < points[1].first);
  CHECK(points[1].first - points[0].first == doctest::Approx(points[2].first - points[1].first));
  CHECK(points[0].second < points[1].second);  // y increases downwards
  CHECK(points[1].second - points[0].second ==
        doctest::Approx(points[2].second - points[1].second).epsilon(0.01));
}

TEST_CASE("large ranges have a logarithmic scale") {
  const auto points = points_of(picture({1000.0, 1.0, 0.001}));
  REQUIRE(points.size() == 3);
  CHECK(points[1].second - points[0].second ==
        doctest::Approx(points[2].second - points[1].second).epsilon(0.01));
  CHECK(contains(picture({1e6, 1.0, 1e-6}), ">10⁶</text>"));
  CHECK(contains(picture({1e6, 1.0, 1e-6}), ">10⁻⁶</text>"));
  // Not with a zero among the values.
  const auto linear = points_of(picture({1000.0, 1.0, 0.0}));
  CHECK(linear[2].second - linear[1].second < 1.0);
  // If requested explicitly, the zero is omitted.
  CHECK(points_of(picture({1000.0, 1.0, 0.0}, nn::Scale::logarithmic)).size() == 2);
}

TEST_CASE("values that are not finite interrupt the curve; an isolated point is a dot") {
  const std::string svg = picture({1.0, 2.0, NAN, 1.5, infinity, 1.0, 2.0});
  CHECK(count(svg, "<circle") == 1);
  CHECK(points_of(svg).size() == 4);
  const std::size_t path = svg.find("<path class=\"curve");
  CHECK(count(svg.substr(path, svg.find("/>", path) - path), "M") == 2);
}

TEST_CASE("long curves are reduced, but keep their extremes") {
  std::vector<double> y(1'000'000);
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = std::sin(static_cast<double>(i) * 1e-5);
  y[123'456] = 5.0;
  y[654'321] = -4.0;
  const std::string svg = picture(y);
  CHECK(svg.size() < 40'000);
  const auto points = points_of(svg);
  CHECK(points.size() < 1600);
  const auto [top, bottom] =
      std::minmax_element(points.begin(), points.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; });
  const double a_zero = points.front().second;
  CHECK((a_zero - top->second) / (bottom->second - a_zero) ==
        doctest::Approx(5.0 / 4).epsilon(0.01));
  CHECK(std::is_sorted(points.begin(), points.end(),
                       [](const auto& a, const auto& b) { return a.first < b.first; }));
}

TEST_CASE("the picture is well-formed and has only finite numbers, whatever the values are") {
  const double most = std::numeric_limits<double>::max(), least = 5e-324;
  const std::vector<std::vector<double>> cases = {{},
                                                  {NAN},
                                                  {1.0},
                                                  {0.0, 0.0},
                                                  {most, -most},
                                                  {most, most},
                                                  {least},
                                                  {least, least},
                                                  {most, least},
                                                  {-1.0, -1.0},
                                                  {infinity},
                                                  {1e-310, 1e-320},
                                                  {1e17, 1e17 + 64}};
  for (const std::vector<double>& y : cases)
    for (const nn::Scale scale :
         {nn::Scale::automatic, nn::Scale::linear, nn::Scale::logarithmic}) {
      CAPTURE(y.empty() ? 0.0 : y[0]);
      const std::string svg = picture(y, scale);
      CHECK_FALSE(contains(svg, "nan"));
      CHECK_FALSE(contains(svg, "inf"));
      CHECK(count(svg, "<text") == count(svg, "</text>"));
      CHECK(svg.size() < 10'000);
    }
}

TEST_CASE("names are escaped") {
  const std::vector<double> y = {1.0, 2.0};
  const std::vector<nn::Panel> panels = {
      {"a<b & \"c\"\n", {{"<1>", "#000", y}, {"2", "#111", y}}, nn::Scale::linear}};
  const std::string svg = nn::svg_of(panels, "x>y");
  CHECK(contains(svg, ">a&lt;b &amp; &quot;c&quot; </text>"));
  CHECK(contains(svg, ">&lt;1&gt;</text>"));
  CHECK(contains(svg, ">x&gt;y</text>"));
}
