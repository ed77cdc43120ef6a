#include "tests/properties/program.hpp"

#include <fmt/format.h>

#include "tests/properties/operation.hpp"

namespace chainrule::testing {
namespace {

std::string text_of_numbers(const Input& input) {
  if (input.type.kind != Kind::tensor) return fmt::format("{}", input.numbers[0]);
  std::string list;
  for (const double number : input.numbers)
    list += fmt::format("{}{}", list.empty() ? "" : ", ", number);
  return fmt::format("tensor({{{}}}, {})", list, text_of(input.type.shape));
}

std::string text_of_settings(const Settings& s) {
  std::string text;
  std::string list;
  for (const std::int64_t number : s.list)
    list +=
        (list.empty() ? "" : ", ") + (number == Slice::none ? "none" : fmt::format("{}", number));
  if (!list.empty()) text += fmt::format(", list=[{}]", list);
  if (!s.shape.empty()) text += ", shape=" + text_of(s.shape);
  if (s.k != 0) text += fmt::format(", k={}", s.k);
  if (s.flag) text += ", flag";
  return text;
}

}  // namespace

std::string Program::text() const {
  std::vector<std::string> names;
  std::string text;
  for (const Input& input : inputs) {
    const std::string numbers = text_of_numbers(input);
    if (input.type.kind == Kind::number) {
      names.push_back(numbers);
      continue;
    }
    names.push_back(fmt::format("{}{}", input.is_variable ? 'x' : 'c', names.size()));
    text += fmt::format("  {} = {}({})\n", names.back(),
                        input.is_variable ? "variable" : "constant", numbers);
  }
  for (const Instruction& instruction : instructions) {
    std::string operands;
    for (const std::size_t place : instruction.operands)
      operands += (operands.empty() ? "" : ", ") + names[place];
    names.push_back(fmt::format("r{}", names.size()));
    text += fmt::format("  {} = {}({}{})\n", names.back(), instruction.operation->name, operands,
                        text_of_settings(instruction.settings));
  }
  return text;
}

std::size_t Program::coordinate_count() const {
  std::size_t count = 0;
  for (const Input& input : inputs)
    if (input.is_variable) count += input.numbers.size();
  return count;
}

std::string Program::coordinate_name(std::size_t coordinate) const {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].is_variable) continue;
    const std::size_t size = inputs[i].numbers.size();
    if (coordinate >= size) {
      coordinate -= size;
      continue;
    }
    return inputs[i].type.kind == Kind::scalar ? fmt::format("x{}", i)
                                               : fmt::format("x{}[{}]", i, coordinate);
  }
  return "?";
}

}  // namespace chainrule::testing
