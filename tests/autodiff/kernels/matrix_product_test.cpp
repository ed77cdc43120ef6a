#include "autodiff/kernels/matrix_product.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <limits>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "autodiff/core/error.hpp"
#include "autodiff/core/threads.hpp"
#include "autodiff/kernels/dispatch.hpp"
#include "tests/support/count_allocations.hpp"

using namespace chainrule;

namespace {

/// A matrix of random elements within a larger block of memory, in one of several layouts.
template <class T>
struct Matrix {
  std::size_t rows, columns;
  std::ptrdiff_t row_stride, column_stride;
  std::vector<T> memory;

  /// layout: 0 row-major, 1 column-major, 2 and 3 the same with gaps, 4 every second element, 5 one
  /// row repeated, 6 one column repeated.
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
  bool bias = false, accumulate = false;
  Precision precision = Precision::full;
};
std::ostream& operator<<(std::ostream& stream, const Case& c) {
  return stream << c.m << " x " << c.n << " x " << c.k << ", layouts " << c.layout_a << " and "
                << c.layout_b << (c.bias ? ", bias" : "") << (c.accumulate ? ", accumulated" : "");
}

Case some_case(unsigned limit, std::mt19937& random) {
  const auto below = [&](unsigned n) { return random() % n; };
  const std::size_t m = below(limit), n = below(limit), k = below(limit);
  const int a = static_cast<int>(below(7)), b = static_cast<int>(below(7));
  return {m, n, k, a, b, below(2) == 0, below(2) == 0};
}

/// test(name) with the kernels of each instruction set in turn, and with the libraries.
template <class Test>
void for_each_kernel(const Test& test) {
  for (const char* set : available_instruction_sets()) {
    select_instruction_set(set);
    test(set);
  }
  select_instruction_set("");
  const auto with = [&](ProductBackend backend, const char* name) {
    if (!has_product_backend(backend, DType::float32)) return;
    select_product_backend(backend);
    test(name);
    select_product_backend(ProductBackend::automatic);
  };
  with(ProductBackend::eigen, "Eigen");
  with(ProductBackend::onednn, "oneDNN");
}

/// The factors of a case, with gaps between the rows of the result, and the sums in higher
/// precision.
template <class T>
class Problem {
 public:
  Problem(const Case& c, std::mt19937& random)
      : case_(c),
        a_(c.m, c.k, c.layout_a, random),
        b_(c.k, c.n, c.layout_b, random),
        before_(c.m, c.n + 2, 0, random),
        bias_(1, c.n, 0, random) {
    for (std::size_t i = 0; i < c.m; ++i) {
      for (std::size_t j = 0; j < c.n; ++j) {
        long double sum = 0.0L, size = 0.0L;
        const auto add = [&](long double x) { sum += x, size += std::abs(x); };
        for (std::size_t p = 0; p < c.k; ++p)
          add(static_cast<long double>(a_(i, p)) * static_cast<long double>(b_(p, j)));
        if (c.bias) add(bias_(0, j));
        if (c.accumulate) add(before_(i, j));
        sums_.push_back({sum, size});
      }
    }
  }

  std::vector<T> product() const {
    std::vector<T> out = before_.memory;
    matrix_product(dtype_of<T>, case_.precision, case_.m, case_.n, case_.k, a_.view(), b_.view(),
                   case_.bias ? bias_.memory.data() : nullptr, case_.accumulate, out.data(),
                   before_.row_stride);
    return out;
  }

  /// The largest error, in units of the rounding error bound: half an epsilon of the sum of the
  /// terms' magnitudes for every operation. Infinite if something was written between the rows.
  double error_of(const std::vector<T>& out) const {
    double worst = 0.0;
    const auto row_stride = static_cast<std::size_t>(before_.row_stride);
    for (std::size_t i = 0; i < case_.m; ++i) {
      for (std::size_t j = 0; j < case_.n; ++j) {
        const auto [sum, size] = sums_[i * case_.n + j];
        const T value = out[i * row_stride + j];
        const long double error = std::abs(static_cast<long double>(value) - sum);
        const long double unit = size * static_cast<long double>(case_.k + 2) *
                                 static_cast<long double>(std::numeric_limits<T>::epsilon()) / 2;
        if (!(error <= 0)) worst = std::max(worst, static_cast<double>(error / unit));
        if (std::isnan(value)) worst = std::numeric_limits<double>::infinity();
      }
      for (std::size_t j = case_.n; j < row_stride; ++j)
        if (out[i * row_stride + j] != before_(i, j))
          worst = std::numeric_limits<double>::infinity();
    }
    return worst;
  }

 private:
  struct Sum {
    long double value, size;
  };
  Case case_;
  Matrix<T> a_, b_, before_, bias_;
  std::vector<Sum> sums_;
};

template <class T>
double error_of(const Case& c, std::mt19937& random) {
  const Problem<T> problem(c, random);
  return problem.error_of(problem.product());
}

}  // namespace

TEST_CASE("products agree with a loop in higher precision, for all shapes and layouts") {
  for_each_kernel([](const std::string& kernel) {
    CAPTURE(kernel);
    std::mt19937 random(1);
    for (int i = 0; i < 1000; ++i) {
      const Case c = some_case(i % 3 == 0 ? 71 : 20, random);
      CAPTURE(c);
      CHECK(error_of<float>(c, random) <= 1.0);
      CHECK(error_of<double>(c, random) <= 1.0);
    }
  });
}

TEST_CASE("every path of the kernels agrees: tiles, packed tiles, dots, the transpose") {
  for_each_kernel([](const std::string& kernel) {
    CAPTURE(kernel);
    std::mt19937 random(2);
    const auto check = [&](const Case& c) {
      CAPTURE(c);
      CHECK(error_of<float>(c, random) <= 1.0);
      CHECK(error_of<double>(c, random) <= 1.0);
    };
    check({64, 10, 300, 0, 1, true, true});     // dots
    check({1, 40, 130, 0, 1, true, false});     // dots of one row
    check({130, 3, 33, 1, 0, true, true});      // the transpose
    check({30, 40, 1100, 1, 1, true, true});    // deeper than one pass
    check({130, 70, 1030, 0, 0, false, true});  // a with a stride of a page
    check({530, 65, 9, 0, 0, true, false});     // b's columns, a small remainder
    check({70, 1100, 40, 0, 0, true, true});    // b with a stride of a page
    check({1100, 70, 40, 1, 2, false, false});  // such an a, by columns, in two blocks
  });
}

TEST_CASE("large products, on one thread and on two, are reproducible to the bit") {
  const int threads = thread_count();
  for (const Case& c : {Case{200, 310, 170, 0, 1, true, true}, Case{400, 90, 220, 1, 0},
                        Case{190, 180, 150, 4, 4, true, false}}) {
    CAPTURE(c);
    std::mt19937 random(3);
    const Problem<float> floats(c, random);
    const Problem<double> doubles(c, random);
    for_each_kernel([&](const std::string& kernel) {
      CAPTURE(kernel);
      for (const int count : {1, 2, 3}) {
        set_thread_count(count);
        CAPTURE(count);
        const std::vector<float> first = floats.product(), second = floats.product();
        CHECK(floats.error_of(first) <= 1.0);
        CHECK(std::memcmp(first.data(), second.data(), first.size() * sizeof(float)) == 0);
        CHECK(doubles.error_of(doubles.product()) <= 1.0);
      }
    });
  }
  set_thread_count(threads);
}

TEST_CASE("products of factors rounded to bfloat16 are within two half units of 8 bits") {
  // The error of each factor is at most 2^-8 of it, and sums have the error of float32.
  const double allowed = (2.0 / 256.0 + 3e-5) / (std::numeric_limits<float>::epsilon() / 2);
  for_each_kernel([&](const std::string& kernel) {
    CAPTURE(kernel);
    std::mt19937 random(4);
    for (int i = 0; i < 400; ++i) {
      Case c = some_case(i % 3 == 0 ? 71 : 20, random);
      c.precision = Precision::bfloat16;
      CAPTURE(c);
      CHECK(error_of<float>(c, random) * static_cast<double>(c.k + 2) <= allowed);
    }
    Case large = {200, 310, 171, 0, 1, true, true, Precision::bfloat16};
    CHECK(error_of<float>(large, random) * static_cast<double>(large.k + 2) <= allowed);
    CHECK(error_of<float>(large, random) > 1.0);  // rounding did happen
    CHECK(error_of<double>(large, random) <= 1.0);
  });
}

TEST_CASE("rounding to bfloat16 is to the nearest, ties to even") {
  const float ulp = 1.0F / 128.0F;  // for numbers from 1 to 2
  const float x[] = {1.0F + ulp / 2, 1.0F + 1.5F * ulp, 1.0F + 0.75F * ulp, -1.0F - ulp / 4};
  const float nearest[] = {1.0F, 1.0F + 2 * ulp, 1.0F + ulp, -1.0F};
  for_each_kernel([&](const std::string& kernel) {
    CAPTURE(kernel);
    const float one = 1.0F;
    float out[4];
    matrix_product(DType::float32, Precision::bfloat16, 4, 1, 1, {x, 1, 1}, {&one, 1, 1}, nullptr,
                   false, out, 1);
    for (int i = 0; i < 4; ++i) CHECK(out[i] == nearest[i]);
  });
}

TEST_CASE("NaN and infinities propagate as in IEEE arithmetic") {
  const float infinity = std::numeric_limits<float>::infinity(), nan = std::nanf("");
  for_each_kernel([&](const std::string& kernel) {
    CAPTURE(kernel);
    for (const Precision precision : {Precision::full, Precision::bfloat16}) {
      CAPTURE(name_of(precision));
      for (const std::size_t n : {1, 3, 16, 40}) {
        std::vector<float> a = {1, 0, infinity, 1, nan, 1}, b(2 * n, 0.0F), out(3 * n, nan);
        b[n] = 2.0F;
        matrix_product(DType::float32, precision, 3, n, 2, {a.data(), 2, 1},
                       {b.data(), static_cast<std::ptrdiff_t>(n), 1}, nullptr, false, out.data(),
                       static_cast<std::ptrdiff_t>(n));
        for (std::size_t j = 0; j < n; ++j) CHECK(out[j] == 0.0F);
        CHECK(std::isnan(out[n]));  // infinity * 0
        CHECK(std::isnan(out[2 * n]));
        b.assign(2 * n, 1.0F);
        matrix_product(DType::float32, precision, 3, n, 2, {a.data(), 2, 1},
                       {b.data(), static_cast<std::ptrdiff_t>(n), 1}, nullptr, false, out.data(),
                       static_cast<std::ptrdiff_t>(n));
        CHECK(out[n] == infinity);
        CHECK(std::isnan(out[3 * n - 1]));
      }
    }
  });
}

TEST_CASE("empty products give the bias, or an empty result") {
  const double bias[] = {1.0, 2.0}, nan = std::nan("");
  double out[] = {5.0, 5.0, nan, nan};
  const auto multiply = [&](std::size_t m, std::size_t n, std::size_t k, const double* start,
                            bool accumulate) {
    matrix_product(DType::float64, Precision::full, m, n, k, {nullptr, 0, 0}, {nullptr, 0, 0},
                   start, accumulate, out, 2);
  };
  multiply(1, 2, 0, bias, true);
  CHECK(out[0] == 6.0);
  CHECK(out[1] == 7.0);
  multiply(2, 2, 0, bias, false);
  CHECK(out[2] == 1.0);
  CHECK(out[3] == 2.0);
  multiply(2, 2, 0, nullptr, false);
  for (const double x : out) CHECK(x == 0.0);
  out[0] = 8.0;
  multiply(0, 2, 3, bias, false);
  multiply(2, 0, 3, bias, false);
  CHECK(out[0] == 8.0);
}

TEST_CASE("a backend that the build lacks is an error with a message") {
  for (const ProductBackend backend : {ProductBackend::eigen, ProductBackend::onednn})
    if (!has_product_backend(backend, DType::float32))
      CHECK_THROWS_AS(select_product_backend(backend), Error);
  CHECK(has_product_backend(ProductBackend::own, DType::float64));
  CHECK(!has_product_backend(ProductBackend::onednn, DType::float64));
}

#if CHAINRULE_COUNTS_ALLOCATIONS
TEST_CASE("the second product of a size allocates no memory") {
  const int threads = thread_count();
  set_thread_count(1);
  for_each_kernel([](const std::string& kernel) {
    CAPTURE(kernel);
    for (const Precision precision : {Precision::full, Precision::bfloat16}) {
      for (const Case& c :
           {Case{32, 16, 2, 0, 1, true, false}, Case{16, 2, 32, 1, 0}, Case{64, 10, 128, 0, 1},
            Case{200, 300, 100, 4, 4, true, true}, Case{100, 300, 1100, 0, 1}}) {
        CAPTURE(c);
        std::mt19937 random(5);
        const Matrix<float> a(c.m, c.k, c.layout_a, random), b(c.k, c.n, c.layout_b, random);
        std::vector<float> out(c.m * c.n), bias(c.n);
        const auto multiply = [&] {
          const std::size_t before = allocations;
          matrix_product(DType::float32, precision, c.m, c.n, c.k, a.view(), b.view(),
                         c.bias ? bias.data() : nullptr, c.accumulate, out.data(),
                         static_cast<std::ptrdiff_t>(c.n));
          return allocations - before;
        };
        release_product_memory();
        multiply();
        const std::size_t second = multiply();
        // oneDNN allocates a few blocks in every call, and frees them.
        CHECK(second <= (kernel == "oneDNN" ? 10U : 0U));
      }
    }
  });
  release_product_memory();
  set_thread_count(threads);
}
#endif
