// The table of one instruction set.
#include "autodiff/kernels/vector/elementwise.hpp"
#include "autodiff/kernels/vector/product.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET {

extern const detail::FoldTable folds[2];
extern const RowLoops rows[2];
extern const CrossEntropyLoops cross_entropies[2];

extern const detail::Kernels kernels;
constinit const detail::Kernels kernels = {
    {&arithmetic, &piecewise, &exponential, &trigonometric, &special, &activation},
    &multiply,
    &multiply,
    folds,
    rows,
    cross_entropies};

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
