// The loops of each family of rules.
#pragma once

#include "autodiff/kernels/kernels.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET {

/// The loops of one family. Each family is instantiated in a separate source file,
/// elementwise_*.cpp, so that they can be compiled in parallel.
template <class Family>
const detail::ElementwiseFamily& family_loops();

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
