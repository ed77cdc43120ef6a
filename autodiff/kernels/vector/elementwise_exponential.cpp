#include "autodiff/kernels/vector/elementwise.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET {

constinit const detail::ElementwiseFamily exponential = family(rules::Exponential{});

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
