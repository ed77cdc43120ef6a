#include "autodiff/graph/tensor_record.hpp"

#include <atomic>
#include <unordered_set>

#include "autodiff/graph/memory.hpp"
#include "autodiff/graph/tensor_operation_type.hpp"

namespace chainrule {

VariableKey new_variable_key() {
  static std::atomic<VariableKey> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

namespace detail {

void TensorRecord::rewind(const TensorMark& mark) noexcept {
  while (nodes.size() > mark.nodes) {
    const TensorNode& node = nodes.back();
    if (node.parameters != nullptr) node.structural->destroy_parameters(node.parameters);
    nodes.pop_back();
  }
  operands.resize(mark.operands, TensorRef::node(0));
  constants.resize(mark.constants);
  elements.resize(mark.elements);
  keyed.shrink(mark.keyed);
}

void TensorRecord::free_memory() noexcept {
  rewind({});
  free_vector(nodes);
  free_vector(operands);
  free_vector(constants);
  free_vector(elements);
  free_vector(keyed);
}

std::size_t TensorRecord::array_bytes() const {
  std::unordered_set<const void*> counted;
  std::size_t bytes = 0;
  const auto count = [&](const Array& array) {
    const Array::Storage storage = array.storage();
    if (counted.insert(storage.begin).second) bytes += storage.bytes;
  };
  for (const TensorNode& node : nodes) count(node.value);
  for (const Array& constant : constants) count(constant);
  return bytes;
}

std::size_t TensorRecord::record_bytes() const {
  return nodes.size() * sizeof(TensorNode) + operands.size() * sizeof(TensorRef) +
         constants.size() * sizeof(Array) + elements.size() * sizeof(ElementNode) +
         keyed.bytes_used();
}

std::size_t TensorRecord::record_bytes_reserved() const {
  return nodes.capacity() * sizeof(TensorNode) + operands.capacity() * sizeof(TensorRef) +
         constants.capacity() * sizeof(Array) + elements.capacity() * sizeof(ElementNode) +
         keyed.bytes_reserved();
}

}  // namespace detail
}  // namespace chainrule
