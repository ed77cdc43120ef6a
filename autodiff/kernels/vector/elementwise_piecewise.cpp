#include "autodiff/kernels/vector/elementwise.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET {

constinit const detail::ElementwiseFamily piecewise = family(rules::Piecewise{});

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
