// check_gradient: are the derivatives right? Compared with what the function's own values say.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "autodiff/transform/gradient.hpp"

namespace chainrule {

struct GradientCheckOptions {
  int order = 2;                     ///< 1: the gradient only; 2: the second derivatives, too
  double relative_tolerance = 1e-7;  ///< of the larger of the two numbers compared
  double step = 0.05;                ///< the widest step, times max(1, |x|); halved from there
};

/// One derivative as the rules have it, and as differences have it.
struct GradientCheckEntry {
  int order = 1;
  std::size_t i = 0, j = 0;  ///< by which variables; order 1: i only, j is 0
  double exact = 0.0;        ///< of the reverse sweep; of order 2, of the swept recorded gradient
  double difference = 0.0;   ///< extrapolated from central differences; NaN if there is none
  double error_estimate = 0.0;  ///< of `difference`; at a kink, half of the jump of the slope
  bool kink = false;            ///< the slopes to the left and to the right are not the same
  bool ok = false;              ///< the two agree, and the differences are sharp enough to say so
};

/// What check_gradient found.
class GradientCheck {
 public:
  /// Whether every derivative was confirmed. A kink or a function too noisy to tell is not.
  bool passed() const;
  /// A table of the derivatives, the worst first, with a headline that says what was compared, and
  /// how strictly. Of very many, the worst are listed and the others counted.
  std::string report() const;
  /// The gradient, then the matrix of second derivatives, row by row.
  const std::vector<GradientCheckEntry>& entries() const { return entries_; }

  /// How often the function was run in all.
  std::size_t evaluations() const { return evaluations_; }

 private:
  friend class GradientChecker;
  std::vector<GradientCheckEntry> entries_;
  std::vector<std::string> names_;
  GradientCheckOptions options_;
  std::size_t evaluations_ = 0;
};

namespace detail {

/// A function of variables, referred to and not owned.
class FunctionRef {
 public:
  template <class F>
    requires(!std::is_same_v<std::remove_const_t<F>, FunctionRef>)
  explicit FunctionRef(F& f)
      : function_(const_cast<void*>(static_cast<const void*>(&f))),
        call_([](void* function, std::span<const Var> x) -> Var {
          return (*static_cast<F*>(function))(x);
        }) {}
  Var operator()(std::span<const Var> x) const { return call_(function_, x); }

 private:
  void* function_;
  Var (*call_)(void*, std::span<const Var>);
};

GradientCheck check_gradient(FunctionRef f, std::span<const double> x0,
                             const GradientCheckOptions& options);

}  // namespace detail

/// Compares the derivatives of f at x0 with central differences: the gradient of the reverse sweep
/// with differences of the value, and the second derivatives (the recorded gradient, swept) with
/// differences of the gradient. `f` takes std::span<const Var> and returns a Var, as for
/// value_and_gradient; names that it gives its variables are used in the report. A function that
/// depends on nothing has derivatives of 0.
///
/// Each difference is extrapolated to step 0 (Richardson's deferred approach to the limit, where of
/// all extrapolants the one with the least error estimate is taken, as in C. Ridders, Advances in
/// Engineering Software 4 (1982) 75): to a relative error of about 1e-11 for smooth functions
/// computed to full precision. The same is done with the jump of the slope, which is 0 but at a
/// kink: central differences alone take |x| at 0 for flat.
///
/// Cost: for n variables 10 n to 16 n values, and as many gradients for order 2, where the function
/// is smooth; up to 80 n of either where it is not. One more gradient; for order 2 one recorded
/// gradient and n sweeps of it. Memory: n^2 entries for order 2.
/// Throws DomainError if x0, or f there, is not finite, or an option makes no sense; what f throws
/// passes through.
template <class F, detail::Point X>
GradientCheck check_gradient(F&& f, const X& x0, const GradientCheckOptions& options = {}) {
  const std::span<const double> point(x0.data(), static_cast<std::size_t>(x0.size()));
  return detail::check_gradient(detail::FunctionRef(f), point, options);
}

}  // namespace chainrule
