// The matrix products of one instruction set.
#include "autodiff/kernels/vector/product.hpp"

#include "autodiff/kernels/product/blocked.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET {

void multiply(const detail::Product<float>& product) {
  product::multiply<float, product::Numbers<float>>(product);
}
void multiply(const detail::Product<double>& product) {
  product::multiply<double, product::Numbers<double>>(product);
}

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
