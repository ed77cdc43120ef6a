// The list of every structural operation.
#pragma once

#include "autodiff/rules/arrangement.hpp"
#include "autodiff/rules/einsum.hpp"
#include "autodiff/rules/linear_algebra.hpp"

namespace chainrule {

/// Every built-in structural operation.
using StructuralOperations = Concatenation<Arrangement, LinearAlgebra, Einsum>;

}  // namespace chainrule
