#include "autodiff/structural/statistics.hpp"

#include <fmt/format.h>

#include "autodiff/core/error.hpp"
#include "autodiff/kernels/elements.hpp"
#include "autodiff/kernels/reduce.hpp"

namespace chainrule {
namespace {

std::string joined(const std::string& a, const std::string& b) {
  return a.empty() || b.empty() ? a + b : a + ", " + b;
}

/// The mean along the axes, with keepdims. What rounding leaves of it is taken out: nothing at all
/// shall be left of equal elements when it is subtracted.
Array exact_mean(const Array& x, const Axes& axes) {
  const auto count = static_cast<double>(reduced_count(Shape(x.shape()), axes, "mean"));
  const Array mean = fold(Fold::sum, x, axes, {true, count});
  return mean + fold(Fold::differences, x, axes, {true, count, &mean});
}

Array variance(const Spreading& p, const Array& x, const char* operation) {
  const double count = degrees_of_freedom(Shape(x.shape()), p, operation);
  const Axes axes = p.axes.of(x.rank(), operation);
  const Array mean = exact_mean(x, axes);
  return fold(Fold::deviations, x, axes, {p.keepdims, count, &mean});
}

bool all_between(const Array& x, double low, double high) {
  bool all = true;
  with_type(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* const data = x.data_as<T>();
    for (std::int64_t i = 0; i < x.size(); ++i)
      all = all && data[i] >= static_cast<T>(low) && data[i] <= static_cast<T>(high);
  });
  return all;
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
  if (p.p == 1.0) return fold(Fold::absolutes, x, axes, {p.keepdims});
  if (p.p == 2.0) {
    const Array squares = fold(Fold::squares, x, axes, {p.keepdims});
    const bool is_float = x.dtype() == DType::float32;
    // Unless squares of large elements overflow or those of small ones vanish.
    if (all_between(squares, is_float ? 1e-28 : 1e-280, is_float ? 1e37 : 1e307))
      return sqrt(squares);
  }
  const Array greatest = fold(Fold::greatest, abs(x), axes, {true});
  const Array unit =
      one_for_zero(select(greatest < std::numeric_limits<double>::infinity(), greatest, 1.0));
  const Array sum =
      fold(Fold::sum, p.p == 2.0 ? square(x / unit) : pow(abs(x / unit), p.p), axes, {true});
  const Array norm = unit * (p.p == 2.0 ? sqrt(sum) : pow(sum, 1.0 / p.p));
  return fold(Fold::sum, norm, axes, {p.keepdims});  // of one element each: its shape
}

Array rules::Centred::value(const Reduced& p, const Array& x) {
  return x - exact_mean(x, p.axes.of(x.rank(), "centred"));
}

double degrees_of_freedom(const Shape& shape, const Spreading& p, const char* operation) {
  const auto count = static_cast<double>(reduced_count(shape, p.axes, operation));
  if (!(count - p.correction > 0.0))
    throw DomainError(fmt::format(
        "{}: of a tensor of shape {}, {} elements become one; less the correction {} nothing is "
        "left to divide by",
        operation, text_of(shape), count, p.correction));
  return count - p.correction;
}

std::string describe_spreading(const Spreading& p) {
  return joined(describe_reduction(p),
                p.correction == 0.0 ? "" : fmt::format("correction={}", p.correction));
}

Array rules::Variance::value(const Parameters& p, const Array& x) { return variance(p, x, "var"); }

Array rules::StandardDeviation::value(const Parameters& p, const Array& x) {
  return sqrt(variance(p, x, "stddev"));
}

}  // namespace chainrule
