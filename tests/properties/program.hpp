// Random programs that mix scalars and tensors: what they are, and their text.
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
  Shape shape;  ///< of a tensor; [] otherwise

  std::int64_t size() const { return element_count(shape, "Type"); }
};

/// The parameters of an instruction. Which of them are used, and what for, is up to the operation.
struct Settings {
  Extents list;  ///< axes, an order of axes, indices or sizes
  Shape shape;   ///< of the result
  std::int64_t k = 0;
  bool flag = false;
};

struct ProgramOperation;

/// One operation on values that stand before it in the program.
struct Instruction {
  const ProgramOperation* operation;
  std::vector<std::size_t> operands;  ///< places of values: first the inputs, then the results
  Settings settings;
};

/// A variable or a constant.
struct Input {
  Type type;
  bool is_variable = false;
  std::vector<double> numbers;  ///< in row-major order
};

/// A function of its variables. The result is the last value; it has one element.
struct Program {
  std::vector<Input> inputs;
  std::vector<Instruction> instructions;

  /// One line per value, in the notation of the library as far as possible.
  std::string text() const;
  /// The number of variables, where each element of a tensor counts.
  std::size_t coordinate_count() const;
  /// How a coordinate is called in the text: "x0", "x1[2]".
  std::string coordinate_name(std::size_t coordinate) const;
};

}  // namespace chainrule::testing
