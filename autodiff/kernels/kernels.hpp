// What is compiled once per instruction set: one table of everything, of which each version of the
// library's loops defines one. A further family of loops is a further member.
#pragma once

#include "autodiff/kernels/cross_entropy.hpp"
#include "autodiff/kernels/elementwise.hpp"
#include "autodiff/kernels/folds.hpp"
#include "autodiff/kernels/product/product.hpp"
#include "autodiff/kernels/rows.hpp"

namespace chainrule::detail {

/// The loops of a stretch of the list of operations, in its order.
struct ElementwiseFamily {
  const ElementwiseLoops* float32;
  const ElementwiseLoops* float64;
  int count;
};

/// The loops of every Fold, in its order.
struct FoldTable {
  FoldLoops folds[fold_count];
};

struct Kernels {
  /// The families of Operations, in its order.
  const ElementwiseFamily* elementwise[6];
  ProductFunction<float> product_float32;
  ProductFunction<double> product_float64;
  const FoldTable* folds;                    ///< of float32 and of float64
  const RowLoops* rows;                      ///< of float32 and of float64
  const CrossEntropyLoops* cross_entropies;  ///< of float32 and of float64
};

}  // namespace chainrule::detail
