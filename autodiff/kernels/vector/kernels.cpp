// The table of one instruction set.
#include "autodiff/kernels/vector/families.hpp"
#include "autodiff/kernels/vector/product.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET {

extern const detail::FoldTable folds[2];
extern const RowLoops rows[2];
extern const CrossEntropyLoops cross_entropies[2];
extern const ElementTestLoops element_tests[2];

namespace {

template <class... Family>
constexpr detail::Kernels all_loops(FamilyList<Family...>) {
  return {{family_loops<Family>...}, &multiply,    &multiply, folds, rows,
          cross_entropies,           element_tests};
}

}  // namespace

extern const detail::Kernels kernels;
constinit const detail::Kernels kernels = all_loops(Families{});

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
