#include "autodiff/kernels/dispatch.hpp"

#include <fmt/format.h>

#include <atomic>
#include <cstdlib>
#include <iterator>

#include "autodiff/core/error.hpp"

namespace chainrule {
namespace {

struct InstructionSet {
  const char* name;
  bool (*runs_here)();
};

bool always() { return true; }
bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}
constexpr InstructionSet instruction_sets[] = {
    {"avx512", has_avx512}, {"avx2", has_avx2}, {"baseline", always}, {"portable", always}};

const InstructionSet* find(const std::string& name) {
  for (const InstructionSet& set : instruction_sets)
    if ((name.empty() || name == set.name) && set.runs_here()) return &set;
  throw Error(fmt::format("instruction set {}: unknown, or not of this processor", name));
}

std::atomic<const InstructionSet*> chosen = nullptr;

}  // namespace

const char* instruction_set() {
  const InstructionSet* set = chosen.load(std::memory_order_relaxed);
  if (set == nullptr) {
    const char* wanted = std::getenv("CHAINRULE_INSTRUCTION_SET");
    set = find(wanted == nullptr ? "" : wanted);
    chosen.store(set);
  }
  return set->name;
}

void select_instruction_set(const std::string& name) { chosen.store(find(name)); }

InstructionSets available_instruction_sets() {
  static const char* names[std::size(instruction_sets)];
  static const int count = [] {
    int found = 0;
    for (const InstructionSet& set : instruction_sets)
      if (set.runs_here()) names[found++] = set.name;
    return found;
  }();
  return {names, count};
}

}  // namespace chainrule
