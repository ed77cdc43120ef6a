// Programs of tensors, as tests/data/tensor.json writes them down.
#pragma once

#include <string>
#include <vector>

#include "autodiff/graph/tensor.hpp"
#include "tests/support/reference_data.hpp"

namespace chainrule::testing {

/// One program: its inputs, the operations to run on them, and what they should give.
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

  /// From an element of "cases". Throws std::runtime_error, or an error of the reader of JSON, if
  /// it is not as the format says.
  explicit TensorProgram(const Json& c);

  const std::string& id() const { return id_; }
  const std::vector<Input>& inputs() const { return inputs_; }
  const std::vector<Output>& outputs() const { return outputs_; }

  /// Runs the steps on tensors in the place of the inputs; gives the outputs. Every operation is a
  /// word of the library, or a formula in such words. Throws std::runtime_error on an operation
  /// that the format does not have.
  std::vector<Tensor> run(const std::vector<Tensor>& inputs) const;

 private:
  std::string id_;
  std::vector<Input> inputs_;
  std::vector<Output> outputs_;
  Json steps_;
};

/// Every operation of the format that is run on operands (all but `grad`).
std::vector<std::string> program_operations();

/// Flattened numbers as a float64 array of that shape.
Array array_from(const Json& data, const Shape& shape);

}  // namespace chainrule::testing
