// The code that is compiled once per instruction set. Each version of the library's loops defines
// one such table. A new family of loops adds a member.
#pragma once

#include "autodiff/kernels/cross_entropy.hpp"
#include "autodiff/kernels/element_tests.hpp"
#include "autodiff/kernels/elementwise.hpp"
#include "autodiff/kernels/folds.hpp"
#include "autodiff/kernels/product/product.hpp"
#include "autodiff/kernels/rows.hpp"
#include "autodiff/rules/list.hpp"

namespace chainrule::detail {

/// The loops of a family of operations, in the order of the family.
struct ElementwiseFamily {
  const ElementwiseLoops* float32;
  const ElementwiseLoops* float64;
};

/// The loops of every Fold, indexed by its value.
struct FoldTable {
  FoldLoops folds[fold_count];
};

struct Kernels {
  /// The families of Operations, in the order of Families.
  const ElementwiseFamily& (*elementwise[Families::size])();
  ProductFunction<float> product_float32;
  ProductFunction<double> product_float64;
  const FoldTable* folds;                    ///< for float32 and float64
  const RowLoops* rows;                      ///< for float32 and float64
  const CrossEntropyLoops* cross_entropies;  ///< for float32 and float64
  const ElementTestLoops* element_tests;     ///< for float32 and float64
};

}  // namespace chainrule::detail
