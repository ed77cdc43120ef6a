// The numeric reverse sweep: from outputs down to variables. Every partial is computed from the
// values in the record, and every adjoint is complete before it is passed on.
#pragma once

#include <cstddef>

#include "autodiff/core/untouched.hpp"
#include "autodiff/graph/tape.hpp"
#include "autodiff/sweep/tensor_adjoints.hpp"

namespace chainrule::detail {

/// Sweeps nodes top, top - 1, ..., 0. On entry, `adjoints[0..top]` has the seeds and is untouched
/// elsewhere; on return, it has the adjoint of every scalar node. `tensors` has the adjoints of
/// tensor nodes, one for each in the record; for these, `adjoints` only marks whether they are
/// reached. Time: linear in `top`. Memory: only that of the tensors. Throws std::bad_alloc, and
/// whatever an operation from outside the library throws.
void sweep_all(const Tape& tape, Id top, double* adjoints, TensorAdjoints& tensors);

/// The same, but on return only the variables below `kept` have their adjoints. All other entries
/// are untouched again, ready for the next sweep.
void sweep_variables(const Tape& tape, Id top, Id kept, double* adjoints, TensorAdjoints& tensors);

}  // namespace chainrule::detail
