#include "autodiff/kernels/vector/elementwise.hpp"
#include "autodiff/rules/exponential.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET {

template const detail::ElementwiseFamily& family_loops<rules::Exponential>();

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
