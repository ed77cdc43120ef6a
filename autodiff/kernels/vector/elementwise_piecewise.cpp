#include "autodiff/kernels/vector/elementwise.hpp"
#include "autodiff/rules/piecewise.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET {

template const detail::ElementwiseFamily& family_loops<rules::Piecewise>();

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
