// The tutorial's page up to the first update of the weights, number by number.
#pragma once

#include <map>

#include "worked_example/report.hpp"
#include "worked_example/training.hpp"

namespace worked_example {

/// Which numbers can be compared with the tutorial: those that do not depend on changed inputs.
struct Comparable {
  bool network = true;   ///< inputs, weights, biases and targets are the tutorial's
  bool training = true;  ///< ... and so are the learning rate and the choice of trained parameters
};

/// The first forward and backward pass. Needs the graph that `n` was recorded in.
class FirstStep {
 public:
  FirstStep(const Network<double>& given, const Network<chainrule::Var>& n, double rate,
            Comparable comparable, Report& report)
      : given_(given), n_(n), rate_(rate), comparable_(comparable), report_(report) {}

  void forward_pass();
  void output_layer();
  void hidden_layer();
  void delta_rule();
  void updated_weights();
  void gradients_in_full(int digits);
  void second_derivatives();

 private:
  double value(std::string_view name) const;
  /// d output / d input, both given by name; one sweep per output.
  double derivative(std::string_view output, std::string_view input);

  // Each prints one line of the table.
  void print_value(std::string_view name, std::string_view printed);
  void print_derivative(std::string_view output, std::string_view input, std::string_view printed);
  void print_product(const std::string& formula, double product, std::string_view output,
                     std::string_view input, std::string_view printed);
  void print_updated(std::string_view weight, std::string_view printed);

  const Network<double>& given_;
  const Network<chainrule::Var>& n_;
  double rate_;
  Comparable comparable_;
  Report& report_;
  std::map<std::string_view, chainrule::Gradient> gradients_;
};

}  // namespace worked_example
