// The numeric reverse sweep at tensor nodes.
#pragma once

#include <cstddef>

#include "autodiff/sweep/tensor_adjoints.hpp"

namespace chainrule::detail {

/// Adds to the adjoint of tensor node `id`, and marks the node as reached in `adjoints`.
void add_to_tensor(const Tape& tape, Id id, const Array& contribution, double* adjoints,
                   TensorAdjoints& tensors);
/// Adds `adjoint` to one element of a tensor's adjoint.
void add_to_element(const Tape& tape, const ElementNode& element, double adjoint, double* adjoints,
                    TensorAdjoints& tensors);
/// Passes the adjoint of tensor node `index` on to its operands: tensors, or the scalars that it
/// consists of.
void pass_tensor(const Tape& tape, std::size_t index, double* adjoints, TensorAdjoints& tensors);

}  // namespace chainrule::detail
