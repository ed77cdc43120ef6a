#include "autodiff/kernels/dispatch.hpp"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cstdlib>

#include "autodiff/core/error.hpp"

namespace chainrule {

namespace portable {
extern const detail::Kernels kernels;
}
#if CHAINRULE_HAS_BASELINE
namespace baseline {
extern const detail::Kernels kernels;
}
#endif
#if CHAINRULE_HAS_AVX
namespace avx2 {
extern const detail::Kernels kernels;
}
namespace avx512 {
extern const detail::Kernels kernels;
}
#endif

namespace {

struct InstructionSet {
  const char* name;
  bool (*runs_here)();
  const detail::Kernels* kernels;  // nullptr if they were not compiled
};

bool always() { return true; }

#if CHAINRULE_HAS_AVX
// These also ask the operating system whether it saves the registers. The x86-64 levels include
// further extensions, which all processors with the ones tested here have.
bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
}
bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}
#endif

constexpr InstructionSet instruction_sets[] = {
#if CHAINRULE_HAS_AVX
    {"avx512", has_avx512, &avx512::kernels},
    {"avx2", has_avx2, &avx2::kernels},
#else
    {"avx512", always, nullptr},
    {"avx2", always, nullptr},
#endif
#if CHAINRULE_HAS_BASELINE
    {"baseline", always, &baseline::kernels},
#else
    {"baseline", always, nullptr},
#endif
    {"portable", always, &portable::kernels}};

bool is_available(const InstructionSet& set) { return set.kernels != nullptr && set.runs_here(); }

const InstructionSet* find(const std::string& name) {
  for (const InstructionSet& set : instruction_sets) {
    if (name.empty() ? is_available(set) : name == set.name) {
      if (is_available(set)) return &set;
      throw Error(fmt::format("instruction set {}: not supported by {}; available: {}", name,
                              set.kernels == nullptr ? "this build" : "this processor",
                              fmt::join(available_instruction_sets(), ", ")));
    }
  }
  throw Error(fmt::format("instruction set {}: unknown; available: {}", name,
                          fmt::join(available_instruction_sets(), ", ")));
}

std::atomic<const InstructionSet*> chosen = nullptr;

const InstructionSet& chosen_set() {
  const InstructionSet* set = chosen.load(std::memory_order_relaxed);
  if (set == nullptr) {
    const char* wanted = std::getenv("CHAINRULE_INSTRUCTION_SET");
    const InstructionSet* first = find(wanted == nullptr ? "" : wanted);
    // Another thread may have set it in the meantime.
    if (chosen.compare_exchange_strong(set, first)) set = first;
  }
  return *set;
}

}  // namespace

const char* instruction_set() { return chosen_set().name; }

void select_instruction_set(const std::string& name) { chosen.store(find(name)); }

InstructionSets available_instruction_sets() {
  struct Names {
    const char* names[std::size(instruction_sets)];
    int count = 0;
  };
  static const Names available = [] {
    Names found;
    for (const InstructionSet& set : instruction_sets)
      if (is_available(set)) found.names[found.count++] = set.name;
    return found;
  }();
  return {available.names, available.count};
}

const detail::Kernels& detail::kernels() { return *chosen_set().kernels; }

namespace {

/// The family of a listed rule, and its index in the family.
struct FamilyIndex {
  std::uint8_t family, index;
};
constexpr std::size_t rule_count = Operations::size;
template <class... Family>
constexpr std::array<FamilyIndex, rule_count> family_indices_of(FamilyList<Family...>) {
  std::array<FamilyIndex, rule_count> list{};
  std::size_t rule = 0;
  std::uint8_t family = 0;
  const auto add = [&](int size) {
    for (int i = 0; i < size; ++i) list[rule++] = {family, static_cast<std::uint8_t>(i)};
    ++family;
  };
  (add(Family::Rules::size), ...);
  return list;
}
constexpr auto family_indices = family_indices_of(Families{});

}  // namespace

const ElementwiseLoops& elementwise_loops(int rule_index, DType type) {
  if (rule_index < 0 || static_cast<std::size_t>(rule_index) >= rule_count)
    throw Error(fmt::format("elementwise_loops: there is no operation with index {}", rule_index));
  const FamilyIndex at = family_indices[static_cast<std::size_t>(rule_index)];
  const detail::ElementwiseFamily& family = detail::kernels().elementwise[at.family]();
  return (type == DType::float32 ? family.float32 : family.float64)[at.index];
}

}  // namespace chainrule
