#include "autodiff/kernels/vector/elementwise.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET {

constinit const detail::ElementwiseFamily piecewise = family(Piecewise{});

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
