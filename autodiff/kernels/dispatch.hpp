// The choice among the versions of the loops that were compiled for several instruction sets.
#pragma once

#include <string>

#include "autodiff/kernels/kernels.hpp"

namespace chainrule {

/// The instruction set whose loops are used: "avx512", "avx2", "baseline" (the vectors that every
/// processor of this kind has) or "portable" (no vectors). The first that both this build and this
/// processor have, in that order, unless the environment variable CHAINRULE_INSTRUCTION_SET or
/// select_instruction_set() says otherwise. Throws as select_instruction_set does.
const char* instruction_set();

/// Uses another instruction set from now on, in all threads; an empty name means the best one.
/// Loops that were asked for before keep working. Throws Error if the name is unknown, or if this
/// build or this processor lacks it: it is asked for to be measured or tested, so another one in
/// its place would mislead.
void select_instruction_set(const std::string& name);

/// The instruction sets that can be selected here, the best one first.
struct InstructionSets {
  const char* const* names;
  int count;
  const char* const* begin() const { return names; }
  const char* const* end() const { return names + count; }
};
InstructionSets available_instruction_sets();

namespace detail {
/// The loops of the chosen instruction set.
const Kernels& kernels();
}  // namespace detail

}  // namespace chainrule
