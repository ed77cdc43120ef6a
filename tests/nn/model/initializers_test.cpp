#include "nn/model/initializers.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace chainrule;
namespace init = nn::init;

namespace {

struct Moments {
  double mean = 0.0, deviation = 0.0, least = 0.0, most = 0.0;
};

/// Statistics of many values drawn for a shape with fan_in 200 and fan_out 300.
Moments moments(const nn::Initializer& initializer, const Shape& shape = {300, 200}) {
  Random random(7);
  const Array x = initializer(shape, DType::float64, random);
  Moments m;
  for (std::int64_t i = 0; i < x.size(); ++i) {
    const double e = x.element(i);
    m.mean += e;
    m.deviation += e * e;
    m.least = std::min(m.least, e);
    m.most = std::max(m.most, e);
  }
  m.mean /= static_cast<double>(x.size());
  m.deviation = std::sqrt(m.deviation / static_cast<double>(x.size()));
  return m;
}

void check_uniform(const nn::Initializer& initializer, double bound,
                   const Shape& shape = {300, 200}) {
  const Moments m = moments(initializer, shape);
  CHECK(m.most <= bound);
  CHECK(m.least >= -bound);
  CHECK(m.most > 0.999 * bound);
  CHECK(m.deviation == doctest::Approx(bound / std::sqrt(3.0)).epsilon(0.02));
}
void check_normal(const nn::Initializer& initializer, double deviation) {
  const Moments m = moments(initializer);
  CHECK(std::fabs(m.mean) < 0.02 * deviation);
  CHECK(m.deviation == doctest::Approx(deviation).epsilon(0.02));
  CHECK(m.most > 3.0 * deviation);
}

}  // namespace

TEST_CASE("distributions have the bounds and deviations of their formulas") {
  check_uniform(init::uniform(-2.0, 2.0), 2.0);
  check_normal(init::normal(0.0, 0.3), 0.3);
  check_uniform(init::xavier_uniform(), std::sqrt(6.0 / 500.0));
  check_uniform(init::xavier_uniform(init::tanh_gain), 5.0 / 3.0 * std::sqrt(6.0 / 500.0));
  check_normal(init::xavier_normal(), std::sqrt(2.0 / 500.0));
  check_uniform(init::he_uniform(), std::sqrt(6.0 / 200.0));
  check_uniform(init::he_uniform(1.0, init::Fan::out), std::sqrt(3.0 / 300.0));
  check_normal(init::he_normal(), std::sqrt(2.0 / 200.0));
  check_normal(init::he_normal(1.0, init::Fan::out), std::sqrt(1.0 / 300.0));
  check_uniform(init::lecun_uniform(), std::sqrt(3.0 / 200.0));
  check_normal(init::lecun_normal(), std::sqrt(1.0 / 200.0));
  check_uniform(init::fan_in_uniform(), 1.0 / std::sqrt(200.0));
  // A convolution: both fans are multiplied by the receptive field.
  check_uniform(init::xavier_uniform(), std::sqrt(6.0 / (9.0 * 50.0)), {30, 20, 3, 3});
}

TEST_CASE("gains") {
  CHECK(init::relu_gain == std::sqrt(2.0));
  CHECK(init::leaky_relu_gain(0.0) == std::sqrt(2.0));
  CHECK(init::leaky_relu_gain(1.0) == 1.0);
}

TEST_CASE("constants, identity") {
  Random random;
  CHECK(init::constant(3.0)({2}, DType::float32, random).element(1) == 3.0);
  CHECK(init::zeros()({2}, DType::float64, random).element(1) == 0.0);
  CHECK(init::ones()({2}, DType::float64, random).element(1) == 1.0);
  const Array e = init::identity()({2, 3}, DType::float64, random);
  for (std::int64_t i = 0; i < 6; ++i) CHECK(e.element(i) == (i == 0 || i == 4 ? 1.0 : 0.0));
  CHECK_THROWS_AS(init::identity()({2}, DType::float64, random), ShapeError);
}

TEST_CASE("orthogonal matrices have orthonormal rows or columns, times the gain") {
  Random random(3);
  for (const Shape& shape : {Shape{5, 5}, Shape{7, 3}, Shape{3, 7}, Shape{3, 2, 4}}) {
    const Array q = init::orthogonal(2.0)(shape, DType::float64, random);
    const std::int64_t rows = shape[0], columns = q.size() / rows;
    const bool tall = rows >= columns;
    const std::int64_t few = tall ? columns : rows, many = tall ? rows : columns;
    for (std::int64_t a = 0; a < few; ++a)
      for (std::int64_t b = 0; b < few; ++b) {
        double dot = 0.0;
        for (std::int64_t i = 0; i < many; ++i)
          dot += tall ? q.element(i * columns + a) * q.element(i * columns + b)
                      : q.element(a * columns + i) * q.element(b * columns + i);
        CHECK(dot == doctest::Approx(a == b ? 4.0 : 0.0).epsilon(1e-13));
      }
  }
}

TEST_CASE("invalid arguments are errors") {
  Random random;
  CHECK_THROWS_AS(init::xavier_uniform()({3}, DType::float64, random), ShapeError);
  CHECK_THROWS_AS(init::he_normal()({3, 0}, DType::float64, random), ShapeError);
  CHECK_THROWS_AS(init::he_normal(-1.0), DomainError);
  CHECK_THROWS_AS(init::uniform(1.0, 0.0), DomainError);
  CHECK_THROWS_AS(init::normal(0.0, -1.0), DomainError);
}

TEST_CASE("equal seeds give equal numbers") {
  nn::seed(5);
  const Array a = init::xavier_normal()({4, 4}, DType::float64, nn::default_random());
  nn::seed(5);
  const Array b = init::xavier_normal()({4, 4}, DType::float64, nn::default_random());
  const Array c = init::xavier_normal()({4, 4}, DType::float64, nn::default_random());
  CHECK(a.element(7) == b.element(7));
  CHECK(a.element(7) != c.element(7));
}
