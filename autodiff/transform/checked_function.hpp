// The function that check_gradient checks, as a function of numbers with its derivatives.
#pragma once

#include <array>
#include <string>

#include "autodiff/transform/check.hpp"

namespace chainrule::detail {

/// The coordinates of one derivative, in the order of differentiation.
using Coordinates = std::array<std::size_t, 3>;

class CheckedFunction {
 public:
  CheckedFunction(FunctionRef f, std::span<const double> x0);
  CheckedFunction(FunctionRef f, std::span<const Tensor> x0);

  /// The number of coordinates.
  std::size_t size() const { return x0_.size(); }
  /// The point: the coordinates of all inputs, one after the other.
  const std::vector<double>& x0() const { return x0_; }
  /// The value of a coordinate after rounding to its element type.
  double representable(std::size_t coordinate, double x) const;
  /// The relative distance of adjacent numbers in the type of a coordinate.
  double spacing(std::size_t coordinate) const;
  /// The names of the coordinates; known after a first evaluation.
  std::vector<std::string> names() const;

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
  struct Input {
    Shape shape;
    DType dtype = DType::float64;
    std::string name;  // "" if neither the caller nor the function gave one
  };

  CheckInputs inputs(std::span<const double> x) const;
  Var run(const CheckInputs& inputs);
  std::size_t input_of(std::size_t coordinate) const;
  /// Calls use(begin, end, recorded) with the recorded derivative of an order from 0 to 2 that the
  /// places from `begin` to `end` share. It is valid only during the call.
  void visit(int order, Graph& graph, const CheckInputs& inputs, const Var& output,
             std::span<const Coordinates> places, auto&& use);
  std::vector<double> swept(const CheckInputs& inputs, const Var& output) const;

  FunctionRef f_;
  bool takes_tensors_;
  std::vector<Input> inputs_;
  std::vector<double> x0_;
  std::vector<std::size_t> first_;  // coordinate of each input
  std::size_t evaluations_ = 0;
};

}  // namespace chainrule::detail
