#include "nn/plot/decision_regions.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "autodiff/autodiff.hpp"
#include "nn/model/layers/activation.hpp"
#include "nn/model/layers/linear.hpp"
#include "nn/model/sequential.hpp"
#include "tests/support/count.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/temporary_folder.hpp"

namespace nn = chainrule::nn;
using namespace chainrule;

namespace {

const Tensor corners = tensor({{0, 0}, {0, 1}, {1, 0}, {1, 1}});

/// Logits of three classes with borders at x = 1/3 and x = 2/3 and high confidence.
auto thirds() {
  return nn::Sequential([](const Tensor& p) {
    const Tensor x = matmul(p, tensor({{1}, {0}}, p.dtype()));
    return 1000.0 * concat({0.0 * x, x - 1.0 / 3, 2 * x - 1.0}, 1);
  });
}

/// How far a picture's colour reaches across the row of cells at the top of the plot: the summed
/// widths of its runs.
double width_of(const std::string& svg, const std::string& colour) {
  double width = 0.0;
  for (std::size_t at = svg.find("<path fill=\"" + colour); at != svg.npos;
       at = svg.find("<path fill=\"" + colour, at + 1)) {
    const std::size_t end = svg.find("/>", at);
    for (std::size_t run = svg.find(",46h", at); run < end; run = svg.find(",46h", run + 1))
      width += std::stod(svg.substr(run + 4));
  }
  return width;
}

const std::string blue = "#0072b2", orange = "#d55e00", green = "#009e73";

}  // namespace

TEST_CASE("each class has its region of the plane") {
  nn::Sequential model = thirds();
  const nn::Dataset data(corners, Indices{0, 0, 2, 2}, {"left", "middle", "right"});
  const std::string svg = nn::decision_regions(
      model, data, {.title = "A & B", .x_title = "length", .y_title = "width"});
  // The 360 pixels cover the numbers from -0.12 to 1.12.
  CHECK(width_of(svg, blue) == doctest::Approx(360 * (1.0 / 3 + 0.12) / 1.24).epsilon(0.02));
  CHECK(width_of(svg, orange) == doctest::Approx(360 * (1.0 / 3) / 1.24).epsilon(0.02));
  CHECK(width_of(svg, green) == doctest::Approx(360 * (1.0 / 3 + 0.12) / 1.24).epsilon(0.02));
  CHECK(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  for (const char* text : {"A &amp; B", "length", "width", "left", "middle", "right"})
    CHECK(contains(svg, std::string(">") + text + "</text>"));
  CHECK_FALSE(contains(svg, "misclassified"));

  const TemporaryFolder folder;
  nn::plot_decision_regions(model, data, folder / "regions.svg");
  CHECK(contains(contents_of(folder / "regions.svg"), ">Decision regions</text>"));
  CHECK_THROWS_AS(nn::plot_decision_regions(model, data, folder / "no/file.svg"), FormatError);
}

TEST_CASE("misclassified samples have a ring") {
  nn::Sequential model = thirds();
  const std::string ring = "a7,7 0 1,0 14,0";
  const std::string svg = nn::decision_regions(model, nn::Dataset(corners, Indices{0, 1, 2, 0}));
  CHECK(count(svg, ring) == 2 + 1);  // and one in the legend
  CHECK(contains(svg, ">misclassified</text>"));
  CHECK(contains(svg, ">class 1</text>"));
}

TEST_CASE("a single output means two classes, as a logit or a probability") {
  nn::Sequential logits([](const Tensor& p) {
    return matmul(p, tensor({{50}, {0}}, p.dtype())) - 25.0;
  });
  nn::Sequential probabilities(logits, nn::Sigmoid());
  const nn::Dataset data(corners, tensor({{0}, {0}, {1}, {1}}));
  const std::string svg = nn::decision_regions(logits, data);
  CHECK(width_of(svg, blue) == doctest::Approx(180));
  CHECK(width_of(svg, orange) == doctest::Approx(180));
  CHECK(nn::decision_regions(probabilities, data, {.probabilities = true}) == svg);
  const nn::Dataset floats(astype(corners, DType::float32), data.targets());
  CHECK(width_of(nn::decision_regions(logits, floats), blue) == doctest::Approx(180));
}

TEST_CASE("colours are pale where the confidence is low") {
  nn::Sequential model([](const Tensor& p) { return matmul(p, tensor({{1e-9}, {0}})); });
  const std::string svg =
      nn::decision_regions(model, nn::Dataset(corners, tensor({{0}, {0}, {1}, {1}})));
  CHECK(contains(svg, "fill-opacity=\"0.08\""));
  CHECK_FALSE(contains(svg, "fill-opacity=\"0.40\""));
}

TEST_CASE("NaN is neither a region nor a point") {
  nn::Sequential nothing([](const Tensor& p) { return matmul(p, tensor({{NAN}, {0}})); });
  const Tensor one = tensor({{1, 0}, {NAN, 0}});
  const std::string svg = nn::decision_regions(nothing, nn::Dataset(one, Indices{0, 1}));
  CHECK(width_of(svg, blue) == 0.0);
  CHECK(count(svg, "a4,4 0 1,0 8,0") == 1 + 1);  // one sample and one in the legend
  CHECK_FALSE(contains(svg, "nan"));
}

TEST_CASE("samples that are too large to be drawn are omitted") {
  nn::Sequential model = thirds();
  const Tensor points = tensor({{1, 0}, {1e308, 0}, {-1e308, 1}});
  const std::string svg = nn::decision_regions(model, nn::Dataset(points, Indices{0, 1, 1}));
  CHECK(count(svg, "a4,4 0 1,0 8,0") == 1 + 1);  // one sample and one in the legend
  CHECK_FALSE(contains(svg, "nan"));
  CHECK_FALSE(contains(svg, "inf"));
}

TEST_CASE("other shapes are errors") {
  nn::Sequential model = thirds();
  const auto message = [&](const nn::Dataset& data) {
    return message_of<ShapeError>([&] { nn::decision_regions(model, data); });
  };
  CHECK(contains(message(nn::Dataset(ones({4, 3}), Indices{0, 0, 0, 0})), "[4, 3], not [n, 2]"));
  CHECK(contains(message({}), "not [n, 2]"));
  CHECK(contains(message(nn::Dataset(corners, Indices{0, 1, 2, 3})), "label 3"));
  CHECK(contains(message(nn::Dataset(corners, corners)), "targets of shape [4, 2]"));
  nn::Sequential flat([](const Tensor& p) { return sum(p, 1); });
  CHECK_THROWS_AS(nn::decision_regions(flat, nn::Dataset(corners, Indices{0, 0, 0, 0})),
                  ShapeError);
}
