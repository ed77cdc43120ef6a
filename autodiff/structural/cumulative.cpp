#include "autodiff/structural/cumulative.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

#include "autodiff/core/error.hpp"
#include "autodiff/kernels/elements.hpp"
#include "autodiff/kernels/long_product.hpp"
#include "autodiff/kernels/reduce.hpp"
#include "autodiff/kernels/walk.hpp"
#include "autodiff/rules/piecewise.hpp"
#include "autodiff/values/pool.hpp"

namespace chainrule {
using namespace detail;

std::string detail::describe_cumulative(const CumulativeParameters& p) {
  return fmt::format("axis={}{}", p.axis, p.reverse ? ", reverse" : "");
}

Mask detail::are_positive(const Array& x) { return x > 0.0; }

Array rules::Prod::value(const Reduced& p, const Array& x) {
  return fold(Fold::product, x, p.axes.of(x.rank(), "prod"), {p.keepdims});
}

namespace {

/// The exponent e such that |x| * 2^-e is between about 0.7 and 1.4; 0 if x is 0 or not finite.
int nearest_exponent(double x) {
  if (x == 0.0 || !std::isfinite(x)) return 0;
  int exponent = 0;
  const double mantissa = std::frexp(x, &exponent);
  return std::abs(mantissa) < 0.70710678118654752 ? exponent - 1 : exponent;
}

template <class T>
void fill_scales(const T* row, std::size_t n, T* to_unit, T* restore_first, T* restore_second) {
  constexpr int max_exponent = std::numeric_limits<T>::max_exponent - 2;
  std::int64_t total = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const int exponent =
        std::clamp(nearest_exponent(static_cast<double>(row[i])), -max_exponent, max_exponent);
    total += exponent;
    to_unit[i] = static_cast<T>(std::ldexp(1.0, -exponent));
  }
  for (std::size_t i = 0; i < n; ++i) {
    const std::int64_t others = total + std::ilogb(to_unit[i]);
    constexpr std::int64_t far = std::int64_t{2} * max_exponent;
    const int exponent = static_cast<int>(std::clamp(others, -far, far));
    restore_first[i] = static_cast<T>(std::ldexp(1.0, exponent / 2));
    restore_second[i] = static_cast<T>(std::ldexp(1.0, exponent - exponent / 2));
  }
}

}  // namespace

FactorScales detail::factor_scales(const Array& x, const Axes& axes) {
  const auto count = static_cast<double>(reduced_count(Shape(x.shape()), axes, "prod"));
  if (x.size() == 0) return {};
  const Array extents = fold(Fold::extent, x, axes);
  const double exponents = x.dtype() == DType::float32 ? 126.0 : 1022.0;
  if ((extents <= std::exp2(exponents / count)).all()) return {};
  const RowsAlong rows(x, axes);
  Array to_unit = Array::like(rows.matrix), restore_first = Array::like(rows.matrix),
        restore_second = Array::like(rows.matrix);
  with_type(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    for (std::size_t r = 0; r < rows.rows; ++r) {
      const std::size_t at = r * rows.columns;
      fill_scales(rows.matrix.data_as<T>() + at, rows.columns, to_unit.mutable_data_as<T>() + at,
                  restore_first.mutable_data_as<T>() + at,
                  restore_second.mutable_data_as<T>() + at);
    }
  });
  return {rows.restored(to_unit), rows.restored(restore_first), rows.restored(restore_second)};
}

namespace {

/// Lines along an axis of arrays of one shape. A slab holds `inner` parallel lines; element i of
/// line j is at i * inner + j. The loops process adjacent elements in memory together, whatever the
/// axis.
struct AxisLines {
  std::int64_t slabs = 1, length, inner = 1;

  AxisLines(const Array& x, std::int64_t axis, const char* operation) {
    const std::size_t along = axis_of(axis, x.rank(), operation);
    for (std::size_t i = 0; i < along; ++i) slabs *= x.shape(i);
    for (std::size_t i = along + 1; i < x.rank(); ++i) inner *= x.shape(i);
    length = x.shape(along);
  }

  /// Calls f(offset, previous) for each row of `inner` elements in running order: the offset where
  /// it starts, and that of the previous row, or -1 for the first row.
  template <class F>
  void for_each_row(bool reverse, F f) const {
    for (std::int64_t slab = 0; slab < slabs; ++slab) {
      std::int64_t previous = -1;
      for (std::int64_t i = 0; i < length; ++i) {
        const std::int64_t offset = (slab * length + (reverse ? length - 1 - i : i)) * inner;
        f(offset, previous);
        previous = offset;
      }
    }
  }

  /// Calls f(offset) for the elements of one line in running order. `last` is the offset of the
  /// last one.
  template <class F>
  void for_each_in(std::int64_t last, bool reverse, F f) const {
    const std::int64_t step = reverse ? -inner : inner;
    for (std::int64_t i = length - 1; i >= 0; --i) f(last - i * step);
  }
};

/// A running sum with a separate sum of its rounding errors (Neumaier 1974).
struct RunningSum {
  double sum, errors = 0.0;

  explicit RunningSum(double first) : sum(first) {}
  void operator()(double x) {
    const double next = sum + x, rounded = next - sum;
    errors += (sum - (next - rounded)) + (x - rounded);
    sum = next;
  }
  // An exact sum is returned unchanged: adding 0.0 would change the sign of a zero.
  double value() const { return errors == 0.0 ? sum : sum + errors; }
};
/// A running sum of floats in double, which needs no correction.
struct RunningFloatSum {
  double sum;

  explicit RunningFloatSum(double first) : sum(first) {}
  void operator()(double x) { sum += x; }
  double value() const { return sum; }
};
struct RunningProduct {
  double product;

  explicit RunningProduct(double first) : product(first) {}
  void operator()(double x) { product *= x; }
  double value() const { return product; }
};

/// Runs accumulators along the lines: result[i] is the value after x[i].
template <class Accumulator, class T>
void run_along(const AxisLines& lines, bool reverse, const T* in, T* out) {
  if (lines.inner == 1) {
    Accumulator running(0.0);
    lines.for_each_row(reverse, [&](std::int64_t offset, std::int64_t previous) {
      if (previous < 0)
        running = Accumulator(static_cast<double>(in[offset]));
      else
        running(static_cast<double>(in[offset]));
      out[offset] = static_cast<T>(running.value());
    });
    return;
  }
  std::vector<Accumulator, PoolAllocator<Accumulator>> running(
      static_cast<std::size_t>(lines.inner), Accumulator(0.0));
  Accumulator* const all = running.data();
  lines.for_each_row(reverse, [&](std::int64_t offset, std::int64_t previous) {
    for (std::int64_t j = 0; j < lines.inner; ++j) {
      const auto x = static_cast<double>(in[offset + j]);
      if (previous < 0)
        all[j] = Accumulator(x);
      else
        all[j](x);
      out[offset + j] = static_cast<T>(all[j].value());
    }
  });
}

template <class T>
bool all_normal(const T* x, std::int64_t n) {
  int others = 0;
  for (std::int64_t i = 0; i < n; ++i)
    others |= static_cast<int>(!(std::abs(x[i]) >= std::numeric_limits<T>::min())) |
              static_cast<int>(!(std::abs(x[i]) <= std::numeric_limits<T>::max()));
  return others == 0;
}

/// Cumulative sums of one line, computed in units of 2^64 so that none overflows. `last` is the
/// offset of its last element.
void sum_in_small_units(const AxisLines& lines, std::int64_t last, bool reverse, const double* in,
                        double* out) {
  RunningSum running(0.0);
  double special = 0.0;  // the sum of elements that are infinite or NaN
  lines.for_each_in(last, reverse, [&](std::int64_t offset) {
    if (std::isfinite(in[offset]))
      running(in[offset] * 0x1p-64);
    else
      special += in[offset];
    out[offset] = special == 0.0 ? running.value() * 0x1p64 : special;
  });
}

template <class T>
void multiply_with_exponent(const AxisLines& lines, std::int64_t last, bool reverse, const T* in,
                            T* out) {
  LongProduct product;
  lines.for_each_in(last, reverse, [&](std::int64_t offset) {
    product *= static_cast<double>(in[offset]);
    out[offset] = static_cast<T>(product.value());
  });
}

/// Calls f(last) with the offset of the last element of each line.
template <class F>
void for_each_line(const AxisLines& lines, bool reverse, F f) {
  for (std::int64_t slab = 0; lines.length > 0 && slab < lines.slabs; ++slab)
    for (std::int64_t j = 0; j < lines.inner; ++j)
      f((slab * lines.length + (reverse ? 0 : lines.length - 1)) * lines.inner + j);
}

}  // namespace

Array rules::Cumsum::value(const Parameters& p, const Array& operand) {
  const AxisLines lines(operand, p.axis, "cumsum");
  const Array x = contiguous(operand);
  Array result = Array::like(x);
  if (x.dtype() == DType::float32) {
    run_along<RunningFloatSum>(lines, p.reverse, x.data_as<float>(),
                               result.mutable_data_as<float>());
    return result;
  }
  const double* const in = x.data_as<double>();
  double* const out = result.mutable_data_as<double>();
  run_along<RunningSum>(lines, p.reverse, in, out);
  // A sum that has overflowed stays infinite or NaN, so the last element of a line shows it.
  for_each_line(lines, p.reverse, [&](std::int64_t last) {
    if (!std::isfinite(out[last])) sum_in_small_units(lines, last, p.reverse, in, out);
  });
  return result;
}

Array rules::Cumprod::value(const Parameters& p, const Array& operand) {
  const AxisLines lines(operand, p.axis, "cumprod");
  const Array x = contiguous(operand);
  Array result = Array::like(x);
  with_type(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* const in = x.data_as<T>();
    T* const out = result.mutable_data_as<T>();
    run_along<RunningProduct>(lines, p.reverse, in, out);
    // Every partial product is in the result. Once one has left the normal range, the following
    // ones are not accurate.
    if (all_normal(out, result.size())) return;
    for_each_line(lines, p.reverse, [&](std::int64_t last) {
      multiply_with_exponent(lines, last, p.reverse, in, out);
    });
  });
  return result;
}

Array rules::Shift::value(const Parameters& p, const Array& operand) {
  const AxisLines lines(operand, p.axis, "shift");
  const Array x = contiguous(operand);
  Array result = Array::like(x);
  with_type(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* const in = x.data_as<T>();
    T* const out = result.mutable_data_as<T>();
    lines.for_each_row(p.reverse, [&](std::int64_t offset, std::int64_t previous) {
      for (std::int64_t j = 0; j < lines.inner; ++j)
        out[offset + j] = previous < 0 ? static_cast<T>(p.fill) : in[previous + j];
    });
  });
  return result;
}

Array rules::Recurrence::value(const Parameters& p, const Array& factors, const Array& terms) {
  if (!factors.has_shape(terms.shape()))
    throw ShapeError(fmt::format("recurrence: factors of shape {} and terms of shape {} differ",
                                 text_of(Shape(factors.shape())), text_of(Shape(terms.shape()))));
  const AxisLines lines(terms, p.axis, "recurrence");
  const Array x = contiguous(factors), y = contiguous(terms);
  Array result = Array::like(y);
  with_type(y.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* const factor = x.data_as<T>();
    const T* const term = y.data_as<T>();
    T* const out = result.mutable_data_as<T>();
    std::vector<double, PoolAllocator<double>> running(static_cast<std::size_t>(lines.inner));
    lines.for_each_row(p.reverse, [&](std::int64_t offset, std::int64_t previous) {
      for (std::int64_t j = 0; j < lines.inner; ++j) {
        const double last = running[static_cast<std::size_t>(j)];
        double next = static_cast<double>(term[offset + j]);
        if (previous >= 0)
          next += static_cast<double>(factor[(p.lagged ? previous : offset) + j]) * last;
        running[static_cast<std::size_t>(j)] = next;
        out[offset + j] = static_cast<T>(next);
      }
    });
  });
  return result;
}

}  // namespace chainrule
