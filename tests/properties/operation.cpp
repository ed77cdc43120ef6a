#include "tests/properties/operation.hpp"

#include <iterator>
#include <stdexcept>

namespace chainrule::testing {
namespace {

/// A variable or constant with the numbers of an input.
TensorValue tensor_value(const Input& input) {
  const double number = input.numbers[0];
  switch (input.type.kind) {
    case Kind::number:
      return number;
    case Kind::scalar:
      return input.is_variable ? variable(number) : Var(number);
    case Kind::tensor:
      break;
  }
  const Tensor constant = tensor(input.numbers, input.type.shape);
  return input.is_variable ? variable(constant) : constant;
}

template <class Value>
std::vector<Value> operands_of(const Instruction& instruction, const std::vector<Value>& values) {
  std::vector<Value> operands;
  for (const std::size_t place : instruction.operands) operands.push_back(values.at(place));
  return operands;
}

}  // namespace

const std::vector<ProgramOperation>& program_operations() {
  static const std::vector<ProgramOperation> all = [] {
    std::vector<ProgramOperation> list;
    for (auto family : {elementwise_operations, conversion_operations, arrangement_operations,
                        reduction_operations, along_axis_operations, product_operations})
      for (ProgramOperation& operation : family()) list.push_back(std::move(operation));
    return list;
  }();
  return all;
}

const ProgramOperation& program_operation(std::string_view name) {
  for (const ProgramOperation& operation : program_operations())
    if (operation.name == name) return operation;
  throw std::logic_error("no operation of this name: " + std::string(name));
}

TensorRun run_tensors(const Program& program) {
  std::vector<TensorValue> variables;
  for (const Input& input : program.inputs)
    if (input.is_variable) variables.push_back(tensor_value(input));
  return run_tensors(program, variables);
}

TensorRun run_tensors(const Program& program, std::span<const TensorValue> variables) {
  TensorRun run;
  run.variables.assign(variables.begin(), variables.end());
  auto next = variables.begin();
  for (const Input& input : program.inputs)
    run.values.push_back(input.is_variable ? *next++ : tensor_value(input));
  for (const Instruction& instruction : program.instructions)
    run.values.push_back(
        instruction.operation->tensors(instruction.settings, operands_of(instruction, run.values)));
  return run;
}

void run_last(const Program& program, ScalarRun& run) {
  const Instruction& instruction = program.instructions.back();
  run.values.push_back(instruction.operation->scalars(
      instruction.settings, operands_of(instruction, run.values), run.decisions));
}

ScalarRun run_scalars(const Program& program) {
  std::vector<Var> variables;
  for (const Input& input : program.inputs)
    if (input.is_variable)
      for (const double number : input.numbers) variables.push_back(variable(number));
  return run_scalars(program, variables);
}

ScalarRun run_scalars(const Program& program, std::span<const Var> variables) {
  ScalarRun run;
  run.variables.assign(variables.begin(), variables.end());
  auto next = variables.begin();
  for (const Input& input : program.inputs) {
    ScalarValue value{input.type, {}};
    for (const double number : input.numbers)
      value.elements.push_back(input.is_variable ? *next++ : Var(number));
    run.values.push_back(std::move(value));
  }
  for (const Instruction& instruction : program.instructions)
    run.values.push_back(instruction.operation->scalars(
        instruction.settings, operands_of(instruction, run.values), run.decisions));
  return run;
}

}  // namespace chainrule::testing
