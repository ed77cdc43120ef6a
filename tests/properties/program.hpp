// Random programs that mix scalars and tensors, and their text form.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "autodiff/core/shape.hpp"

namespace chainrule::testing {

/// A plain number (always a constant), a scalar (a Var) or a tensor.
enum class Kind { number, scalar, tensor };

struct Type {
  Kind kind = Kind::scalar;
  Shape shape;  ///< of a tensor; otherwise []

  std::int64_t size() const { return element_count(shape, "Type"); }
};

/// The parameters of an instruction. Each operation defines which of them it uses, and for what.
struct Settings {
  Extents list;  ///< axes, an order of axes, indices or sizes
  Shape shape;   ///< of the result
  std::int64_t k = 0;
  bool flag = false;
};

struct ProgramOperation;

/// One operation on earlier values of the program.
struct Instruction {
  const ProgramOperation* operation;
  std::vector<std::size_t> operands;  ///< indices of values: first the inputs, then the results
  Settings settings;
};

/// A variable or a constant.
struct Input {
  Type type;
  bool is_variable = false;
  std::vector<double> numbers;  ///< in row-major order
};

/// A function of its variables. The last value is the result; it has one element.
struct Program {
  std::vector<Input> inputs;
  std::vector<Instruction> instructions;

  /// One line per value, in the notation of the library where possible.
  std::string text() const;
  /// The number of variables, counting each element of a tensor.
  std::size_t coordinate_count() const;
  /// The name of a coordinate in the text: "x0", "x1[2]".
  std::string coordinate_name(std::size_t coordinate) const;
};

}  // namespace chainrule::testing
