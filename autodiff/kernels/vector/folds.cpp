// Folds of rows and columns.
#include "autodiff/kernels/folds.hpp"

#include "autodiff/kernels/kernels.hpp"
#include "autodiff/kernels/vector/parts.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET {
namespace {

template <class F, class T>
double row(const void* x, std::ptrdiff_t stride, std::size_t n, const void* end, double m) {
  const T* from = static_cast<const T*>(x);
  if (stride == 1) return fold_row<F, T>(from, n, static_cast<const T*>(end), m);
  constexpr std::size_t most = 512;
  T near[most];  // buffer for elements that are not adjacent
  double total = F::none;
  for (std::size_t begin = 0; begin < n; begin += most) {
    const std::size_t count = n - begin < most ? n - begin : most;
    for (std::size_t i = 0; i < count; ++i, from += stride) near[i] = *from;
    total = F::together(total, fold_row<F, T>(near, count, near + most, m));
  }
  return total;
}

template <class F, class T>
void columns(const void* x, std::ptrdiff_t row_stride, std::size_t rows, std::size_t n,
             const void* end, const void* m, void* block) {
  using P = PackOf<T>;
  const T* const first = static_cast<const T*>(x);
  const T* const limit = static_cast<const T*>(end);
  T* const out = static_cast<T*>(block);
  for_each_part<T>(
      n, [&](std::size_t j, std::size_t count) __attribute__((always_inline)) {
        const P beside = m == nullptr ? P(0.0)
                                      : load_part<T>(static_cast<const T*>(m) + j, count,
                                                     static_cast<const T*>(m) + n);
        const T* from = first + j;
        const auto next = [&]() __attribute__((always_inline)) {
          const P element = load_part<T>(from, count, limit);
          from += row_stride;
          return F::of(element, beside);
        };
        P a = load_part<T>(out + j, count, out + n);
        std::size_t i = 0;
        if (rows >= 8) {
          P b(F::none), c(F::none), d(F::none);
          for (; i + 4 <= rows; i += 4) {
            a = F::together(a, next());
            b = F::together(b, next());
            c = F::together(c, next());
            d = F::together(d, next());
          }
          a = F::together(F::together(a, b), F::together(c, d));
        }
        for (; i < rows; ++i) a = F::together(a, next());
        store_part<T>(a, out + j, count, out + n);
      });
}

template <class F>
double together(double x, double y) {
  return F::together(x, y);
}

/// Whether `F` has exactly one entry for each kind of fold.
template <class... F>
constexpr bool is_complete() {
  bool has_loops[fold_count] = {};
  ((has_loops[static_cast<std::size_t>(F::kind)] = true), ...);
  for (const bool has : has_loops)
    if (!has) return false;
  return sizeof...(F) == fold_count;
}

/// Stores each fold at the index of its kind.
template <class T, class... F>
constexpr detail::FoldTable table() {
  static_assert(is_complete<F...>(), "two folds say that they are of the same kind");
  detail::FoldTable table{};
  ((table.folds[static_cast<std::size_t>(F::kind)] = {row<F, T>, columns<F, T>, F::none,
                                                      together<F>}),
   ...);
  return table;
}

template <class T>
constexpr detail::FoldTable every_fold() {
  return table<T, SumOf, ProductOf, GreatestOf, LeastOf, SumOfAbsolutes, SumOfSquares,
               SumOfDifferences, SumOfDeviations, SumOfExponentials, ExtentOf>();
}

}  // namespace

extern const detail::FoldTable folds[2];
constinit const detail::FoldTable folds[2] = {every_fold<float>(), every_fold<double>()};

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
