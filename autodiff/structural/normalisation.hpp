// Softmax and its logarithm, logsumexp, and layer normalisation. Each is one kernel. Each adjoint
// is a rule with a kernel, too, whose own derivatives are written in terms of other operations.
#pragma once

#include "autodiff/structural/statistics.hpp"

namespace chainrule {

namespace rules {
/// y * (a - sum(y * a)): the adjoint of softmax from its result y and the result's adjoint a.
struct SoftmaxAdjoint : Reducing<2> {
  static constexpr Notation notation = library_call("softmax_adjoint");
  static Array value(const Parameters& p, const Array& y, const Array& adjoint);
  static Array reached(const Parameters& p, const Array&, const Array& adjoint) {
    return detail::whole_groups(adjoint, p.axes);
  }
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& y, const T& a, const T&,
                       const Adjoint<T>& adjoint) {
    return adjoint * (a - sum(y * a, p.axes, true)) - sum(adjoint * y, p.axes, true) * a;
  }
  template <Tensorial T>
  static Adjoint<T> dy(const Parameters& p, const T& y, const T&, const T&,
                       const Adjoint<T>& adjoint) {
    return apply<SoftmaxAdjoint>(p, y, adjoint);
  }
};

/// exp(x) / sum(exp(x)) along the axes, accurate at any magnitude. Limits at infinity: if the
/// largest elements are +inf, they share the probability evenly; if all are -inf, the result is 0.
struct Softmax : Reducing<1> {
  static constexpr Notation notation = library_call("softmax");
  static Array value(const Parameters& p, const Array& x);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T&, const T& result, const Adjoint<T>& adjoint) {
    return apply<SoftmaxAdjoint>(p, result, adjoint);
  }
};
}  // namespace rules
template <Tensorial T>
T softmax(const T& x, const AxisList& axis = -1) {
  return apply<rules::Softmax>({axis}, x);
}

namespace rules {
/// a - exp(y) * sum(a): the adjoint of log_softmax from its result y and the result's adjoint a.
struct LogSoftmaxAdjoint : Reducing<2> {
  static constexpr Notation notation = library_call("log_softmax_adjoint");
  static Array value(const Parameters& p, const Array& y, const Array& adjoint);
  static Array reached(const Parameters& p, const Array&, const Array& adjoint) {
    return detail::whole_groups(adjoint, p.axes);
  }
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& y, const T& a, const T&,
                       const Adjoint<T>& adjoint) {
    return adjoint * (-exp(y) * sum(a, p.axes, true));
  }
  template <Tensorial T>
  static Adjoint<T> dy(const Parameters& p, const T& y, const T&, const T&,
                       const Adjoint<T>& adjoint) {
    return adjoint - sum(adjoint * exp(y), p.axes, true);
  }
};

/// log(softmax(x)), where the softmax cannot underflow.
struct LogSoftmax : Reducing<1> {
  static constexpr Notation notation = library_call("log_softmax");
  static Array value(const Parameters& p, const Array& x);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T&, const T& result, const Adjoint<T>& adjoint) {
    return apply<LogSoftmaxAdjoint>(p, result, adjoint);
  }
};
}  // namespace rules
template <Tensorial T>
T log_softmax(const T& x, const AxisList& axis = -1) {
  return apply<rules::LogSoftmax>({axis}, x);
}

namespace rules {
/// log(sum(exp(x))), accurate at any magnitude. If there are no elements, or all are -inf, it is
/// -inf and no derivative flows.
struct LogSumExp : Reducing<1> {
  static constexpr Notation notation = library_call("logsumexp");
  static Array value(const Parameters& p, const Array& x);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& x, const T&, const Adjoint<T>& adjoint) {
    return detail::spread(adjoint, x, p.axes) * softmax(x, p.axes);
  }
};
}  // namespace rules
template <Tensorial T>
T logsumexp(const T& x, const AxisList& axes = all_axes, bool keepdims = false) {
  return apply<rules::LogSumExp>({axes, keepdims}, x);
}

namespace detail {
/// The small number under the root, which keeps rows with variance 0 finite.
struct Epsilon {
  double epsilon;
};
std::string describe_epsilon(const Epsilon& p);

template <Tensorial T>
T standardised(const T& x, const Epsilon& p);
}  // namespace detail

namespace rules {
/// s = 1 / sqrt(var(x) + epsilon) along the last axis, which is kept with size 1. The variance
/// cannot overflow or underflow. The derivative is -s^2 z / n with z = standardised(x).
struct StandardScale : Structural<1> {
  static constexpr Notation notation = library_call("standard_scale");
  using Parameters = detail::Epsilon;
  static std::string describe(const Parameters& p) { return detail::describe_epsilon(p); }
  static Array value(const Parameters& p, const Array& x);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& x, const T& result,
                       const Adjoint<T>& adjoint) {
    const double per_element = -1.0 / static_cast<double>(x.shape(x.rank() - 1));
    // Do not square the result, which may leave the range.
    return detail::spread(adjoint * result * (result * per_element), x, -1) *
           detail::standardised(x, p);
  }
};

/// The adjoint of x from the adjoint a of z = standardised(x): s (a - mean(a) - z mean(z a)) with s
/// = 1 / sqrt(var(x) + epsilon). As a matrix it is symmetric, so it is its own adjoint with respect
/// to a.
struct StandardisedAdjoint : Structural<2> {
  static constexpr Notation notation = library_call("standardised_adjoint");
  using Parameters = detail::Epsilon;
  static std::string describe(const Parameters& p) { return detail::describe_epsilon(p); }
  static Array value(const Parameters& p, const Array& x, const Array& adjoint);
  static Array reached(const Parameters&, const Array&, const Array& adjoint) {
    return detail::whole_groups(adjoint, -1);
  }
  // The derivative of s (sum(t a) - n mean(t) mean(a) - n mean(t z) mean(a z)) with respect to x.
  // The derivative of s is -s^2 z / n, and that of mean(t z) is, by definition,
  // standardised_adjoint(t) / n.
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& x, const T& a, const T& result,
                       const Adjoint<T>& t) {
    if (x.size() == 0) return t;  // rows of no elements have no variance
    const T z = detail::standardised(x, p);
    const T s = apply<StandardScale>(p, x);
    const auto mean_of = [&](const Adjoint<T>& rows) {
      return sum(rows, -1, true) / static_cast<double>(x.shape(x.rank() - 1));
    };
    const Adjoint<T> total = mean_of(t * result) * z +
                             apply<StandardisedAdjoint>(p, x, t) * mean(a * z, -1, true) +
                             mean_of(t * z) * result;
    return -total * s;
  }
  template <Tensorial T>
  static Adjoint<T> dy(const Parameters& p, const T& x, const T&, const T&, const Adjoint<T>& t) {
    return apply<StandardisedAdjoint>(p, x, t);
  }
};

/// (x - mean(x)) / sqrt(var(x) + epsilon) along the last axis.
struct Standardised : Structural<1> {
  static constexpr Notation notation = library_call("standardised");
  using Parameters = detail::Epsilon;
  static std::string describe(const Parameters& p) { return detail::describe_epsilon(p); }
  static Array value(const Parameters& p, const Array& x);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& x, const T&, const Adjoint<T>& adjoint) {
    return apply<StandardisedAdjoint>(p, x, adjoint);
  }
};
}  // namespace rules
namespace detail {
template <Tensorial T>
T standardised(const T& x, const Epsilon& p) {
  return apply<rules::Standardised>(p, x);
}
}  // namespace detail

namespace rules {
/// standardised(x) * weight + bias over the last axis, in one kernel.
struct LayerNorm : Structural<3> {
  static constexpr Notation notation = library_call("layernorm");
  using Parameters = detail::Epsilon;
  static std::string describe(const Parameters& p) { return detail::describe_epsilon(p); }
  static Array value(const Parameters& p, const Array& x, const Array& weight, const Array& bias);
  template <Tensorial T>
  static Adjoint<T> dx(const Parameters& p, const T& x, const T& weight, const T&, const T&,
                       const Adjoint<T>& adjoint) {
    return apply<StandardisedAdjoint>(p, x, adjoint * weight);
  }
  template <Tensorial T>
  static Adjoint<T> dy(const Parameters& p, const T& x, const T&, const T&, const T&,
                       const Adjoint<T>& adjoint) {
    return adjoint * detail::standardised(x, p);
  }
  template <Tensorial T>
  static Adjoint<T> dz(const Parameters&, const T&, const T&, const T&, const T&,
                       const Adjoint<T>& adjoint) {
    return adjoint;
  }
};
}  // namespace rules
/// Layer normalisation (Ba, Kiros, Hinton 2016): scales each row of the last axis to mean 0 and
/// variance 1, then multiplies by `weight` and adds `bias`, which have the size of that axis.
/// Throws ShapeError.
template <Tensorial T>
T layernorm(const T& x, const T& weight, const T& bias, double epsilon = 1e-5) {
  return apply<rules::LayerNorm>({epsilon}, x, weight, bias);
}

namespace rules {
using Normalisation = RuleList<SoftmaxAdjoint, Softmax, LogSoftmaxAdjoint, LogSoftmax, LogSumExp,
                               StandardScale, StandardisedAdjoint, Standardised, LayerNorm>;
}  // namespace rules

}  // namespace chainrule
