// The operations of random programs, each in two forms: by tensors, as a user of the library writes
// it, and by scalars, element by element with Vars. The scalar form is what the tensor form has to
// agree with, so it uses no operation on tensors but to find out which element goes where.
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

/// A value of a program that runs on tensors.
using TensorValue = std::variant<double, Var, Tensor>;

/// A value of a program that runs on scalars: all elements, in row-major order.
struct ScalarValue {
  Type type;
  std::vector<Var> elements;

  static ScalarValue scalar(const Var& x) { return {{Kind::scalar, {}}, {x}}; }
  static ScalarValue tensor(const Shape& shape, std::vector<Var> elements) {
    return {{Kind::tensor, shape}, std::move(elements)};
  }
};

/// Pairs of values whose order decided what the scalar form computes. Where rounding can turn such
/// a decision, two right programs may disagree.
using Decisions = std::vector<std::pair<Var, Var>>;

struct ProgramOperation {
  std::string_view name;
  std::size_t least = 1, most = 1;  ///< number of operands
  int weight = 1;                   ///< how often it is drawn
  /// Whether the tensor form differentiates by a formula that is equal for finite numbers only,
  /// such as x - mean(x) for var(), or sums over whole rows, as matmul() does. Which of 0,
  /// infinite and NaN comes out where infinite numbers meet is then not compared.
  bool has_other_formula = false;
  /// Random settings for operands of these types; nothing if they do not fit the operation.
  std::function<std::optional<Settings>(Random&, std::span<const Type>)> settings{};
  std::function<TensorValue(const Settings&, std::span<const TensorValue>)> tensors{};
  std::function<ScalarValue(const Settings&, std::span<const ScalarValue>, Decisions&)> scalars{};
};

/// The families, each in a source of its own below operations/.
std::vector<ProgramOperation> elementwise_operations();
std::vector<ProgramOperation> conversion_operations();
std::vector<ProgramOperation> arrangement_operations();
std::vector<ProgramOperation> reduction_operations();
std::vector<ProgramOperation> along_axis_operations();
std::vector<ProgramOperation> product_operations();

/// All of them. The addresses are valid for ever.
const std::vector<ProgramOperation>& program_operations();
/// One of them by its name, which must exist.
const ProgramOperation& program_operation(std::string_view name);

/// The values of all inputs and instructions, in that order.
struct TensorRun {
  std::vector<TensorValue> values;
  std::vector<TensorValue> variables;
};
struct ScalarRun {
  std::vector<ScalarValue> values;
  std::vector<TensorValue> variables;  ///< Vars
  Decisions decisions;
};

/// Run a program in the graph of the thread. Throw what the operations throw.
TensorRun run_tensors(const Program& program);
ScalarRun run_scalars(const Program& program);
/// The same as a function of given values in the place of its variables: one for each variable of
/// the tensor form, of its type; one for each coordinate of the scalar form.
TensorRun run_tensors(const Program& program, std::span<const TensorValue> variables);
ScalarRun run_scalars(const Program& program, std::span<const Var> variables);
/// The last instruction of a program of which all others have been run.
void run_last(const Program& program, ScalarRun& run);

}  // namespace chainrule::testing
