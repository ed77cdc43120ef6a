// Checks that random programs that mix scalars and tensors have the same derivatives as the same
// programs written in scalars, at every order and for every sequence of variables.
//
// Environment variables: CHAINRULE_PROPERTY_SEED is the seed of the first program; each further
// program increments it. CHAINRULE_PROPERTY_COUNT is the number of programs.
// CHAINRULE_PROPERTY_REPORTS is the number of failing programs that are shrunk and printed. To run
// one failing program:
//   CHAINRULE_PROPERTY_SEED=<its seed> CHAINRULE_PROPERTY_COUNT=1 properties_tests
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "tests/properties/comparison.hpp"
#include "tests/properties/generator.hpp"
#include "tests/properties/operation.hpp"
#include "tests/properties/shrink.hpp"
#include "tests/support/setting.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {

struct Totals {
  std::map<std::string_view, std::size_t> uses;  // the number of programs that use each operation
  std::size_t failing = 0, other_zeros = 0, numbers = 0, not_finite = 0, not_zero = 0,
              not_judged = 0;
};

void run_one(std::uint64_t seed, std::size_t reports, Totals& totals) {
  Random random(seed);
  const Program program = random_program(random);
  const Verdict verdict = compare_forms(program);
  std::set<std::string_view> names;
  for (const Instruction& instruction : program.instructions)
    names.insert(instruction.operation->name);
  for (const std::string_view name : names) ++totals.uses[name];
  totals.numbers += verdict.compared;
  totals.not_finite += verdict.not_finite;
  totals.other_zeros += verdict.has_other_zero ? 1 : 0;
  totals.not_zero += verdict.not_zero;
  totals.not_judged += verdict.not_judged;
  if (verdict.agrees()) return;
  if (++totals.failing > reports) return;
  const Program small = shrunk(program);
  const std::string text = fmt::format("seed {}:\n{}shrunk:\n{}", seed, report(program, verdict),
                                       report(small, compare_forms(small)));
  MESSAGE(text);
}

}  // namespace

TEST_CASE("programs that mix scalars and tensors have the derivatives of scalar programs") {
  const std::uint64_t seed = setting("CHAINRULE_PROPERTY_SEED", 1);
  const std::uint64_t count = setting("CHAINRULE_PROPERTY_COUNT", 4000);
  const std::uint64_t reports = setting("CHAINRULE_PROPERTY_REPORTS", 5);
  Totals totals;
  for (std::uint64_t i = 0; i < count; ++i) run_one(seed + i, reports, totals);

  const std::string summary = fmt::format(
      "{} programs from seed {}: {} numbers compared, {} of them not 0, {} infinite or NaN, {} not "
      "judged; {} programs not compared since a zero has another sign, {} programs fail",
      count, seed, totals.numbers, totals.not_zero, totals.not_finite, totals.not_judged,
      totals.other_zeros, totals.failing);
  MESSAGE(summary);
  CHECK(totals.failing == 0);
  if (count >= 1000) {  // otherwise the test would check too little
    CHECK(totals.not_judged < totals.numbers / 200);
    CHECK(totals.not_finite > totals.numbers / 100);
    CHECK(totals.not_finite < totals.numbers / 2);
    CHECK(totals.not_zero > totals.numbers / 10);
    CHECK(totals.other_zeros < count / 20);
    for (const ProgramOperation& operation : program_operations()) {
      CAPTURE(operation.name);
      CHECK(totals.uses[operation.name] >= count / 400);
    }
  }
}
