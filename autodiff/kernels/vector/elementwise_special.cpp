#include "autodiff/kernels/vector/elementwise.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET {

constinit const detail::ElementwiseFamily special = family(rules::Special{});

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
