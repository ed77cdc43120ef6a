#include "autodiff/kernels/vector/elementwise.hpp"
#include "autodiff/rules/trigonometric.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET {

template const detail::ElementwiseFamily& family_loops<rules::Trigonometric>();

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
