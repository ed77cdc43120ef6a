#include "nn/model/initializers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace chainrule::nn {

Random& default_random() {
  thread_local Random random(0);
  return random;
}

void seed(std::uint64_t seed) { default_random() = Random(seed); }

namespace init {
namespace {

struct Fans {
  double in, out;
};

Fans fans_of(const Shape& shape, const char* name) {
  if (shape.size() < 2)
    throw ShapeError(
        fmt::format("{}: a parameter of shape {} has no fan_in and fan_out; it needs "
                    "two axes, [out, in]",
                    name, text_of(shape)));
  double field = 1.0;
  for (std::size_t i = 2; i < shape.size(); ++i) field *= static_cast<double>(shape[i]);
  const Fans fans{field * static_cast<double>(shape[1]), field * static_cast<double>(shape[0])};
  if (fans.in == 0.0 || fans.out == 0.0)
    throw ShapeError(fmt::format("{}: the shape {} has no elements", name, text_of(shape)));
  return fans;
}

void check_gain(double gain, const char* name) {
  if (!std::isfinite(gain) || gain < 0.0)
    throw DomainError(
        fmt::format("{}: gain is {}; it must be finite and not negative", name, gain));
}

/// A uniform or normal distribution whose standard deviation depends on the fans.
template <class Deviation>
Initializer by_fans(const char* name, bool is_normal, Deviation deviation) {
  return [=](const Shape& shape, DType dtype, Random& random) {
    const double sigma = deviation(fans_of(shape, name));
    const double bound = std::sqrt(3.0) * sigma;
    return is_normal ? chainrule::normal(random, shape, 0.0, sigma, dtype).value()
                     : chainrule::uniform(random, shape, -bound, bound, dtype).value();
  };
}

Initializer xavier(const char* name, bool is_normal, double gain) {
  check_gain(gain, name);
  return by_fans(name, is_normal,
                 [gain](Fans fans) { return gain * std::sqrt(2.0 / (fans.in + fans.out)); });
}

Initializer he(const char* name, bool is_normal, double gain, Fan fan) {
  check_gain(gain, name);
  return by_fans(name, is_normal, [gain, fan](Fans fans) {
    return gain / std::sqrt(fan == Fan::in ? fans.in : fans.out);
  });
}

/// Makes the columns of a tall matrix in row-major order orthonormal, by modified Gram-Schmidt. It
/// runs twice, because the first pass leaves rounding errors. The diagonal of R is then positive.
void orthonormalise(std::vector<double>& a, std::size_t rows, std::size_t columns) {
  const auto column = [&](std::size_t i, std::size_t j) -> double& { return a[i * columns + j]; };
  for (std::size_t j = 0; j < columns; ++j) {
    for (int pass = 0; pass < 2; ++pass)
      for (std::size_t k = 0; k < j; ++k) {
        double dot = 0.0;
        for (std::size_t i = 0; i < rows; ++i) dot += column(i, j) * column(i, k);
        for (std::size_t i = 0; i < rows; ++i) column(i, j) -= dot * column(i, k);
      }
    double square = 0.0;
    for (std::size_t i = 0; i < rows; ++i) square += column(i, j) * column(i, j);
    for (std::size_t i = 0; i < rows; ++i) column(i, j) /= std::sqrt(square);
  }
}

}  // namespace

Initializer constant(double value) {
  return [value](const Shape& shape, DType dtype, Random&) {
    return Array::filled(dtype, shape, value);
  };
}

Initializer uniform(double low, double high) {
  Random().uniform(low, high);  // throws if the bounds are not finite or out of order
  return [=](const Shape& shape, DType dtype, Random& random) {
    return chainrule::uniform(random, shape, low, high, dtype).value();
  };
}

Initializer normal(double mean, double standard_deviation) {
  Random().normal(mean, standard_deviation);
  return [=](const Shape& shape, DType dtype, Random& random) {
    return chainrule::normal(random, shape, mean, standard_deviation, dtype).value();
  };
}

Initializer xavier_uniform(double gain) { return xavier("xavier_uniform", false, gain); }
Initializer xavier_normal(double gain) { return xavier("xavier_normal", true, gain); }
Initializer he_uniform(double gain, Fan fan) { return he("he_uniform", false, gain, fan); }
Initializer he_normal(double gain, Fan fan) { return he("he_normal", true, gain, fan); }
Initializer lecun_uniform() { return he("lecun_uniform", false, 1.0, Fan::in); }
Initializer lecun_normal() { return he("lecun_normal", true, 1.0, Fan::in); }
Initializer fan_in_uniform() { return he("fan_in_uniform", false, std::sqrt(1.0 / 3.0), Fan::in); }

double leaky_relu_gain(double slope) { return std::sqrt(2.0 / (1.0 + slope * slope)); }

Initializer identity() {
  return [](const Shape& shape, DType dtype, Random&) {
    if (shape.size() != 2)
      throw ShapeError(fmt::format("identity: the shape {} is not a matrix's", text_of(shape)));
    return eye(shape[0], shape[1], 0, dtype).value();
  };
}

Initializer orthogonal(double gain) {
  check_gain(gain, "orthogonal");
  return [gain](const Shape& shape, DType dtype, Random& random) {
    fans_of(shape, "orthogonal");
    const auto rows = static_cast<std::size_t>(shape[0]);
    const auto columns = static_cast<std::size_t>(element_count(shape, "orthogonal")) / rows;
    const std::size_t tall = std::max(rows, columns), narrow = std::min(rows, columns);
    std::vector<double> q(rows * columns);
    for (double& x : q) x = random.normal();
    orthonormalise(q, tall, narrow);
    Array array = Array::uninitialised(dtype, shape);
    with_type(dtype, [&](auto zero) {
      using T = decltype(zero);
      T* const out = array.mutable_data_as<T>();
      for (std::size_t at = 0; at < q.size(); ++at) {
        const std::size_t row = at / columns, column = at % columns;
        out[at] = static_cast<T>(gain * q[rows >= columns ? at : column * narrow + row]);
      }
    });
    return array;
  };
}

}  // namespace init
}  // namespace chainrule::nn
