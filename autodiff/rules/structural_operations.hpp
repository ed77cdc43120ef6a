// The list of every structural operation.
#pragma once

#include "autodiff/rules/arrangement.hpp"

namespace chainrule {

/// Every built-in structural operation.
using StructuralOperations = Concatenation<Arrangement>;

}  // namespace chainrule
