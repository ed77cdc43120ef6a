// Compiled once for each instruction set.
#include "autodiff/kernels/product/blocked.hpp"

namespace chainrule::detail::CHAINRULE_ISA {

void vector_product(const Product<float>& product) { multiply<float, Numbers<float>>(product); }
void vector_product(const Product<double>& product) { multiply<double, Numbers<double>>(product); }

}  // namespace chainrule::detail::CHAINRULE_ISA
