#include "autodiff/kernels/moments.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace chainrule {
namespace {

constexpr int no_exponent = std::numeric_limits<int>::min();

/// The exponent e with 2^(e - 1) <= |x| < 2^e; no_exponent for 0, infinities and NaN.
int exponent_of(double x) {
  if (x == 0.0 || !std::isfinite(x)) return no_exponent;
  int exponent = 0;
  std::frexp(x, &exponent);
  return exponent;
}

template <class T>
int row_exponent(const T* row, std::size_t n, int least_exponent) {
  double greatest = 0.0;
  for (std::size_t i = 0; i < n; ++i)
    greatest = std::max(greatest, std::abs(static_cast<double>(row[i])));
  const int exponent = std::max(exponent_of(greatest), least_exponent);
  return exponent == no_exponent ? 0 : exponent;
}

/// The part of standardisation that value and adjoint share: z[i] = (x[i] - mean) * inverse, and 1
/// / sqrt(variance + epsilon) = inverse * 2^-exponent.
template <class T>
struct Standardisation {
  ScaledRow<T> x;
  Moments moments;
  double inverse;

  // Uses units in which epsilon is at most 1. If epsilon is much larger than the variance, the
  // result is about x / sqrt(epsilon), which need not be small in the units of x.
  Standardisation(const T* row, std::size_t n, double epsilon)
      : x(row, n, exponent_of(std::sqrt(epsilon))), moments(x) {
    const double in_units = PowerOfTwo(-2 * x.exponent).times(epsilon);
    inverse = 1.0 / std::sqrt(moments.squares / static_cast<double>(n) + in_units);
  }
  double z(std::size_t i) const { return ((x[i] - moments.mean) - moments.rest) * inverse; }
};

}  // namespace

PowerOfTwo::PowerOfTwo(int exponent)
    : first(std::ldexp(1.0, exponent / 2)), second(std::ldexp(1.0, exponent - exponent / 2)) {}

template <class T>
ScaledRow<T>::ScaledRow(const T* row, std::size_t size, int least_exponent)
    : data(row), n(size), exponent(row_exponent(row, size, least_exponent)), to_units(-exponent) {}

template <class T>
Moments::Moments(const ScaledRow<T>& x) {
  const auto count = static_cast<double>(x.n);
  double sum = 0.0, differences = 0.0;
  for (std::size_t i = 0; i < x.n; ++i) sum += x[i];
  const double first = sum / count;
  for (std::size_t i = 0; i < x.n; ++i) differences += x[i] - first;
  mean = first + differences / count;
  differences = 0.0;
  squares = 0.0;
  for (std::size_t i = 0; i < x.n; ++i) {
    const double d = x[i] - mean;
    differences += d;
    squares += d * d;
  }
  rest = differences / count;
  squares = std::max(squares - differences * rest, 0.0);
}

template <class T>
double robust_deviation(const T* row, std::size_t n, double divisor, bool root) {
  const ScaledRow<T> x(row, n, no_exponent);
  const double variance = Moments(x).squares / divisor;
  return root ? PowerOfTwo(x.exponent).times(std::sqrt(variance))
              : PowerOfTwo(2 * x.exponent).times(variance);
}

template <class T>
void robust_standardise(const T* x, const T* weight, const T* bias, double epsilon, T* out,
                        std::size_t n) {
  const Standardisation<T> row(x, n, epsilon);
  for (std::size_t i = 0; i < n; ++i) {
    const double z = row.z(i);
    out[i] = static_cast<T>(
        weight == nullptr ? z : z * static_cast<double>(weight[i]) + static_cast<double>(bias[i]));
  }
}

template <class T>
void robust_standardise_adjoint(const T* x, const T* adjoint, double epsilon, T* out,
                                std::size_t n) {
  const Standardisation<T> row(x, n, epsilon);
  const ScaledRow<T> a(adjoint, n, no_exponent);
  const auto count = static_cast<double>(n);
  double sum_a = 0.0, sum_za = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    sum_a += a[i];
    sum_za += row.z(i) * a[i];
  }
  const PowerOfTwo back(a.exponent - row.x.exponent);
  for (std::size_t i = 0; i < n; ++i) {
    const double flow = (a[i] - sum_a / count - row.z(i) * (sum_za / count)) * row.inverse;
    out[i] = static_cast<T>(back.times(flow) + 0.0);
  }
}

template <class T>
double robust_scale(const T* x, double epsilon, std::size_t n) {
  const Standardisation<T> row(x, n, epsilon);
  return PowerOfTwo(-row.x.exponent).times(row.inverse);
}

template double robust_deviation(const float*, std::size_t, double, bool);
template double robust_deviation(const double*, std::size_t, double, bool);
template void robust_standardise(const float*, const float*, const float*, double, float*,
                                 std::size_t);
template void robust_standardise(const double*, const double*, const double*, double, double*,
                                 std::size_t);
template void robust_standardise_adjoint(const float*, const float*, double, float*, std::size_t);
template void robust_standardise_adjoint(const double*, const double*, double, double*,
                                         std::size_t);
template double robust_scale(const float*, double, std::size_t);
template double robust_scale(const double*, double, std::size_t);

}  // namespace chainrule
