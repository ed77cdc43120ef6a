#include "autodiff/kernels/vector/elementwise.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET {

constinit const detail::ElementwiseFamily trigonometric = family(rules::Trigonometric{});

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
