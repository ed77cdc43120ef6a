// Cumulative sums and products along an axis, and products of all elements. Their derivatives do
// not divide, so elements that are 0 need no special case.
#pragma once

#include "autodiff/structural/reduction.hpp"
#include "autodiff/values/array.hpp"

namespace chainrule {

namespace detail {
/// The axis to run along, and whether to start at its end.
struct CumulativeParameters {
  std::int64_t axis;
  bool reverse = false;
};
std::string describe_cumulative(const CumulativeParameters& p);
/// Where the elements are greater than 0.
Mask are_positive(const Array& x);
}  // namespace detail

namespace rules {
/// np.cumsum.
struct Cumsum : Rearranging {
  static constexpr Notation notation = library_call("cumsum");
  using Parameters = detail::CumulativeParameters;
  static std::string describe(const Parameters& p) { return detail::describe_cumulative(p); }
  static Array value(const Parameters& p, const Array& x);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T&, const T&, const Adjoint<T>& adjoint) {
    return apply<Cumsum>({p.axis, !p.reverse}, adjoint);
  }
};
}  // namespace rules
template <Tensorial T>
T cumsum(const T& x, std::int64_t axis) {
  return apply<rules::Cumsum>({axis}, x);
}

namespace rules {
/// Replaces every element by the previous one, and the first by `fill`; in reverse, every element
/// by the next one, and the last by `fill`.
struct Shift : Rearranging {
  static constexpr Notation notation = library_call("shift");
  struct Parameters : detail::CumulativeParameters {
    double fill = 0.0;
  };
  static std::string describe(const Parameters& p) { return detail::describe_cumulative(p); }
  static Array value(const Parameters& p, const Array& x);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T&, const T&, const Adjoint<T>& adjoint) {
    return apply<Shift>({{p.axis, !p.reverse}}, adjoint);
  }
};

/// The linear recurrence r[i] = y[i] + x[i] r[i - 1] (if `lagged`, r[i] = y[i] + x[i - 1] r[i -
/// 1]), starting with r[0] = y[0]; in reverse, starting at the end. Its adjoint is the same
/// recurrence in the opposite direction.
struct Recurrence : Structural<2> {
  static constexpr Notation notation = library_call("recurrence");
  struct Parameters : detail::CumulativeParameters {
    bool lagged;
  };
  static std::string describe(const Parameters& p) { return detail::describe_cumulative(p); }
  static Array value(const Parameters& p, const Array& x, const Array& y);
  static Array reached(const Parameters& p, const Array& x, const Array& y) {
    return value(p, x, y);
  }
  /// A factor is replaced by 1 where nothing has reached the element that it multiplies.
  template <Tensorial T>
  static Adjoint<T> separately(const Parameters& p, const T& x, const Adjoint<T>& y) {
    const Array sums =
        value(p, detail::ones_like(detail::elements_of(y.numbers())), detail::mask_or_ones(y));
    const Array of_factors = p.lagged ? sums : Shift::value({p}, sums);
    const Adjoint<T> result(chainrule::apply<Recurrence>(
        p, select(detail::are_positive(of_factors), x, 1.0), y.numbers()));
    const Array mask = detail::mask_of(sums);
    return mask.is_null() ? result : result.only_where(mask);
  }
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& x, const T& y, const T& result,
                       const Adjoint<T>& adjoint) {
    // The factor of step i multiplies r[i - 1], and the product is added to r[i].
    const Adjoint<T> total = dy(p, x, y, result, adjoint);
    const Adjoint<T> factor = apply<Shift>({{p.axis, !p.reverse}}, total) * result;
    return p.lagged ? factor : apply<Shift>({p}, factor);
  }
  template <Tensorial T>
  static Adjoint<T> dy(const Parameters& p, const T& x, const T&, const T&,
                       const Adjoint<T>& adjoint) {
    return apply<Recurrence>({{p.axis, !p.reverse}, !p.lagged}, x, adjoint);
  }
};

/// np.cumprod.
struct Cumprod : Structural<1> {
  static constexpr Notation notation = library_call("cumprod");
  using Parameters = detail::CumulativeParameters;
  static std::string describe(const Parameters& p) { return detail::describe_cumulative(p); }
  static Array value(const Parameters& p, const Array& x);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& x, const T& result,
                       const Adjoint<T>& adjoint) {
    return apply<Recurrence>({{p.axis, !p.reverse}, true}, x, adjoint) *
           apply<Shift>({p, 1.0}, result);
  }
};
}  // namespace rules
template <Tensorial T>
T cumprod(const T& x, std::int64_t axis) {
  return apply<rules::Cumprod>({axis}, x);
}

namespace detail {
/// Powers of two for each element: `to_unit` scales it to about 1; `restore_first` times
/// `restore_second` scales the product of all other elements of its row back. Null arrays if no
/// partial product leaves the normal range without scaling.
struct FactorScales {
  Array to_unit, restore_first, restore_second;
};
FactorScales factor_scales(const Array& x, const Axes& axes);

template <Tensorial T>
T product_of_others(const T& x, const Axes& axes);
}  // namespace detail

namespace rules {
/// np.prod. The product of no elements is 1. Derivatives are correct for any number of zeros.
struct Prod : Reducing<1> {
  static constexpr Notation notation = library_call("prod");
  static Array value(const Parameters& p, const Array& x);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& x, const T&, const Adjoint<T>& adjoint) {
    const Axes axes = p.axes.of(x.rank(), "prod");
    const Adjoint<T> spread_adjoint = detail::spread(adjoint, x, axes);
    return axes.empty() ? spread_adjoint : spread_adjoint * detail::product_of_others(x, axes);
  }
};
}  // namespace rules
template <Tensorial T>
T prod(const T& x, const AxisList& axes = all_axes, bool keepdims = false) {
  return apply<rules::Prod>({axes, keepdims}, x);
}

namespace detail {
/// product_of_others() for elements whose products are normal numbers.
template <Tensorial T>
T plain_product_of_others(const T& x, const Axes& axes) {
  const std::int64_t axis = axes.back();
  const T before =
      apply<rules::Shift>({{axis, false}, 1.0}, apply<rules::Cumprod>({axis, false}, x));
  const T after = apply<rules::Shift>({{axis, true}, 1.0}, apply<rules::Cumprod>({axis, true}, x));
  if (axes.size() == 1) return before * after;
  Axes rest = axes;
  rest.erase(rest.size() - 1);
  return before * after * plain_product_of_others(prod(x, axis, true), rest);
}
/// For each element the product of all others along the axes. Precondition: there is at least one
/// element.
template <Tensorial T>
T product_of_others(const T& x, const Axes& axes) {
  const FactorScales scales = factor_scales(detail::elements_of(x), axes);
  if (scales.to_unit.is_null()) return plain_product_of_others(x, axes);
  return plain_product_of_others(x * T(scales.to_unit), axes) * T(scales.restore_first) *
         T(scales.restore_second);
}
}  // namespace detail

namespace rules {
using CumulativeRules = RuleList<Cumsum, Shift, Recurrence, Cumprod, Prod>;
}  // namespace rules

}  // namespace chainrule
