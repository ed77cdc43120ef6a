#include "autodiff/kernels/vector/elementwise.hpp"
#include "autodiff/rules/special.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET {

template const detail::ElementwiseFamily& family_loops<rules::Special>();

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
