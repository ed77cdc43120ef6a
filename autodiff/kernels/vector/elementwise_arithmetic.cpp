#include "autodiff/kernels/vector/elementwise.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET {

constinit const detail::ElementwiseFamily arithmetic = family(rules::Arithmetic{});

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
