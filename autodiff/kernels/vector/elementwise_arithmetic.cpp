#include "autodiff/kernels/vector/elementwise.hpp"
#include "autodiff/rules/arithmetic.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET {

template const detail::ElementwiseFamily& family_loops<rules::Arithmetic>();

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
