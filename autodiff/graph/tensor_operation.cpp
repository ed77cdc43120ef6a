#include "autodiff/graph/tensor_operation.hpp"

#include <array>

#include "autodiff/structural/operations.hpp"

namespace chainrule {
namespace detail {

// Instantiates the operations of all listed rules, once.
template <class... Rule>
auto instances(RuleList<Rule...>) {
  return std::array{&structural_operation_of<Rule>...};
}
template auto instances(StructuralOperations);

}  // namespace detail

const TensorOperation& scalar_stack_operation() {
  static constexpr TensorOperation operation{library_call("tensor"), -1};
  return operation;
}

}  // namespace chainrule
