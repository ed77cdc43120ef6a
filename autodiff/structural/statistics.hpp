// Norms, variances and their parts.
#pragma once

#include "autodiff/structural/reduction.hpp"

namespace chainrule {

namespace detail {
/// x, with 1 in place of 0, for use as a divisor. Its derivative is a structural zero where x is 0.
template <Tensorial T>
T one_where_zero(const T& x) {
  return select(detail::elements_of(x) == 0.0, 1.0, x);
}
/// The adjoint where x is not 0; elsewhere not reached.
template <Tensorial T>
Adjoint<T> unless_zero(const T& x, const Adjoint<T>& adjoint) {
  return only_where(detail::elements_of(x) != 0.0, adjoint);
}
}  // namespace detail

namespace rules {
/// (sum |x|^p)^(1/p) for 0 < p < infinity, without intermediate overflow. Where a norm is 0, no
/// derivative of any order flows. Unless p is even, none flows to an element that is 0, either.
struct Norm : Structural<1> {
  static constexpr Notation notation = library_call("norm");
  struct Parameters : detail::Reduced {
    double p;
  };
  static std::string describe(const Parameters& p);
  static Array value(const Parameters& p, const Array& x);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& x, const T& result,
                       const Adjoint<T>& adjoint) {
    const Adjoint<T> flow = detail::spread(detail::unless_zero(result, adjoint), x, p.axes);
    if (p.p == 1.0) return flow * sign(x);
    const T part = x / detail::spread(detail::one_where_zero(result), x, p.axes);
    if (p.p == 2.0) return flow * part;
    // From 2^53 on every double is even, and p - 1 is not odd any more.
    if (p.p < 0x1p53 && std::fmod(p.p, 2.0) == 0.0) return flow * pow(part, p.p - 1.0);
    return detail::unless_zero(x, flow * (sign(x) * pow(abs(part), p.p - 1.0)));
  }
};
}  // namespace rules
/// np.linalg.norm of the elements along the axes, taken as vectors. p > 0 may be infinite. Throws
/// DomainError for other p.
template <Tensorial T>
T norm(const T& x, double p = 2.0, const AxisList& axes = all_axes, bool keepdims = false) {
  if (p == std::numeric_limits<double>::infinity()) return amax(abs(x), axes, keepdims);
  return apply<rules::Norm>({{axes, keepdims}, p}, x);
}

namespace rules {
/// x - mean(x) along the axes; its own adjoint.
struct Centred : Reducing<1> {
  static constexpr Notation notation = library_call("centred");
  static Array value(const Parameters& p, const Array& x);
  static Array reached(const Parameters& p, const Array& x) {
    return detail::whole_groups(x, p.axes);
  }
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T&, const T&, const Adjoint<T>& adjoint) {
    return apply<Centred>(p, adjoint);
  }
};
}  // namespace rules
namespace detail {
template <Tensorial T>
T centred(const T& x, const AxisList& axes) {
  return apply<rules::Centred>({axes}, x);
}

struct VarianceParameters : Reduced {
  double correction = 0.0;
};
/// The number of elements that are combined into one, less the correction. Throws DomainError, with
/// the operation, the shape and both numbers, unless it is above 0.
double degrees_of_freedom(const Shape& shape, const VarianceParameters& p, const char* operation);
std::string describe_variance(const VarianceParameters& p);
}  // namespace detail

namespace rules {
/// np.var: the sum of squared distances from the mean, divided by the number of elements less
/// `correction`. Throws DomainError if that number is not above 0.
struct Variance : Structural<1> {
  static constexpr Notation notation = library_call("var");
  using Parameters = detail::VarianceParameters;
  static std::string describe(const Parameters& p) { return detail::describe_variance(p); }
  static Array value(const Parameters& p, const Array& x);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& x, const T&, const Adjoint<T>& adjoint) {
    const double count = detail::degrees_of_freedom(Shape(x.shape()), p, "var");
    return detail::spread(adjoint * (2.0 / count), x, p.axes) * detail::centred(x, p.axes);
  }
};
}  // namespace rules
template <Tensorial T>
T var(const T& x, const AxisList& axes = all_axes, double correction = 0.0, bool keepdims = false) {
  return apply<rules::Variance>({{axes, keepdims}, correction}, x);
}

namespace rules {
/// np.std, the square root of var(). Where it is 0, no derivative of any order flows.
struct StandardDeviation : Structural<1> {
  static constexpr Notation notation = library_call("stddev");
  using Parameters = detail::VarianceParameters;
  static std::string describe(const Parameters& p) { return detail::describe_variance(p); }
  static Array value(const Parameters& p, const Array& x);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& x, const T& result,
                       const Adjoint<T>& adjoint) {
    const double count = detail::degrees_of_freedom(Shape(x.shape()), p, "stddev");
    // Do not multiply the count by the result, which may be near the end of the range.
    const Adjoint<T> flow =
        detail::spread(detail::unless_zero(result, adjoint * (1.0 / count)), x, p.axes);
    return flow *
           (detail::centred(x, p.axes) / detail::spread(detail::one_where_zero(result), x, p.axes));
  }
};
}  // namespace rules
template <Tensorial T>
T stddev(const T& x, const AxisList& axes = all_axes, double correction = 0.0,
         bool keepdims = false) {
  return apply<rules::StandardDeviation>({{axes, keepdims}, correction}, x);
}

namespace rules {
using Statistics = RuleList<Norm, Centred, Variance, StandardDeviation>;
}  // namespace rules

}  // namespace chainrule
