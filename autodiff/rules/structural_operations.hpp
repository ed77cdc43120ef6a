// The list of every structural operation.
#pragma once

#include "autodiff/rules/arrangement.hpp"
#include "autodiff/rules/conversion.hpp"
#include "autodiff/rules/cumulative.hpp"
#include "autodiff/rules/diagonals.hpp"
#include "autodiff/rules/einsum.hpp"
#include "autodiff/rules/indexing.hpp"
#include "autodiff/rules/joining.hpp"
#include "autodiff/rules/linear_algebra.hpp"
#include "autodiff/rules/loss.hpp"
#include "autodiff/rules/normalisation.hpp"
#include "autodiff/rules/reduction.hpp"
#include "autodiff/rules/slicing.hpp"
#include "autodiff/rules/statistics.hpp"

namespace chainrule {

/// Every built-in structural operation.
using StructuralOperations =
    Concatenation<Arrangement, Pieces, Joining, Diagonals, Indexing, Conversion, LinearAlgebra,
                  Einsum, Reductions, CumulativeRules, Statistics, Normalisation, Losses>;

}  // namespace chainrule
