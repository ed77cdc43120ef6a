#include "autodiff/graph/tensor_record.hpp"

#include "autodiff/graph/tensor_operation.hpp"

namespace chainrule {

void TensorRecord::rewind(const TensorMark& mark) noexcept {
  while (nodes.size() > mark.nodes) {
    const TensorNode& node = nodes.back();
    if (node.parameters != nullptr) node.structural->end_parameters(node.parameters);
    nodes.pop_back();
  }
  operands.resize(mark.operands);
  constants.resize(mark.constants);
  elements.resize(mark.elements);
}

}  // namespace chainrule
