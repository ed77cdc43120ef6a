// What is compiled once per instruction set: one table of everything, of which each version of the
// library's loops defines one. A further family of loops is a further member.
#pragma once

#include "autodiff/kernels/elementwise.hpp"
#include "autodiff/kernels/product/product.hpp"

namespace chainrule::detail {

/// The loops of a stretch of the list of operations, in its order.
struct ElementwiseFamily {
  const ElementwiseLoops* float32;
  const ElementwiseLoops* float64;
  int count;
};

struct Kernels {
  /// The families of Operations, in its order.
  const ElementwiseFamily* elementwise[6];
  ProductFunction<float> product_float32;
  ProductFunction<double> product_float64;
};

}  // namespace chainrule::detail
