#include "autodiff/structural/statistics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "autodiff/core/error.hpp"
#include "autodiff/kernels/elements.hpp"
#include "autodiff/kernels/moments.hpp"
#include "autodiff/kernels/reduce.hpp"
#include "autodiff/kernels/walk.hpp"
#include "autodiff/rules/exponential.hpp"

namespace chainrule {
using namespace detail;

namespace {

std::string joined(const std::string& a, const std::string& b) {
  return a.empty() || b.empty() ? a + b : a + ", " + b;
}

/// The mean along the axes, with keepdims, as mean + residual. The mean alone is rounded, and its
/// error is large relative to a small spread. For equal elements, subtracting both leaves exactly
/// 0.
struct PreciseMean {
  Array mean, residual;

  PreciseMean(const Array& x, const Axes& axes, const char* operation) {
    const auto count = static_cast<double>(reduced_count(Shape(x.shape()), axes, operation));
    mean = fold(Fold::sum, x, axes, {true, count});
    residual = fold(Fold::difference_sum, x, axes, {true, count, &mean});
  }
};

/// The sums of squares that have their full accuracy: below, squares may be subnormal; above, one
/// may have overflowed.
struct SquareRange {
  double low, high;
};
constexpr SquareRange square_range(DType dtype) {
  return dtype == DType::float32 ? SquareRange{1e-28, 1e37} : SquareRange{1e-280, 1e307};
}

/// Subtracts the part of the mean squared deviations that is due to the rounding of the mean.
/// Stores NaN where something overflowed, underflowed or cancelled, and returns whether that
/// happened.
template <class T>
bool correct(Array& squares, const Array& residual, double weight) {
  constexpr SquareRange range = square_range(dtype_of<T>);
  const T* const residuals = residual.data_as<T>();
  T* const out = squares.mutable_data_as<T>();
  int failed = 0;
  for (std::int64_t i = 0; i < squares.size(); ++i) {
    const double square = static_cast<double>(out[i]), r = static_cast<double>(residuals[i]);
    const double variance = square - r * r * weight;
    const int good = static_cast<int>(variance >= range.low) &
                     static_cast<int>(variance <= range.high) &
                     static_cast<int>(square <= 8.0 * variance);
    out[i] = static_cast<T>(good != 0 ? variance : std::numeric_limits<double>::quiet_NaN());
    failed |= 1 - good;
  }
  return failed != 0;
}

/// The variance, or its square root.
Array deviation(const VarianceParameters& p, const Array& x, bool root, const char* operation) {
  const double divisor = degrees_of_freedom(Shape(x.shape()), p, operation);
  const Axes axes = p.axes.of(x.rank(), operation);
  const PreciseMean mean(x, axes, operation);
  Array squares = fold(Fold::deviation_sum, x, axes, {p.keepdims, divisor, &mean.mean});
  return with_type(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const bool failed = correct<T>(squares, mean.residual, (divisor + p.correction) / divisor);
    Array result = root ? sqrt(squares) : squares;
    if (!failed) return result;
    const RowsAlong rows(x, axes);
    const T* row = rows.matrix.template data_as<T>();
    T* const out = result.mutable_data_as<T>();
    for (std::size_t i = 0; i < rows.rows; ++i, row += rows.columns)
      if (std::isnan(out[i]))
        out[i] = static_cast<T>(robust_deviation<T>(row, rows.columns, divisor, root));
    return result;
  });
}

/// x - mean - residual, in one pass.
template <class T>
Array without_mean(const Array& operand, const PreciseMean& mean) {
  const Array x = contiguous(operand);
  Array result = Array::like(x);
  const Walk<2> walk(x.shape(), {Extents(x.strides()), broadcast_strides(mean.mean, x.shape())});
  const T *const from = x.data_as<T>(), *const m = mean.mean.data_as<T>(),
                 *const r = mean.residual.data_as<T>();
  T* const to = result.mutable_data_as<T>();
  walk.for_each_row([&](const auto& at) {
    const auto n = static_cast<std::int64_t>(walk.row());
    const T* const in = from + at[0];
    T* const out = to + at[0];
    if (walk.stride(1) == 0) {
      const T mean_of_row = m[at[1]], residual_of_row = r[at[1]];
      for (std::int64_t i = 0; i < n; ++i) out[i] = (in[i] - mean_of_row) - residual_of_row;
    } else {  // consecutive elements have consecutive means
      const T *const means = m + at[1], *const residuals = r + at[1];
      for (std::int64_t i = 0; i < n; ++i) out[i] = (in[i] - means[i]) - residuals[i];
    }
  });
  return result;
}

/// Whether all sums have their full accuracy.
bool are_accurate(const Array& sums) {
  const SquareRange range = square_range(sums.dtype());
  return with_type(sums.dtype(), [&](auto zero) {
    const auto* const data = sums.data_as<decltype(zero)>();
    return std::all_of(data, data + sums.size(),
                       [&](auto sum) { return sum >= range.low && sum <= range.high; });
  });
}

}  // namespace

std::string rules::Norm::describe(const Parameters& p) {
  return joined(p.p == 2.0 ? "" : fmt::format("p={}", p.p), describe_reduction(p));
}

Array rules::Norm::value(const Parameters& p, const Array& x) {
  if (!(p.p > 0.0))
    throw DomainError(fmt::format("norm: p is {}, but must be greater than 0", p.p));
  const Axes axes = p.axes.of(x.rank(), "norm");
  if (x.size() == 0) return fold(Fold::sum, x, axes, {p.keepdims}) + 0.0;
  if (p.p == 1.0) return fold(Fold::absolute_sum, x, axes, {p.keepdims});
  if (p.p == 2.0) {
    const Array squares = fold(Fold::square_sum, x, axes, {p.keepdims});
    if (are_accurate(squares)) return sqrt(squares);
  }
  const Array greatest = fold(Fold::maximum, abs(x), axes, {true});
  const Array unit =
      one_where_zero(select(greatest < std::numeric_limits<double>::infinity(), greatest, 1.0));
  const Array sum =
      fold(Fold::sum, p.p == 2.0 ? square(x / unit) : pow(abs(x / unit), p.p), axes, {true});
  const Array norm = unit * (p.p == 2.0 ? sqrt(sum) : pow(sum, 1.0 / p.p));
  return in_shape(norm, reduced_shape(Shape(x.shape()), axes, p.keepdims));
}

Array rules::Centred::value(const Reduced& p, const Array& x) {
  const PreciseMean mean(x, p.axes.of(x.rank(), "centred"), "centred");
  return with_type(x.dtype(), [&](auto zero) { return without_mean<decltype(zero)>(x, mean); });
}

double detail::degrees_of_freedom(const Shape& shape, const VarianceParameters& p,
                                  const char* operation) {
  const auto count = static_cast<double>(reduced_count(shape, p.axes, operation));
  if (!(count - p.correction > 0.0))
    throw DomainError(fmt::format(
        "{}: for a tensor of shape {} the divisor is {} elements less the correction {}, which is "
        "not above 0. Use a smaller correction.",
        operation, text_of(shape), count, p.correction));
  return count - p.correction;
}

std::string detail::describe_variance(const VarianceParameters& p) {
  return joined(describe_reduction(p),
                p.correction == 0.0 ? "" : fmt::format("correction={}", p.correction));
}

Array rules::Variance::value(const Parameters& p, const Array& x) {
  return deviation(p, x, false, "var");
}

Array rules::StandardDeviation::value(const Parameters& p, const Array& x) {
  return deviation(p, x, true, "stddev");
}

}  // namespace chainrule
