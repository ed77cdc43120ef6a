// Mean and variance of a row of any magnitude: the fallback of the fast loops.
#pragma once

#include <cstddef>

#include "autodiff/core/language.hpp"

namespace chainrule {

/// A power of two with an exponent from -4000 to 4000, stored as two factors. times() gives the
/// exact product if that is a normal number, even if the power itself is out of range.
struct PowerOfTwo {
  double first, second;

  explicit PowerOfTwo(int exponent);
  double times(double x) const { return x == 0.0 ? x : x * first * second; }
};

/// A row of elements divided by a power of two, so that the largest is between 1/2 and 1 and
/// neither sums nor squares leave the range of double. Everything computed from a ScaledRow is in
/// these units. Infinite and NaN elements give NaN.
template <class T>
struct ScaledRow {
  const T* data;
  std::size_t n;
  int exponent;  ///< an element is its value in these units times 2^exponent
  PowerOfTwo to_units;

  /// The exponent is at least `least_exponent`, even if all elements are smaller.
  ScaledRow(const T* row, std::size_t size, int least_exponent);
  double operator[](std::size_t i) const { return to_units.times(static_cast<double>(data[i])); }
};

/// The mean, as an unevaluated sum mean + rest of twice the precision, and the sum of squared
/// deviations from it. The corrected two-pass algorithm (Chan, Golub, LeVeque 1983) stays accurate
/// if the spread is small compared with the mean.
struct Moments {
  double mean, rest, squares;

  template <class T>
  explicit Moments(const ScaledRow<T>& x);
};

/// sum((x - mean)^2) / divisor, or its square root if `root`.
template <class T>
double robust_deviation(const T* row, std::size_t n, double divisor, bool root);

/// RowLoops::standardise and standardise_adjoint (rows.hpp) for one row of any magnitude.
template <class T>
void robust_standardise(const T* x, const T* weight, const T* bias, double epsilon, T* out,
                        std::size_t n);
template <class T>
void robust_standardise_adjoint(const T* x, const T* adjoint, double epsilon, T* out,
                                std::size_t n);
/// 1 / sqrt(variance + epsilon) of a row.
template <class T>
double robust_scale(const T* x, double epsilon, std::size_t n);

}  // namespace chainrule
