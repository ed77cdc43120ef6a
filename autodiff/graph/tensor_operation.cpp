#include "autodiff/graph/tensor_operation.hpp"

#include <fmt/format.h>

#include <array>

#include "autodiff/core/error.hpp"
#include "autodiff/rules/operations.hpp"
#include "autodiff/structural/operations.hpp"

namespace chainrule::detail {

// Instantiates the operations of all listed rules, once.
template <class... Rule>
auto instances(RuleList<Rule...>) {
  return std::array{&structural_operation_of<Rule>...};
}
template auto instances(StructuralOperations);

void check_adjoint_type(const TensorOperation& operation, std::size_t k, DType operand,
                        DType adjoint) {
  if (adjoint != operand) [[unlikely]]
    throw DTypeError(fmt::format(
        "{}: its adjoint of operand {} is {}, but the operand is {}. Convert the adjoint in the "
        "rule, by astype(adjoint, x.dtype()).",
        operation.notation.name, k, name_of(adjoint), name_of(operand)));
}

const TensorOperation& scalar_stack_operation() {
  static constexpr TensorOperation operation{library_call("tensor"), -1};
  return operation;
}

}  // namespace chainrule::detail
