// Declares the matrix products of one instruction set, for its table.
#pragma once

#include "autodiff/kernels/product/product.hpp"

#ifndef CHAINRULE_INSTRUCTION_SET
#define CHAINRULE_INSTRUCTION_SET portable
#endif

namespace chainrule::CHAINRULE_INSTRUCTION_SET {

void multiply(const detail::Product<float>& product);
void multiply(const detail::Product<double>& product);

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
