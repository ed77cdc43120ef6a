// The function that check_gradient checks, as a function of numbers: its value and its derivatives.
#pragma once

#include <array>
#include <string>

#include "autodiff/transform/check.hpp"

namespace chainrule::detail {

/// One derivative: the coordinates to differentiate by, the first one first.
using Coordinates = std::array<std::size_t, 3>;

class CheckedFunction {
 public:
  CheckedFunction(FunctionRef f, std::span<const double> x0);
  CheckedFunction(FunctionRef f, std::span<const Tensor> x0);

  /// Number of coordinates.
  std::size_t size() const { return x0_.size(); }
  /// The point, all coordinates in a row.
  const std::vector<double>& x0() const { return x0_; }
  /// A coordinate as its element type has it.
  double representable(std::size_t coordinate, double x) const;
  /// The neighbours of coordinate x in its type are some `spacing` * |x| away.
  double spacing(std::size_t coordinate) const;
  /// How coordinates are called; known after a first evaluation.
  std::vector<std::string> names() const;

  /// The derivatives of an order, from 0 to 3, at x: of each entry of `places` the first `order`
  /// coordinates count, and order 0 is the value. Neighbours in `places` with the same first
  /// coordinates share work. NaN, each of them, where the function has no finite value: a rule may
  /// have a derivative there.
  std::vector<double> derivatives(int order, std::span<const double> x,
                                  std::span<const Coordinates> places);
  /// A bound of the rounding error of each of them at x0.
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
  /// Calls use(begin, end, recorded): the derivative of an order, from 0 to 2, recorded, that the
  /// places from `begin` to `end` have in common. It is gone after the call.
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
