#include "tests/properties/generator.hpp"

#include <algorithm>
#include <cmath>

#include "tests/properties/operations/common.hpp"
#include "tests/properties/rounding.hpp"

namespace chainrule::testing {
namespace {

double random_number(Random& random) {
  const double kind = random.uniform();
  if (kind < 0.35) return 0.0;
  if (kind < 0.45) return -0.0;
  if (kind < 0.6) return 1.0;
  if (kind < 0.7) return -1.0;
  // Sums and products of a few eighths are exact, so ties and zeros occur.
  if (kind < 0.92) return static_cast<double>(between(random, -16, 16)) / 8.0;
  return random.uniform(-2.0, 2.0);
}

Input random_input(Random& random, const Type& type, bool is_variable) {
  Input input{type, is_variable, {}};
  for (std::int64_t i = 0; i < type.size(); ++i) input.numbers.push_back(random_number(random));
  return input;
}

const Type number{Kind::number, {}};
const Type scalar{Kind::scalar, {}};
Type tensor_type(const Shape& shape) { return {Kind::tensor, shape}; }

/// A program under construction, and the results of its scalar form so far.
class Draft {
 public:
  explicit Draft(Random& random) : random_(random) {
    const std::vector<std::vector<Type>> choices{{scalar},
                                                 {scalar, scalar},
                                                 {scalar, scalar},
                                                 {scalar, scalar, scalar},
                                                 {tensor_type({2})},
                                                 {tensor_type({3})},
                                                 {tensor_type({1, 2})},
                                                 {scalar, tensor_type({})},
                                                 {scalar, tensor_type({1})},
                                                 {scalar, tensor_type({2})},
                                                 {scalar, tensor_type({2, 1})}};
    for (const Type& type : any_of(random, choices))
      program_.inputs.push_back(random_input(random, type, true));
    program_.inputs.push_back(random_input(random, number, false));
    const std::vector<Shape> shapes{{}, {1}, {2}, {3}, {2, 1}, {1, 2}, {2, 2}};
    if (random.bernoulli())
      program_.inputs.push_back(random_input(random, tensor_type(any_of(random, shapes)), false));
    run_ = run_scalars(program_);
    is_used_.resize(run_.values.size());
  }

  /// Adds a random instruction, if matching operands are found.
  void grow() {
    const ProgramOperation& operation = any_operation();
    for (int attempt = 0; attempt < 20; ++attempt) {
      const std::int64_t count = between(random_, static_cast<std::int64_t>(operation.min_operands),
                                         static_cast<std::int64_t>(operation.max_operands));
      std::vector<std::size_t> operands;
      for (std::int64_t k = 0; k < count; ++k) operands.push_back(any_value());
      if (add(operation, operands)) return;
    }
  }

  /// Combines the values that no instruction has used, at most `most` of them, to a scalar.
  bool finish(std::size_t most) {
    std::vector<std::size_t> scalars;
    for (std::size_t i = is_used_.size(); i-- > 0 && scalars.size() < most;) {
      if (is_used_[i] || is_constant(i)) continue;
      std::size_t place = i;
      if (is_tensor(type_of(place)) && type_of(place).size() != 1) place = sum_of(place);
      if (is_tensor(type_of(place)) && !add(program_operation("Var"), {place})) continue;
      scalars.push_back(type_of(place).kind == Kind::scalar ? place : last());
    }
    if (scalars.empty()) return false;
    std::size_t result = scalars[0];
    for (std::size_t i = 1; i < scalars.size(); ++i) {
      const char* const names[] = {"add", "subtract", "multiply"};
      if (add(program_operation(names[random_.below(3)]), {result, scalars[i]})) result = last();
    }
    return result == last() && !is_constant(result);
  }

  std::size_t instruction_count() const { return program_.instructions.size(); }
  const Program& program() const { return program_; }

 private:
  std::size_t last() const { return run_.values.size() - 1; }
  const Type& type_of(std::size_t place) const { return run_.values[place].type; }
  bool is_constant(std::size_t place) const {
    return std::ranges::all_of(run_.values[place].elements,
                               [](const Var& element) { return element.is_constant(); });
  }

  std::size_t sum_of(std::size_t place) {
    Settings all;
    all.list = every_axis(type_of(place).shape.size());
    return try_add({&program_operation("sum"), {place}, all}) ? last() : place;
  }

  const ProgramOperation& any_operation() {
    static const std::vector<const ProgramOperation*> weighted = [] {
      std::vector<const ProgramOperation*> list;
      for (const ProgramOperation& operation : program_operations())
        list.insert(list.end(), std::size_t(operation.weight), &operation);
      return list;
    }();
    return *any_of(random_, weighted);
  }

  /// A random value; prefers recent values, and those that have not been used.
  std::size_t any_value() {
    std::size_t place = random_.below(run_.values.size());
    for (int again = 0; again < 2 && is_used_[place]; ++again)
      place = std::max(place, std::size_t(random_.below(run_.values.size())));
    return place;
  }

  bool add(const ProgramOperation& operation, const std::vector<std::size_t>& operands) {
    std::vector<Type> types;
    for (const std::size_t place : operands) types.push_back(type_of(place));
    const std::optional<Settings> settings = operation.settings(random_, types);
    // A result computed from constants is not a node, so its rounding error is unknown.
    if (!settings || std::ranges::all_of(operands, [&](std::size_t i) { return is_constant(i); }))
      return false;
    return try_add({&operation, operands, *settings});
  }

  bool try_add(const Instruction& instruction) {
    const std::size_t decisions = run_.decisions.size();
    program_.instructions.push_back(instruction);
    bool fits = false;
    try {
      run_last(program_, run_);
      fits = is_welcome(run_.values.back(), decisions);
      if (!fits) run_.values.pop_back();
    } catch (const Error&) {  // operands that do not match
    }
    if (!fits) {
      program_.instructions.pop_back();
      run_.decisions.resize(decisions);
      return false;
    }
    for (const std::size_t place : instruction.operands) is_used_[place] = true;
    is_used_.push_back(false);
    return true;
  }

  bool is_welcome(const ScalarValue& value, std::size_t first_decision) {
    if (value.elements.empty() || value.elements.size() > 6 || value.type.shape.size() > 3)
      return false;
    bool is_finite = true;
    for (const Var& element : value.elements) {
      const double size = std::abs(element.value());
      if (!std::isfinite(size)) is_finite = false;
      if (size > 1e3 && std::isfinite(size)) return false;
      if (size < 1e-3 && (size != 0.0 || is_inexact_zero(graph_, element))) return false;
    }
    for (std::size_t i = first_decision; i < run_.decisions.size(); ++i)
      if (is_doubtful_order(graph_, run_.decisions[i].first, run_.decisions[i].second))
        return false;
    return is_finite || random_.bernoulli(0.5);
  }

  Random& random_;
  Graph graph_;
  Program program_;
  ScalarRun run_;
  std::vector<bool> is_used_;
};

}  // namespace

Program random_program(Random& random) {
  for (;;) {
    Draft draft(random);
    const auto wanted = static_cast<std::size_t>(between(random, 2, 10));
    for (int attempt = 0; attempt < 40 && draft.instruction_count() < wanted; ++attempt)
      draft.grow();
    if (draft.instruction_count() == wanted && draft.finish(3)) return draft.program();
  }
}

}  // namespace chainrule::testing
