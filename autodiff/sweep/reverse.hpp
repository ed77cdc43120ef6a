// The reverse sweep over numbers: from outputs down to variables, every partial computed from the
// values on the record, every adjoint complete before it is passed on.
#pragma once

#include <cstddef>

#include "autodiff/core/untouched.hpp"
#include "autodiff/graph/tape.hpp"
#include "autodiff/sweep/tensor_reverse.hpp"

namespace chainrule {

/// Sweeps nodes top, top - 1, ..., 0. On entry `adjoints[0..top]` holds the seeds and is untouched
/// elsewhere; on return it holds the adjoint of every scalar node. Those of tensor nodes are in
/// `tensors`, one for each in the record, and in `adjoints` stands whether they were reached. Cost:
/// linear in `top`, in time; no memory but that of the tensors. Throws only what an operation from
/// outside the library throws, and std::bad_alloc.
void sweep_all(const Tape& tape, Id top, double* adjoints, TensorAdjoints& tensors);

/// The same, but on return only the variables below `kept` have their adjoints, and everything else
/// is untouched again, ready for the next sweep.
void sweep_variables(const Tape& tape, Id top, Id kept, double* adjoints, TensorAdjoints& tensors);

}  // namespace chainrule
