#include "autodiff/view/array_text.hpp"

#include <doctest/doctest.h>
#include <fmt/ranges.h>  // must be compatible with the formatters that follow

#include <vector>

#include "autodiff/format.hpp"
#include "autodiff/graph/make_tensor.hpp"
#include "tests/support/reference_data.hpp"

using namespace chainrule;
using chainrule::testing::Json;

TEST_CASE("arrays print as NumPy prints them") {
  const Json reference = chainrule::testing::read_reference("array_text.json");
  for (const Json& c : reference["cases"]) {
    std::vector<double> values;
    for (const Json& x : c["values"]) values.push_back(chainrule::testing::number(x));
    Shape shape;
    for (const Json& size : c["shape"]) shape.push_back(size.get<std::int64_t>());
    const bool is_single = c["dtype"] == "float32";
    const Tensor x = is_single ? tensor(std::vector<float>(values.begin(), values.end()), shape)
                               : tensor(values, shape);
    ArrayTextOptions options;
    const Json& given = c["options"];
    options.precision = given.value("precision", options.precision);
    options.suppress_small = given.value("suppress_small", false);
    options.threshold = given.value("threshold", options.threshold);
    options.edge_items = given.value("edgeitems", options.edge_items);
    options.line_width = given.value("max_line_width", options.line_width);
    options.separator = given.value("separator", options.separator);
    options.indent += static_cast<int>(given.value("prefix", std::string()).size());
    std::string expected;
    for (const Json& line : c["text"]) {
      if (&line != &c["text"].front()) expected += '\n';
      expected += line.get<std::string>();
    }
    CHECK(text_of(x, options) == expected);
  }
  CHECK(reference["cases"].size() > 100);
}

TEST_CASE("views print their own elements") {
  const Array x = tensor({{1, 2, 3}, {4, 5, 6}}).value();
  CHECK(text_of(x.view(Shape{3, 2}, Extents{1, 3}, 0)) == "[[1. 4.]\n [2. 5.]\n [3. 6.]]");
  CHECK(text_of(x.view(Shape{3}, Extents{-1}, 5)) == "[6. 5. 4.]");
}

TEST_CASE("indices and masks print as NumPy's integers and booleans") {
  CHECK(text_of(Indices{1, -20, 300}) == "[  1 -20 300]");
  CHECK(text_of(Indices()) == "[]");
  CHECK(text_of(Mask(tensor({{1, 0}, {0, 1}}).value())) == "[[ True False]\n [False  True]]");
  CHECK(text_of(Mask(Array::scalar(DType::float64, 1.0))) == "True");
}

TEST_CASE("a null array prints as \"no array\"") { CHECK(text_of(Tensor()) == "no array"); }

TEST_CASE("fmt formats tensors, arrays, shapes, indices and masks") {
  const Tensor x = tensor({{0.15, 0.20}, {0.25, 1.0 / 3.0}});
  CHECK(fmt::format("{}", x) == "[[0.15       0.2       ]\n [0.25       0.33333333]]");
  CHECK(fmt::format("x = {:.2}", x.value()) == "x = [[0.15 0.2 ]\n [0.25 0.33]]");
  CHECK(fmt::format("{:.0}|{}|{}", tensor(2.5), x.shape(), Indices{1, 2}) == "2.|[2, 2]|[1 2]");
  CHECK(fmt::format("{:>8}", Shape{1, 2}) == "  [1, 2]");
  CHECK(fmt::format("{}", Mask(tensor({1, 0}).value())) == "[ True False]");
}
