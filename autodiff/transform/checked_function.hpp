// The function that check_gradient checks, as a function of numbers with its derivatives.
#pragma once

#include <array>

#include "autodiff/transform/checked_inputs.hpp"

namespace chainrule::detail {

/// The coordinates of one derivative, in the order of differentiation.
using Coordinates = std::array<std::size_t, 3>;

class CheckedFunction {
 public:
  /// Keeps a reference to the inputs.
  CheckedFunction(FunctionRef f, CheckedInputs& inputs) : f_(f), inputs_(inputs) {}

  const CheckedInputs& inputs() const { return inputs_; }

  /// The derivatives of an order from 0 to 3 at x; order 0 is the value. The first `order`
  /// coordinates of each entry of `places` are used; adjacent entries with the same first
  /// coordinates share work. All are NaN where the function has no finite value, although a rule
  /// may have a derivative there.
  std::vector<double> derivatives(int order, std::span<const double> x,
                                  std::span<const Coordinates> places);
  /// A bound on the rounding error of each of these derivatives at x0.
  std::vector<double> rounding(int order, std::span<const Coordinates> places);

  std::size_t evaluations() const { return evaluations_; }

 private:
  Var run(const CheckInputs& variables);
  /// Calls use(begin, end, recorded) with the recorded derivative of an order from 0 to 2 that the
  /// places from `begin` to `end` share. It is valid only during the call.
  void visit(int order, Graph& graph, const CheckInputs& variables, const Var& output,
             std::span<const Coordinates> places, auto&& use);
  std::vector<double> swept(const CheckInputs& variables, const Var& output) const;

  FunctionRef f_;
  CheckedInputs& inputs_;
  std::size_t evaluations_ = 0;
};

}  // namespace chainrule::detail
