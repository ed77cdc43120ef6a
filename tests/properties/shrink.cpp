#include "tests/properties/shrink.hpp"

#include <cmath>
#include <limits>

#include "tests/properties/comparison.hpp"

namespace chainrule::testing {
namespace {

bool is_same(const Type& a, const Type& b) { return a.kind == b.kind && a.shape == b.shape; }

double cost(const Program& program) {
  double cost = 0.0;
  for (const Instruction& instruction : program.instructions)
    cost += 100.0 + 5.0 * static_cast<double>(instruction.operands.size());
  for (const Input& input : program.inputs) {
    cost += input.is_variable ? 20.0 : 10.0;
    for (const double number : input.numbers)
      cost += 0.5 + (number == 0.0                  ? (std::signbit(number) ? 0.2 : 0.1)
                     : number == 1.0                ? 0.15
                     : number == std::floor(number) ? 0.3
                                                    : 0.4);
  }
  return cost;
}

/// The program without the values that the result does not depend on.
Program without_unused(const Program& program) {
  const std::size_t inputs = program.inputs.size();
  const std::size_t count = inputs + program.instructions.size();
  std::vector<bool> is_used(count);
  is_used[count - 1] = true;
  for (std::size_t i = count; i-- > inputs;)
    if (is_used[i])
      for (const std::size_t index : program.instructions[i - inputs].operands)
        is_used[index] = true;

  Program result;
  std::vector<std::size_t> new_index(count);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_used[i]) continue;
    new_index[i] = kept++;
    if (i < inputs) {
      result.inputs.push_back(program.inputs[i]);
      continue;
    }
    Instruction instruction = program.instructions[i - inputs];
    for (std::size_t& index : instruction.operands) index = new_index[index];
    result.instructions.push_back(instruction);
  }
  return result;
}

/// A program that ends at the given value, reduced to a scalar.
Program truncated_at(const Program& program, std::size_t index, const Type& type) {
  Program result = program;
  result.instructions.resize(index + 1 - program.inputs.size());
  std::size_t last = index;
  if (type.kind == Kind::tensor && type.size() != 1) {
    Settings all;
    all.list = every_axis(type.shape.size());
    result.instructions.push_back({&program_operation("sum"), {last++}, all});
  }
  if (type.kind == Kind::tensor)
    result.instructions.push_back({&program_operation("Var"), {last}, {}});
  return result;
}

class Shrinker {
 public:
  explicit Shrinker(const Program& program) : best_(without_unused(program)) {
    for (order_ = 0; order_ < highest_order; ++order_)
      if (fails(best_)) break;
  }

  Program run() {
    while (shorten() || simplify()) {
    }
    return best_;
  }

 private:
  bool fails(const Program& program) const {
    try {
      return !compare_forms(program, order_).agrees();
    } catch (const std::exception&) {  // the modified program does not run
      return false;
    }
  }

  bool accept(const Program& candidate) {
    const Program program = without_unused(candidate);
    if (program.coordinate_count() == 0 || !(cost(program) < cost(best_)) || !fails(program))
      return false;
    best_ = program;
    return true;
  }

  std::vector<ScalarValue> values() const {
    Graph graph;  // destroyed on return; only numbers and types are read afterwards
    return run_scalars(best_).values;
  }

  bool shorten() {
    const std::vector<ScalarValue> all = values();
    const std::size_t inputs = best_.inputs.size();
    for (std::size_t i = inputs; i + 1 < all.size(); ++i)
      if (accept(truncated_at(best_, i, all[i].type))) return true;
    for (std::size_t i = inputs; i < all.size(); ++i) {
      if (replace_by_older(i, all) || replace_by_constant(i, all[i])) return true;
    }
    return false;
  }

  /// Tries to replace value i by an older value of the same type.
  bool replace_by_older(std::size_t i, const std::vector<ScalarValue>& all) {
    for (std::size_t older = 0; older < i; ++older) {
      if (!is_same(all[older].type, all[i].type)) continue;
      Program candidate = best_;
      for (Instruction& instruction : candidate.instructions)
        for (std::size_t& index : instruction.operands)
          if (index == i) index = older;
      if (i + 1 == all.size()) {
        if (older < best_.inputs.size()) continue;
        candidate.instructions.resize(older + 1 - best_.inputs.size());
      }
      if (accept(candidate)) return true;
    }
    return false;
  }

  /// Replaces the instruction that computes value i by a constant with its numbers.
  bool replace_by_constant(std::size_t i, const ScalarValue& value) {
    const std::size_t inputs = best_.inputs.size();
    Program candidate = best_;
    Input constant{value.type, false, {}};
    for (const Var& element : value.elements) constant.numbers.push_back(element.value());
    candidate.inputs.push_back(constant);
    for (Instruction& instruction : candidate.instructions)
      for (std::size_t& index : instruction.operands)
        index = index == i ? inputs : index >= inputs ? index + 1 : index;
    return accept(candidate);
  }

  bool simplify() {
    for (std::size_t i = 0; i < best_.inputs.size(); ++i) {
      if (best_.inputs[i].is_variable) {
        Program candidate = best_;
        candidate.inputs[i].is_variable = false;
        if (accept(candidate)) return true;
      }
      for (std::size_t k = 0; k < best_.inputs[i].numbers.size(); ++k)
        for (const double simple : {0.0, 1.0, 2.0, -1.0}) {
          Program candidate = best_;
          candidate.inputs[i].numbers[k] = simple;
          if (accept(candidate)) return true;
        }
    }
    return false;
  }

  Program best_;
  std::size_t order_ = highest_order;
};

}  // namespace

Program shrunk(const Program& failing) { return Shrinker(failing).run(); }

}  // namespace chainrule::testing
