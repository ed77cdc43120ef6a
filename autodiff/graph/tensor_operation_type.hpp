// TensorOperation: a structural operation at run time.
#pragma once

#include <string>

#include "autodiff/graph/tensor_adjoint.hpp"

namespace chainrule::detail {

/// One structural operation: its rule, instantiated for Arrays and for Tensors. The functions take
/// the parameters of the node. The operation that stacks Vars has a name only.
struct TensorOperation {
  Notation notation;
  int arity;  ///< -1 for any number

  Array (*value)(const void* parameters, const Array* const* x, std::size_t count) = nullptr;
  /// The adjoint of operand k; null if its derivative is always a structural zero.
  Adjoint<Array> (*adjoint)(const void* parameters, std::size_t k, const Array* const* x,
                            std::size_t count, const Array& result,
                            const Adjoint<Array>& adjoint) = nullptr;
  Adjoint<Tensor> (*recorded_adjoint)(const void* parameters, std::size_t k, const Tensor* const* x,
                                      std::size_t count, const Tensor& result,
                                      const Adjoint<Tensor>& adjoint) = nullptr;
  /// Adds the adjoint to the elements of `sum` that the operation selects from its operand. `sum`
  /// has the operand's shape, is contiguous and unique. An operation that has this has no
  /// adjoint().
  void (*add_adjoint)(const void* parameters, const Array& adjoint, Array& sum) = nullptr;
  void* (*copy_parameters)(const void* parameters) = nullptr;
  void (*destroy_parameters)(void* parameters) noexcept = nullptr;
  std::string (*describe)(const void* parameters) = nullptr;  ///< "axis=1", or nothing
};

/// Throws DTypeError, which names the operation, unless its adjoint of operand k has the operand's
/// element type.
void check_adjoint_type(const TensorOperation& operation, std::size_t k, DType operand,
                        DType adjoint);

/// The operation of a node whose elements are scalar nodes: stack() of Vars.
const TensorOperation& scalar_stack_operation();

}  // namespace chainrule::detail
