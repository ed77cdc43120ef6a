// The operations of random programs, each in two forms: with tensors, as a user of the library
// writes it, and with scalars, element by element with Vars. The scalar form is the reference, so
// it uses tensor operations only to find out which element goes where.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "autodiff/autodiff.hpp"
#include "autodiff/core/random.hpp"
#include "tests/properties/program.hpp"

namespace chainrule::testing {

/// A value of a program run with tensors.
using TensorValue = std::variant<double, Var, Tensor>;
/// The value as a Var. Throws ShapeError for a tensor of more than one element.
inline Var as_var(const TensorValue& value) {
  if (const Tensor* const x = std::get_if<Tensor>(&value)) return Var(*x);
  if (const double* const x = std::get_if<double>(&value)) return *x;
  return std::get<Var>(value);
}

/// A value of a program run with scalars: all elements, in row-major order.
struct ScalarValue {
  Type type;
  std::vector<Var> elements;

  static ScalarValue scalar(const Var& x) { return {{Kind::scalar, {}}, {x}}; }
  static ScalarValue tensor(const Shape& shape, std::vector<Var> elements) {
    return {{Kind::tensor, shape}, std::move(elements)};
  }
};

/// Pairs of values whose order determined what the scalar form computes. If rounding can change
/// such an order, two correct programs may disagree.
using Decisions = std::vector<std::pair<Var, Var>>;

struct ProgramOperation {
  std::string_view name;
  std::size_t min_operands = 1, max_operands = 1;  ///< minimum and maximum number of operands
  int weight = 1;                                  ///< relative frequency of being chosen
  /// Whether the tensor form differentiates a formula that is equivalent only for finite numbers,
  /// such as x - mean(x) for var(), or sums over whole rows, as matmul() does. Then it is not
  /// compared which of 0, infinity and NaN results from infinite numbers.
  bool has_other_formula = false;
  /// Random settings for operands of these types; nothing if the operation does not accept the
  /// types.
  std::function<std::optional<Settings>(Random&, std::span<const Type>)> settings{};
  std::function<TensorValue(const Settings&, std::span<const TensorValue>)> tensors{};
  std::function<ScalarValue(const Settings&, std::span<const ScalarValue>, Decisions&)> scalars{};
};

/// The families, each in a separate source file in operations/.
std::vector<ProgramOperation> elementwise_operations();
std::vector<ProgramOperation> conversion_operations();
std::vector<ProgramOperation> arrangement_operations();
std::vector<ProgramOperation> reduction_operations();
std::vector<ProgramOperation> along_axis_operations();
std::vector<ProgramOperation> product_operations();

/// All operations. The addresses stay valid.
const std::vector<ProgramOperation>& program_operations();
/// The operation with this name, which must exist.
const ProgramOperation& program_operation(std::string_view name);

/// The values of all inputs and instructions, in this order.
struct TensorRun {
  std::vector<TensorValue> values;
  std::vector<TensorValue> variables;
};
struct ScalarRun {
  std::vector<ScalarValue> values;
  std::vector<TensorValue> variables;  ///< Vars
  Decisions decisions;
};

/// Run a program in the thread's current graph. They throw what the operations throw.
TensorRun run_tensors(const Program& program);
ScalarRun run_scalars(const Program& program);
/// The same with given values instead of its variables: one for each variable of the tensor form,
/// of its type, or one for each coordinate of the scalar form.
TensorRun run_tensors(const Program& program, std::span<const TensorValue> variables);
ScalarRun run_scalars(const Program& program, std::span<const Var> variables);
/// Runs the last instruction of a program whose other instructions have been run.
void run_last(const Program& program, ScalarRun& run);

}  // namespace chainrule::testing
