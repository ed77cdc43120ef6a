// The list of every structural operation.
#pragma once

#include "autodiff/rules/arrangement.hpp"
#include "autodiff/rules/cumulative.hpp"
#include "autodiff/rules/loss.hpp"
#include "autodiff/rules/normalisation.hpp"
#include "autodiff/rules/reduction.hpp"
#include "autodiff/rules/statistics.hpp"

namespace chainrule {

/// Every built-in structural operation.
using StructuralOperations = Concatenation<Arrangement,      //
                                           Reductions,       //
                                           CumulativeRules,  //
                                           Statistics,       //
                                           Normalisation,    //
                                           Losses>;

}  // namespace chainrule
