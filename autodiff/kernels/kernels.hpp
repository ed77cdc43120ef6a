// What is compiled once per instruction set: one table of everything, of which each version of the
// library's loops defines one. A further family of loops is a further member.
#pragma once

#include "autodiff/kernels/cross_entropy.hpp"
#include "autodiff/kernels/elementwise.hpp"
#include "autodiff/kernels/folds.hpp"
#include "autodiff/kernels/product/product.hpp"
#include "autodiff/kernels/rows.hpp"
#include "autodiff/rules/operations.hpp"

namespace chainrule::detail {

/// The loops of a family of operations, in its order.
struct ElementwiseFamily {
  const ElementwiseLoops* float32;
  const ElementwiseLoops* float64;
};

/// The loops of every Fold, by its number.
struct FoldTable {
  FoldLoops folds[fold_count];
};

struct Kernels {
  /// The families of Operations, in the order of Families.
  const ElementwiseFamily& (*elementwise[Families::size])();
  ProductFunction<float> product_float32;
  ProductFunction<double> product_float64;
  const FoldTable* folds;                    ///< of float32 and of float64
  const RowLoops* rows;                      ///< of float32 and of float64
  const CrossEntropyLoops* cross_entropies;  ///< of float32 and of float64
};

}  // namespace chainrule::detail
