#include "autodiff/kernels/matrix_product.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "autodiff/core/threads.hpp"
#include "autodiff/kernels/dispatch.hpp"

using namespace chainrule;

namespace {

/// A matrix of random elements in memory that is larger than it, somehow laid out.
template <class T>
struct Matrix {
  std::size_t rows, columns;
  std::ptrdiff_t row_stride, column_stride;
  std::vector<T> memory;

  /// layout: 0 row-major, 1 column-major, 2 and 3 the same with gaps, 4 every second element,
  /// 5 one row repeated, 6 one column repeated.
  Matrix(std::size_t m, std::size_t n, int layout, std::mt19937& random)
      : rows(m), columns(n), row_stride(static_cast<std::ptrdiff_t>(n)), column_stride(1) {
    const auto height = static_cast<std::ptrdiff_t>(m), width = static_cast<std::ptrdiff_t>(n);
    if (layout == 1) row_stride = 1, column_stride = height;
    if (layout == 2) row_stride = width + 3;
    if (layout == 3) row_stride = 1, column_stride = height + 5;
    if (layout == 4) row_stride = 2 * width + 1, column_stride = 2;
    if (layout == 5) row_stride = 0;
    if (layout == 6) row_stride = 1, column_stride = 0;
    memory.resize((m > 0 ? (m - 1) * row_stride : 0) + (n > 0 ? (n - 1) * column_stride : 0) + 1);
    std::uniform_real_distribution<double> uniform(-1.0, 1.0);
    for (T& x : memory) x = static_cast<T>(uniform(random));
  }
  T operator()(std::size_t i, std::size_t j) const {
    return memory[i * row_stride + j * column_stride];
  }
  MatrixView view() const { return {memory.data(), row_stride, column_stride}; }
};

struct Case {
  std::size_t m, n, k;
  int layout_a, layout_b;
  bool bias, accumulate;
  Precision precision = Precision::full;
};

/// The largest error, in units of what rounding can do: half an epsilon of the sum of the terms'
/// sizes for every operation.
template <class T>
double error_of(const Case& c, std::mt19937& random, std::vector<T>* result = nullptr) {
  const Matrix<T> a(c.m, c.k, c.layout_a, random), b(c.k, c.n, c.layout_b, random);
  const std::size_t stride = c.n + 2;
  Matrix<T> out(c.m, stride, 0, random);
  const Matrix<T> before = out, bias(1, c.n, 0, random);
  matrix_product(dtype_of<T>, c.precision, c.m, c.n, c.k, a.view(), b.view(),
                 c.bias ? bias.memory.data() : nullptr, c.accumulate, out.memory.data(),
                 static_cast<std::ptrdiff_t>(stride));
  double worst = 0.0;
  for (std::size_t i = 0; i < c.m; ++i) {
    for (std::size_t j = 0; j < c.n; ++j) {
      long double sum = 0.0L, size = 0.0L;
      const auto add = [&](long double x) { sum += x, size += std::abs(x); };
      for (std::size_t p = 0; p < c.k; ++p)
        add(static_cast<long double>(a(i, p)) * static_cast<long double>(b(p, j)));
      if (c.bias) add(bias(0, j));
      if (c.accumulate) add(before(i, j));
      const long double error = std::abs(static_cast<long double>(out(i, j)) - sum);
      const long double unit = size * static_cast<long double>(c.k + 2) *
                               static_cast<long double>(std::numeric_limits<T>::epsilon()) / 2;
      if (!(error <= 0)) worst = std::max(worst, static_cast<double>(error / unit));
      if (std::isnan(out(i, j))) worst = std::numeric_limits<double>::infinity();
    }
    for (std::size_t j = c.n; j < stride; ++j)  // what is between the rows is not ours
      if (out(i, j) != before(i, j)) worst = std::numeric_limits<double>::infinity();
  }
  if (result != nullptr) *result = out.memory;
  return worst;
}

}  // namespace

TEST_CASE("products agree with a loop in higher precision, whatever the shape and layout") {
  for (const char* set : available_instruction_sets()) {
    select_instruction_set(set);
    std::mt19937 random(1);
    for (int i = 0; i < 1500; ++i) {
      const auto below = [&](unsigned n) { return random() % n; };
      const unsigned limit = i % 3 == 0 ? 71 : 20;
      const Case c = {below(limit),  below(limit),  below(limit), int(below(7)),
                      int(below(7)), below(2) == 0, below(2) == 0};
      CAPTURE(std::string(set));
      CAPTURE(c.m);
      CAPTURE(c.n);
      CAPTURE(c.k);
      CAPTURE(c.layout_a);
      CAPTURE(c.layout_b);
      CHECK(error_of<float>(c, random) <= 1.0);
      CHECK(error_of<double>(c, random) <= 1.0);
    }
  }
  select_instruction_set("");
}
