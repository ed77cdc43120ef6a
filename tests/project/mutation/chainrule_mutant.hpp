// Included first into every source that has mutants: tells them which of them is turned on.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <type_traits>

namespace chainrule_mutation {

/// CHAINRULE_MUTANT is the number of the mutant to turn on. CHAINRULE_MUTANT_RECORD is a file, to
/// which the numbers of all mutants are written whose place was reached.
struct State {
  static constexpr int limit = 1 << 18;
  int active = 0;
  const char* record = nullptr;
  bool reached[limit] = {};

  State() {
    if (const char* const number = std::getenv("CHAINRULE_MUTANT")) active = std::atoi(number);
    record = std::getenv("CHAINRULE_MUTANT_RECORD");
  }
  ~State() {
    if (record == nullptr) return;
    std::FILE* const file = std::fopen(record, "w");
    if (file == nullptr) return;
    for (int i = 0; i < limit; ++i)
      if (reached[i]) std::fprintf(file, "%d\n", i);
    std::fclose(file);
  }
};
inline State state;

}  // namespace chainrule_mutation

constexpr bool chainrule_mutant(int number) {
  if (std::is_constant_evaluated()) return false;
  chainrule_mutation::State& state = chainrule_mutation::state;
  if (state.record != nullptr) [[unlikely]]
    state.reached[number] = true;
  return state.active == number;
}
