// check_gradient: compares the derivatives of a function with differences of its values.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "autodiff/transform/gradient.hpp"

namespace chainrule {

struct GradientCheckOptions {
  int order = 2;  ///< 1: the gradient only; 2: the second derivatives, too; 3: the third as well
  /// Relative to the derivative itself when deciding on a disagreement; relative to the largest
  /// derivative of the same order when deciding whether differences are precise enough.
  double relative_tolerance = 1e-7;
  double absolute_tolerance = 0.0;  ///< added to the relative tolerance
  /// The largest step, times max(1, |x|); then halved. The nearest power of two is used, so that
  /// x plus or minus the step rounds less: 0.0625 for 0.05.
  double step = 0.05;
  /// The number of third derivatives to check. If there are more, this many are chosen at random,
  /// always the same ones.
  std::size_t most_third_derivatives = 1000;
};

/// The result of comparing an analytic derivative with differences.
enum class CheckVerdict {
  agrees,     ///< within tolerance and error, and a fault as large as the tolerance would show
  disagrees,  ///< the deviation exceeds the sum of the tolerance and the error
  undecided,  ///< differences cannot decide, see Doubt
};

/// Why a derivative is undecided.
enum class Doubt {
  none,        ///< it is decided
  rounding,    ///< rounding hides a fault of the size of the tolerance, at every step
  unsettled,   ///< differences do not converge as the step shrinks
  kink,        ///< the slopes to the left and to the right differ
  not_finite,  ///< the function, its derivative or every difference is infinite or NaN
};

/// "agrees", "disagrees", "undecided".
const char* name_of(CheckVerdict verdict);
/// "rounding", "differences do not settle", "kink", "not finite"; "no doubt".
const char* name_of(Doubt doubt);

/// One derivative by the rules and by differences.
struct GradientCheckEntry {
  int order = 1;
  /// The coordinates to differentiate with respect to; the first `order` of them are used. A
  /// coordinate is a variable or an element of a tensor. The coordinates of all inputs are numbered
  /// consecutively, in row-major order.
  std::array<std::size_t, 3> coordinates{};
  double analytic = 0.0;    ///< from a sweep of the recorded derivative of lower order
  double difference = 0.0;  ///< extrapolated from differences; NaN if there are none
  /// A bound on the error of `difference`, from truncation and rounding; at a kink at least half of
  /// the jump of the slope.
  double error = 0.0;
  double tolerance = 0.0;  ///< the allowed deviation in addition to `error`
  CheckVerdict verdict = CheckVerdict::undecided;
  Doubt doubt = Doubt::none;
};

/// The result of check_gradient.
class GradientCheck {
 public:
  /// disagrees if any derivative disagrees; otherwise undecided if any is undecided; otherwise
  /// agrees.
  CheckVerdict verdict() const;
  /// Whether every derivative agrees.
  bool passed() const { return verdict() == CheckVerdict::agrees; }
  std::size_t count(CheckVerdict verdict) const;
  /// A table of the derivatives: first those that disagree, then the undecided ones, each sorted by
  /// the relative deviation. The heading says what was compared and with which tolerances. If
  /// there are very many, only the first ones are listed and the others are counted.
  std::string report() const;
  /// The gradient, then the matrix of second derivatives, row by row, then third derivatives.
  const std::vector<GradientCheckEntry>& entries() const { return entries_; }
  /// The name of an entry in the report: "d2/dx0 dx1", "d/dx[3, 1]".
  std::string name(const GradientCheckEntry& entry) const;

  /// The total number of runs of the function.
  std::size_t evaluations() const { return evaluations_; }

 private:
  friend class GradientChecker;
  std::vector<GradientCheckEntry> entries_;
  std::vector<std::string> names_;  // of the coordinates
  GradientCheckOptions options_;
  std::size_t evaluations_ = 0;
};

namespace detail {

/// The variables of one run of a function: either scalars or tensors.
struct CheckInputs {
  std::vector<Var> scalars;
  std::vector<Tensor> tensors;
};

/// The result of a checked function as a scalar. Throws ShapeError if it is a tensor with more than
/// one element.
inline Var checked_output(const Var& output) { return output; }
Var checked_output(const Tensor& output);

/// A reference to a function of variables. `call` unpacks the inputs.
class FunctionRef {
 public:
  template <class Call>
    requires(!std::is_same_v<std::remove_const_t<Call>, FunctionRef>)
  explicit FunctionRef(Call& call)
      : function_(const_cast<void*>(static_cast<const void*>(&call))),
        call_([](void* function, const CheckInputs& x) -> Var {
          return checked_output((*static_cast<Call*>(function))(x));
        }) {}
  Var operator()(const CheckInputs& x) const { return call_(function_, x); }

 private:
  void* function_;
  Var (*call_)(void*, const CheckInputs&);
};

GradientCheck check_gradient(FunctionRef f, std::span<const double> x0,
                             const GradientCheckOptions& options);
GradientCheck check_gradient(FunctionRef f, std::span<const Tensor> x0,
                             const GradientCheckOptions& options);

}  // namespace detail

/// Compares the derivatives of f at x0 with differences: the gradient with differences of the
/// value, the second derivatives with differences of the gradient, the third ones with differences
/// of the second. `f` takes std::span<const Var> and returns a Var, as for value_and_gradient;
/// the report uses the names that it gives to its variables. The derivatives of a function that
/// does not depend on x are 0.
///
/// Each central difference is extrapolated to step 0 (Richardson's deferred approach to the limit;
/// the extrapolant with the smallest error estimate is used, as in C. Ridders, Advances in
/// Engineering Software 4 (1982) 75). If f has no finite value on one side at any step, only the
/// other side is used. The error bound of a difference consists of the deviation between
/// extrapolants and of the rounding error: half a unit in the last place of every intermediate
/// result, times the derivative with respect to it, divided by the step.
///
/// A derivative disagrees if it is off by more than `tolerance + error`, where the tolerance is
/// absolute_tolerance + relative_tolerance * the larger of the two numbers, and no less than 1e-12
/// of the largest derivative of the same order. It agrees if it does not disagree and the error is
/// below absolute_tolerance + relative_tolerance * the largest derivative of the same order (or the
/// steepest secant, if larger: at a minimum every derivative is 0). So a derivative that is much
/// smaller than others is judged by the digits that differences have of it. Otherwise it is
/// undecided, and `doubt` says why. Central differences alone give 0 for |x| at 0, so the jump of
/// the slope is extrapolated as well; at a kink a derivative is undecided, even if the numbers
/// agree, and so is one of higher order that seems to disagree. What detach() cuts off does
/// disagree, and so may a smooth function of a kink, whose derivatives are conventions, such as the
/// second derivative of |x| |x| at 0.
///
/// Cost: for n coordinates 10 n to 20 n values for order 1; as many gradients for order 2; as many
/// matrices of second derivatives, n sweeps each, for order 3; up to 80 n of each where f is not
/// smooth. Also, for each order k, some five evaluations of its analytic derivatives, n^k sweeps
/// (for order 3 no more than most_third_derivatives). Memory: n^2 entries for order 2.
/// Throws DomainError if x0 has no coordinates or is not finite, if two runs of f at x0 do not give
/// the same value, if an option is invalid, or if no step leads to another number, and whatever f
/// throws.
template <class F, detail::Point X>
GradientCheck check_gradient(F&& f, const X& x0, const GradientCheckOptions& options = {}) {
  const std::span<const double> point(x0.data(), static_cast<std::size_t>(x0.size()));
  const auto call = [&f](const detail::CheckInputs& x) {
    return f(std::span<const Var>(x.scalars));
  };
  return detail::check_gradient(detail::FunctionRef(call), point, options);
}
/// The same at a point in braces: check_gradient(f, {1.0, 2.0}).
template <class F>
GradientCheck check_gradient(F&& f, std::initializer_list<double> x0,
                             const GradientCheckOptions& options = {}) {
  return check_gradient(f, std::span<const double>(x0.begin(), x0.size()), options);
}

/// The same for a function of tensors, std::span<const Tensor>, that returns a Var or a Tensor of
/// one element. Checks the derivatives with respect to every element of every tensor. x0 gives the
/// values, and the names if its tensors have names. Elements may be float32: the function is then
/// accurate to 1e-7 and a difference to about 1e-3, so use a relative_tolerance of 1e-2. Throws
/// ShapeError if the result has more than one element.
template <class F>
GradientCheck check_gradient(F&& f, const std::vector<Tensor>& x0,
                             const GradientCheckOptions& options = {}) {
  const auto call = [&f](const detail::CheckInputs& x) {
    return f(std::span<const Tensor>(x.tensors));
  };
  return detail::check_gradient(detail::FunctionRef(call), std::span<const Tensor>(x0), options);
}

/// The same for one tensor; `f` takes const Tensor&, or a span as above.
template <class F>
GradientCheck check_gradient(F&& f, const Tensor& x0, const GradientCheckOptions& options = {}) {
  const auto call = [&f](const detail::CheckInputs& x) {
    if constexpr (std::is_invocable_v<F&, const Tensor&>)
      return f(x.tensors.front());
    else
      return f(std::span<const Tensor>(x.tensors));
  };
  return detail::check_gradient(detail::FunctionRef(call), std::span<const Tensor>(&x0, 1),
                                options);
}

}  // namespace chainrule
