#include "autodiff/kernels/vector/elementwise.hpp"
#include "autodiff/rules/activation.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET {

template const detail::ElementwiseFamily& family_loops<rules::Activation>();

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
