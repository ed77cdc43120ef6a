// Tensor programs in the format of tests/data/tensor.json.
#pragma once

#include <string>
#include <vector>

#include "autodiff/graph/tensor.hpp"
#include "tests/support/reference_data.hpp"

namespace chainrule::testing {

/// One program: its inputs, the operations to run on them, and the expected results.
class TensorProgram {
 public:
  struct Input {
    std::string name;
    Array value;
    bool requires_grad;
  };
  struct Output {
    std::string name;
    Array value, cotangent;
  };

  /// Reads an element of "cases". Throws std::runtime_error, or an error of the JSON library, if it
  /// does not follow the format.
  explicit TensorProgram(const Json& c);

  const std::string& id() const { return id_; }
  const std::vector<Input>& inputs() const { return inputs_; }
  const std::vector<Output>& outputs() const { return outputs_; }

  /// Runs the steps on the given tensors as inputs; returns the outputs. Every operation is a
  /// function of the library, or a formula of such functions. Throws std::runtime_error for an
  /// operation that is not in the format.
  std::vector<Tensor> run(const std::vector<Tensor>& inputs) const;

 private:
  std::string id_;
  std::vector<Input> inputs_;
  std::vector<Output> outputs_;
  Json steps_;
};

/// All operations of the format that run on operands (all but `grad`).
std::vector<std::string> program_operations();

/// Flattened numbers as a float64 array of that shape.
Array array_from(const Json& data, const Shape& shape);

}  // namespace chainrule::testing
