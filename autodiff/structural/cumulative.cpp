#include "autodiff/structural/cumulative.hpp"

#include <fmt/format.h>

#include <cmath>

#include "autodiff/core/error.hpp"
#include "autodiff/kernels/reduce.hpp"
#include "autodiff/kernels/walk.hpp"

namespace chainrule {

std::string describe_running(const Running& p) {
  return fmt::format("axis={}{}", p.axis, p.reverse ? ", reverse" : "");
}

Array rules::Prod::value(const Reduced& p, const Array& x) {
  return fold(Fold::product, x, p.axes.of(x.rank(), "prod"), {p.keepdims});
}

namespace {

/// Arrays of one shape as stretches along an axis, `inner` of them side by side: element i of
/// stretch j of a slab is at i * inner + j. So neighbours in memory are worked on together
/// whichever axis it is.
struct Stretches {
  std::int64_t slabs = 1, length, inner = 1;

  Stretches(const Array& x, std::int64_t axis, const char* operation) {
    const std::size_t along = axis_of(axis, x.rank(), operation);
    for (std::size_t i = 0; i < along; ++i) slabs *= x.shape(i);
    for (std::size_t i = along + 1; i < x.rank(); ++i) inner *= x.shape(i);
    length = x.shape(along);
  }

  /// Calls f(place, before) for each row of `inner` elements in the order of the walk, with where
  /// it begins and where the row before it does; -1 for the first.
  template <class F>
  void for_each_row(bool reverse, F f) const {
    for (std::int64_t slab = 0; slab < slabs; ++slab) {
      std::int64_t before = -1;
      for (std::int64_t i = 0; i < length; ++i) {
        const std::int64_t place = (slab * length + (reverse ? length - 1 - i : i)) * inner;
        f(place, before);
        before = place;
      }
    }
  }
};

/// result[i] = step(result[i - 1], x[i]) from result[0] = x[0] on.
template <class Step>
Array running(const Running& p, const Array& operand, const char* operation, Step step) {
  const Stretches stretches(operand, p.axis, operation);
  const Array x = contiguous(operand);
  Array result = Array::like(x);
  with_type(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* const in = x.data_as<T>();
    T* const out = result.mutable_data_as<T>();
    stretches.for_each_row(p.reverse, [&](std::int64_t place, std::int64_t before) {
      for (std::int64_t j = 0; j < stretches.inner; ++j)
        out[place + j] = before < 0 ? in[place + j] : step(out[before + j], in[place + j]);
    });
  });
  return result;
}

}  // namespace

Array rules::Cumsum::value(const Parameters& p, const Array& x) {
  return running(p, x, "cumsum", [](auto sum, auto next) { return sum + next; });
}

Array rules::Cumprod::value(const Parameters& p, const Array& x) {
  return running(p, x, "cumprod", [](auto product, auto next) { return product * next; });
}

Array rules::Shift::value(const Parameters& p, const Array& operand) {
  const Stretches stretches(operand, p.axis, "shift");
  const Array x = contiguous(operand);
  Array result = Array::like(x);
  with_type(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* const in = x.data_as<T>();
    T* const out = result.mutable_data_as<T>();
    stretches.for_each_row(p.reverse, [&](std::int64_t place, std::int64_t before) {
      for (std::int64_t j = 0; j < stretches.inner; ++j)
        out[place + j] = before < 0 ? static_cast<T>(p.fill) : in[before + j];
    });
  });
  return result;
}

Array rules::Recurrence::value(const Parameters& p, const Array& factors, const Array& terms) {
  if (!factors.has_shape(terms.shape()))
    throw ShapeError(fmt::format("recurrence: factors of shape {} and terms of shape {} differ",
                                 text_of(Shape(factors.shape())), text_of(Shape(terms.shape()))));
  const Stretches stretches(terms, p.axis, "recurrence");
  const Array x = contiguous(factors), y = contiguous(terms);
  Array result = Array::like(y);
  with_type(y.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* const factor = x.data_as<T>();
    const T* const term = y.data_as<T>();
    T* const out = result.mutable_data_as<T>();
    stretches.for_each_row(p.reverse, [&](std::int64_t place, std::int64_t before) {
      for (std::int64_t j = 0; j < stretches.inner; ++j) {
        out[place + j] = term[place + j];
        if (before < 0) continue;
        out[place + j] += factor[(p.lagged ? before : place) + j] * out[before + j];
      }
    });
  });
  return result;
}

}  // namespace chainrule
