// The inputs of a function that check_gradient checks: scalars, or tensors element by element.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "autodiff/transform/check.hpp"

namespace chainrule::detail {

/// The recorded derivatives of one output with respect to all coordinates.
class RecordedGradient {
 public:
  virtual ~RecordedGradient() = default;
  virtual Var at(std::size_t coordinate) const = 0;
};

/// The point at which a function is checked: the numbers of all inputs, one after the other. Such a
/// number is a coordinate.
class CheckedInputs {
 public:
  explicit CheckedInputs(std::vector<double> x0) : x0_(std::move(x0)) {}
  virtual ~CheckedInputs() = default;

  /// The number of coordinates.
  std::size_t size() const { return x0_.size(); }
  const std::vector<double>& x0() const { return x0_; }
  /// The value of a coordinate after rounding to its element type.
  virtual double representable(std::size_t coordinate, double x) const = 0;
  /// The relative distance of adjacent numbers in the type of a coordinate.
  virtual double spacing(std::size_t coordinate) const = 0;
  virtual std::string name(std::size_t coordinate) const = 0;

  /// Records variables with these numbers.
  virtual CheckInputs variables(std::span<const double> x) const = 0;
  /// Takes over the names that the function has given to its variables.
  virtual void note_names(const CheckInputs& variables) = 0;
  virtual std::vector<double> gradient_at(const CheckInputs& variables,
                                          const Gradient& d) const = 0;
  virtual std::unique_ptr<RecordedGradient> recorded_gradient(const CheckInputs& variables,
                                                              const Var& output) const = 0;

 private:
  std::vector<double> x0_;
};

/// Runs the check.
GradientCheck check_gradient(FunctionRef f, CheckedInputs& inputs,
                             const GradientCheckOptions& options);

}  // namespace chainrule::detail
