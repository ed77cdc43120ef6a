#include "autodiff/kernels/vector/elementwise.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET {

constinit const detail::ElementwiseFamily exponential = family(Exponential{});

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
