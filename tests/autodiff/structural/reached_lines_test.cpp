// Which rows and columns of a product of matrices are reached.
#include "autodiff/structural/reached_lines.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include "autodiff/autodiff.hpp"
#include "autodiff/kernels/walk.hpp"
#include "tests/support/partial_adjoint.hpp"

using namespace chainrule;
using namespace chainrule::testing;
using detail::LineMapping;
using detail::ReachedLines;

namespace {

using Numbers = std::vector<double>;

/// A mask in which some rows and some columns are 0, and many other elements.
Numbers random_mask(std::int64_t rows, std::int64_t columns, std::mt19937_64& random) {
  Numbers mask;
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j)
      mask.push_back(i % 3 != 1 && j % 4 != 2 && random() % 4 == 0 ? 1.0 : 0.0);
  return mask;
}

/// 1 for each row (or column) of the mask in which some element is 1.
Numbers lines_of(const Numbers& mask, std::int64_t rows, std::int64_t columns, bool of_columns) {
  Numbers lines(static_cast<std::size_t>(of_columns ? columns : rows), 0.0);
  for (std::int64_t i = 0; i < rows * columns; ++i) {
    double& line = lines[static_cast<std::size_t>(of_columns ? i % columns : i / columns)];
    line = std::max(line, mask[static_cast<std::size_t>(i)]);
  }
  return lines;
}

/// The mask of a product, found by adding up the products of the mask's elements and 1.
Array mask_of_product(const detail::ProductParameters& p, const Array& x, const Array& y) {
  const Array sums = detail::sum_of_products(p, x, y);
  return (sums != 0.0).values();
}

/// The elements that are reached, 1 or 0, even if all are.
Numbers reached_in(const Adjoint<Array>& adjoint) {
  const Array reached = adjoint.reached();
  return reached.is_null() ? Numbers(static_cast<std::size_t>(adjoint.size()), 1.0)
                           : numbers_of(reached);
}

}  // namespace

TEST_CASE("lines are marked in products of every size") {
  std::mt19937_64 random(7);
  for (const DType dtype : {DType::float32, DType::float64})
    for (const std::int64_t rows : {1, 2, 8, 9, 20})
      for (const std::int64_t columns : {1, 7, 8, 9, 16, 17, 40})
        for (const LineMapping lines :
             {LineMapping::rows_to_rows, LineMapping::columns_to_rows, LineMapping::rows_to_columns,
              LineMapping::columns_to_columns}) {
          CAPTURE(rows);
          CAPTURE(columns);
          const bool of_columns =
              lines == LineMapping::columns_to_rows || lines == LineMapping::columns_to_columns;
          const bool to_rows =
              lines == LineMapping::rows_to_rows || lines == LineMapping::columns_to_rows;
          const Numbers mask = random_mask(rows, columns, random);
          const Adjoint<Array> factor =
              partial(random_array({rows, columns}, 1, 1.0, 2.0, dtype), mask);
          const Numbers expected = lines_of(mask, rows, columns, of_columns);
          const auto count = static_cast<std::int64_t>(expected.size());
          const Shape shape = to_rows ? Shape{count, 3} : Shape{3, count};
          const auto found =
              detail::reached_lines(detail::AdjointAccess::elements(factor), lines, 2);
          REQUIRE(found.has_value());
          const Adjoint<Array> product(Array::filled(dtype, shape, -2.0), *found);
          const Numbers reached = reached_in(product);
          for (std::int64_t i = 0; i < 3 * count; ++i) {
            const std::int64_t line = to_rows ? i / 3 : i % count;
            const bool is_reached = expected[static_cast<std::size_t>(line)] != 0.0;
            CHECK(reached[static_cast<std::size_t>(i)] == (is_reached ? 1.0 : 0.0));
            CHECK(product.numbers().element(i) == (is_reached ? -2.0 : 0.0));
          }
        }
}

TEST_CASE("a product of an adjoint reaches what the product of its mask reaches") {
  const struct {
    Shape x, y;
  } table[] = {{{3, 4}, {4, 5}},       {{4, 4}, {4, 4}},    {{2, 3, 4}, {4, 5}},
               {{2, 3, 4}, {2, 4, 5}}, {{3, 4}, {2, 4, 5}}, {{2, 1, 3, 4}, {3, 4, 5}},
               {{4}, {4, 5}},          {{3, 4}, {4}},       {{1, 1}, {1, 1}},
               {{2, 3, 1}, {1, 2}}};
  std::mt19937_64 random(3);
  const auto turned = [](const Array& x, bool turn) {
    return turn ? contiguous(transpose(x, -1, -2)) : x;
  };
  for (const auto& row : table)
    for (const bool left : {true, false})
      for (const bool transpose_x : {false, true})
        for (const bool transpose_y : {false, true}) {
          if ((transpose_x && row.x.size() < 2) || (transpose_y && row.y.size() < 2)) continue;
          CAPTURE(text_of(row.x));
          CAPTURE(text_of(row.y));
          CAPTURE(left);
          const detail::ProductParameters p{transpose_x, transpose_y, Precision::full};
          const Array x = turned(random_array(row.x, 1, 1.0, 2.0), transpose_x);
          const Array y = turned(random_array(row.y, 2, 1.0, 2.0), transpose_y);
          const Array& of_adjoint = left ? x : y;
          for (int repetition = 0; repetition < 5; ++repetition) {
            const std::int64_t last = of_adjoint.shape(of_adjoint.rank() - 1);
            const Numbers mask = random_mask(of_adjoint.size() / last, last, random);
            const Adjoint<Array> adjoint = partial(of_adjoint, mask);
            const Array mask_array = array_of(Shape(of_adjoint.shape()), mask);
            const auto ones = [](const Array& like) {
              return Array::filled(like.dtype(), like.shape(), 1.0);
            };
            const Adjoint<Array> product =
                left ? apply<rules::Matmul>(p, adjoint, y) : apply<rules::Matmul>(p, x, adjoint);
            const Array expected = left ? mask_of_product(p, mask_array, ones(y))
                                        : mask_of_product(p, ones(x), mask_array);
            CHECK(reached_in(product) == numbers_of(expected));
          }
        }
}

TEST_CASE("lines decide nothing about other layouts, vectors and batches") {
  const auto found = [](const Array& adjoint, LineMapping lines, std::size_t rank_of_other) {
    return detail::reached_lines(adjoint, lines, rank_of_other).has_value();
  };
  const Array matrix = random_array({2, 3}), batch = random_array({2, 3, 4});
  CHECK(found(matrix, LineMapping::columns_to_columns, 2));
  CHECK_FALSE(found(matrix, LineMapping::rows_to_rows, 1));
  CHECK_FALSE(found(matrix, LineMapping::rows_to_rows, 3));
  CHECK_FALSE(found(transpose(matrix), LineMapping::rows_to_rows, 2));
  CHECK_FALSE(found(random_array({3}), LineMapping::rows_to_rows, 2));
  CHECK(found(batch, LineMapping::rows_to_rows, 2));
  for (const LineMapping lines : {LineMapping::columns_to_rows, LineMapping::rows_to_columns,
                                  LineMapping::columns_to_columns})
    CHECK_FALSE(found(batch, lines, 2));
}

TEST_CASE("marking lines changes no other handle and no other view") {
  const Array factor = detail::AdjointAccess::elements(partial(random_array({2, 2}), {1, 0, 0, 0}));
  const ReachedLines lines{factor, LineMapping::rows_to_rows};
  const Numbers expected = {1, 1, 1, 0, 0, 0};
  const Array shared = Array::filled(DType::float64, Shape{2, 3}, 5.0);
  const Array turned = transpose(Array::filled(DType::float64, Shape{3, 2}, 5.0));
  for (const Array& numbers : {shared, turned}) {
    const Adjoint<Array> product(numbers, lines);
    CHECK(reached_in(product) == expected);
    for (std::int64_t i = 0; i < 6; ++i)
      CHECK(product.numbers().element(i) == 5.0 * expected[static_cast<std::size_t>(i)]);
    CHECK(numbers_of(numbers) == Numbers(6, 5.0));
  }
  Array part = slice(Array::filled(DType::float64, Shape{2, 5}, -0.0), 1, {1, 4});
  const Adjoint<Array> adjoint(std::move(part), lines);
  CHECK(reached_in(adjoint) == expected);
  CHECK(numbers_of(adjoint.numbers()) == Numbers(6, 0.0));
}

TEST_CASE("a product without elements has no lines to mark") {
  const Array factor = detail::AdjointAccess::elements(partial(random_array({2, 1}), {1, 0}));
  const Adjoint<Array> product(Array::filled(DType::float64, Shape{2, 0}, 1.0),
                               ReachedLines{factor, LineMapping::rows_to_rows});
  CHECK(product.size() == 0);
  CHECK_FALSE(product.is_partial());
}

TEST_CASE("an adjoint without elements reaches nothing") {
  const Adjoint<Array> rows(Array::filled(DType::float64, Shape{2, 0}, 1.0));
  const Adjoint<Array> columns(Array::filled(DType::float64, Shape{0, 2}, 1.0));
  const Array of_columns = Array::filled(DType::float64, Shape{0, 3}, 1.0);
  for (const auto& product : {matmul(rows, of_columns), matmul(transpose(of_columns), columns),
                              apply<rules::Matmul>({true, false}, columns, of_columns)}) {
    CHECK(product.size() == 6);
    CHECK(reached_in(product) == Numbers(6, 0.0));
  }
  // The slope of sqrt at 0 is infinite, but nothing reaches it.
  Graph graph;
  const Tensor x = variable(zeros({2, 2}));
  const Var none = sum(matmul(sqrt(x), ones({2, 0})));
  CHECK(to_vector(gradient(none)[x]) == Numbers(4, 0.0));
  CHECK(to_vector(derivative(none, x)) == Numbers(4, 0.0));
}

TEST_CASE("a factor that is infinite only in bfloat16 reaches no other rows") {
  const float large = std::numeric_limits<float>::max();
  const Tensor x = tensor({{large, 1.0f}, {2.0f, 3.0f}}), signs = tensor({1.0f, -1.0f});
  Graph graph;
  const ProductPrecision precision(Precision::bfloat16);
  const Tensor w = variable(ones({2, 2}, DType::float32));
  const Var loss = sum(relu(matmul(x, w) * signs));
  const double inf = std::numeric_limits<double>::infinity();
  CHECK(to_vector(gradient(loss)[w]) == Numbers{inf, 0, 4, 0});
  CHECK(to_vector(derivative(loss, w)) == Numbers{inf, 0, 4, 0});
}
