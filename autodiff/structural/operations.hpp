// The list of every structural operation.
#pragma once

#include "autodiff/structural/arrangement.hpp"
#include "autodiff/structural/conversion.hpp"
#include "autodiff/structural/cumulative.hpp"
#include "autodiff/structural/diagonals.hpp"
#include "autodiff/structural/einsum.hpp"
#include "autodiff/structural/indexing.hpp"
#include "autodiff/structural/joining.hpp"
#include "autodiff/structural/linear_algebra.hpp"
#include "autodiff/structural/loss.hpp"
#include "autodiff/structural/normalisation.hpp"
#include "autodiff/structural/ordering.hpp"
#include "autodiff/structural/reduction.hpp"
#include "autodiff/structural/slicing.hpp"
#include "autodiff/structural/statistics.hpp"

namespace chainrule {

/// Every built-in structural operation.
using StructuralOperations =
    Concatenation<rules::Arrangement, rules::Pieces, rules::Joining, rules::Diagonals,
                  rules::Indexing, rules::Conversion, rules::LinearAlgebra, rules::Einsum,
                  rules::Reductions, rules::CumulativeRules, rules::Statistics,
                  rules::Normalisation, rules::Losses>;

}  // namespace chainrule
