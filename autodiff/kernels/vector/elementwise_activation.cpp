#include "autodiff/kernels/vector/elementwise.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET {

constinit const detail::ElementwiseFamily activation = family(rules::Activation{});

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
