// Selects one of the versions of the loops, which are compiled for several instruction sets.
#pragma once

#include <string>

#include "autodiff/kernels/kernels.hpp"

namespace chainrule {

/// The instruction set whose loops are used: "avx512", "avx2", "baseline" (the vector instructions
/// that every processor of this architecture has) or "portable" (no vectors). Defaults to the first
/// in this order that both this build and this processor support; the environment variable
/// CHAINRULE_INSTRUCTION_SET and select_instruction_set() override it. Throws the same errors as
/// select_instruction_set.
const char* instruction_set();

/// Switches to another instruction set, in all threads; an empty name selects the best one.
/// References to loops obtained earlier stay valid. Throws Error if the name is unknown, or if this
/// build or this processor does not support it. There is no silent fallback: the caller wants to
/// measure or test exactly this one.
void select_instruction_set(const std::string& name);

/// The instruction sets that can be selected on this processor, best first.
struct InstructionSets {
  const char* const* names;
  int count;
  const char* const* begin() const { return names; }
  const char* const* end() const { return names + count; }
};
InstructionSets available_instruction_sets();

namespace detail {
/// The loops of the selected instruction set.
const Kernels& kernels();
}  // namespace detail

}  // namespace chainrule
