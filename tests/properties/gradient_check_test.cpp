// check_gradient on random programs: it must never reject correct derivatives, rarely be undecided
// at smooth points, and find all faults in wrong_rules.hpp.
//
// Environment variables: CHAINRULE_CHECK_SEED is the seed of the first program,
// CHAINRULE_CHECK_COUNT the number of programs.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "autodiff/autodiff.hpp"
#include "tests/properties/generator.hpp"
#include "tests/properties/operation.hpp"
#include "tests/properties/wrong_rules.hpp"
#include "tests/support/setting.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {

/// Runs the program on tensors; a tensor of rank 0 represents each scalar variable.
Var run_on_tensors(const Program& program, std::span<const Tensor> x) {
  std::vector<TensorValue> variables;
  std::size_t next = 0;
  for (const Input& input : program.inputs) {
    if (!input.is_variable) continue;
    const Tensor& given = x[next++];
    if (input.type.kind == Kind::scalar)
      variables.emplace_back(Var(given));
    else
      variables.emplace_back(given);
  }
  return as_var(run_tensors(program, variables).values.back());
}

Var run_on_scalars(const Program& program, std::span<const Var> x) {
  return run_scalars(program, x).values.back().elements.front();
}

std::vector<Tensor> tensors_of(const Program& program) {
  std::vector<Tensor> x;
  for (const Input& input : program.inputs)
    if (input.is_variable) x.push_back(tensor(input.numbers, input.type.shape));
  return x;
}

std::vector<double> coordinates_of(const Program& program) {
  std::vector<double> x;
  for (const Input& input : program.inputs)
    if (input.is_variable) x.insert(x.end(), input.numbers.begin(), input.numbers.end());
  return x;
}

GradientCheck check_program(const Program& program, bool by_tensors, int order = 3) {
  GradientCheckOptions options;
  options.order = order;
  const auto value_or_nan = [](auto run) -> Var {
    try {
      return run();
    } catch (const Error&) {  // some operations refuse numbers that are not finite
      return std::nan("");
    }
  };
  if (by_tensors)
    return check_gradient(
        [&](std::span<const Tensor> x) {
          return value_or_nan([&] { return run_on_tensors(program, x); });
        },
        tensors_of(program), options);
  return check_gradient(
      [&](std::span<const Var> x) {
        return value_or_nan([&] { return run_on_scalars(program, x); });
      },
      coordinates_of(program), options);
}

/// Whether all values of the program are finite and of moderate size.
bool is_moderate(const Program& program) {
  Graph graph;
  try {
    for (const ScalarValue& value : run_scalars(program).values)
      for (const Var& element : value.elements)
        if (!(std::abs(element.value()) < 1e3)) return false;
  } catch (const Error&) {
    return false;
  }
  return true;
}

/// A random program without detach(), whose result does not have the derivatives of its value.
Program differentiated_program(Random& random) {
  for (;;) {
    const Program program = random_program(random);
    if (std::ranges::none_of(program.instructions, [](const Instruction& instruction) {
          return instruction.operation->name == "detach";
        }))
      return program;
  }
}

/// One at a random point, not one made of special numbers.
Program ordinary_program(Random& random) {
  for (;;) {
    Program program = differentiated_program(random);
    for (Input& input : program.inputs)
      if (input.is_variable)
        for (double& number : input.numbers) number = random.uniform(-2.0, 2.0);
    if (is_moderate(program)) return program;
  }
}

struct Totals {
  std::size_t agree = 0, disagree = 0, undecided = 0, disagreeing_programs = 0;

  void add(const Program& program, std::uint64_t seed, const GradientCheck& check) {
    agree += check.count(CheckVerdict::agrees);
    disagree += check.count(CheckVerdict::disagrees);
    undecided += check.count(CheckVerdict::undecided);
    if (check.count(CheckVerdict::disagrees) == 0) return;
    if (++disagreeing_programs > 3) return;
    const std::string text = fmt::format("seed {}:\n{}{}", seed, program.text(), check.report());
    MESSAGE(text);
  }
  std::size_t all() const { return agree + disagree + undecided; }
  std::string text() const {
    return fmt::format("{} derivatives: {} agree, {} disagree, {} undecided", all(), agree,
                       disagree, undecided);
  }
};

}  // namespace

// Zeros, ones and ties, where intermediate values have kinks and infinite derivatives. There a
// derivative may be a convention, such as 0 for the second one of |x| |x| at 0, and is not that of
// the function.
TEST_CASE("check_gradient rejects hardly anything but conventions at special points") {
  const std::uint64_t seed = setting("CHAINRULE_CHECK_SEED", 1),
                      count = setting("CHAINRULE_CHECK_COUNT", 1000);
  Totals totals;
  for (std::uint64_t i = 0; i < count; ++i) {
    Random random(seed + i);
    const Program program = differentiated_program(random);
    totals.add(program, seed + i, check_program(program, i % 2 == 0));
  }
  const std::string text = totals.text();
  MESSAGE(text);
  CHECK(totals.disagreeing_programs <= count / 50);
  CHECK(totals.agree > totals.all() / 2);
}

TEST_CASE("check_gradient never errs and is rarely undecided at ordinary points") {
  const std::uint64_t seed = setting("CHAINRULE_CHECK_SEED", 1),
                      count = setting("CHAINRULE_CHECK_COUNT", 1000);
  Totals totals;
  for (std::uint64_t i = 0; i < count; ++i) {
    Random random(seed + i);
    const Program program = ordinary_program(random);
    totals.add(program, seed + i, check_program(program, i % 2 == 0));
  }
  const std::string text = totals.text();
  MESSAGE(text);
  CHECK(totals.disagree == 0);
  CHECK(static_cast<double>(totals.undecided) < 0.02 * static_cast<double>(totals.all()));
}

TEST_CASE("check_gradient misses no planted fault") {
  const std::uint64_t seed = setting("CHAINRULE_CHECK_SEED", 1);
  std::size_t planted = 0;
  for (const WrongRule& wrong : wrong_rules()) {
    CAPTURE(wrong.name);
    std::uint64_t tried = 0;
    for (int found = 0; found < 25; ++tried) {
      Random random(seed + tried);
      const Program program = ordinary_program(random);
      CAPTURE(program.text());
      if (!check_program(program, false).passed()) continue;  // not smooth here
      ++found;
      ++planted;
      const double inside = random.uniform(0.2, 0.8), slope = random.uniform(0.3, 0.9),
                   first = coordinates_of(program)[0];
      const auto f = [&](std::span<const Var> x) {
        const Var surrounding = run_on_scalars(program, x);
        const Var u = inside + slope * sin(x[0] - first + 0.4) + 0.1 * tanh(surrounding);
        return surrounding + exp(0.5 * wrong.apply(u)) * (2.0 + sigmoid(surrounding));
      };
      for (int order = 1; order <= 3; ++order) {
        CAPTURE(order);
        GradientCheckOptions options;
        options.order = order;
        const GradientCheck check = check_gradient(f, coordinates_of(program), options);
        INFO(check.report());
        const bool is_found = check.verdict() == CheckVerdict::disagrees;
        CHECK(is_found == (order >= wrong.order));
      }
    }
    CHECK(tried < 200);
  }
  CHECK(planted >= 150);
}
