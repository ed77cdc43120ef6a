// Folds of rows and columns.
#include "autodiff/kernels/folds.hpp"

#include "autodiff/kernels/kernels.hpp"
#include "autodiff/kernels/vector/parts.hpp"
#include "autodiff/rules/exponential.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET {
namespace {

template <class F, class T>
double row(const void* x, std::ptrdiff_t stride, std::size_t n, const void* end, double m) {
  const T* from = static_cast<const T*>(x);
  if (stride == 1) return fold_row<F, T>(from, n, static_cast<const T*>(end), m);
  constexpr std::size_t capacity = 512;
  T buffer[capacity];  // buffer for elements that are not adjacent
  double total = F::identity;
  for (std::size_t begin = 0; begin < n; begin += capacity) {
    const std::size_t count = n - begin < capacity ? n - begin : capacity;
    for (std::size_t i = 0; i < count; ++i, from += stride) buffer[i] = *from;
    total = F::combine(total, fold_row<F, T>(buffer, count, buffer + capacity, m));
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
        const P shift = m == nullptr ? P(0.0)
                                     : load_part<T>(static_cast<const T*>(m) + j, count,
                                                    static_cast<const T*>(m) + n);
        const T* from = first + j;
        const auto next = [&]() __attribute__((always_inline)) {
          const P element = load_part<T>(from, count, limit);
          from += row_stride;
          return F::of(element, shift);
        };
        P a = load_part<T>(out + j, count, out + n);
        std::size_t i = 0;
        if (rows >= 8) {
          P b(F::identity), c(F::identity), d(F::identity);
          for (; i + 4 <= rows; i += 4) {
            a = F::combine(a, next());
            b = F::combine(b, next());
            c = F::combine(c, next());
            d = F::combine(d, next());
          }
          a = F::combine(F::combine(a, b), F::combine(c, d));
        }
        for (; i < rows; ++i) a = F::combine(a, next());
        store_part<T>(a, out + j, count, out + n);
      });
}

template <class F>
double combine(double x, double y) {
  return F::combine(x, y);
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
  ((table.folds[static_cast<std::size_t>(F::kind)] = {row<F, T>, columns<F, T>, F::identity,
                                                      combine<F>}),
   ...);
  return table;
}

template <class T>
constexpr detail::FoldTable all_folds() {
  return table<T, SumOf, ProductOf, MaximumOf, MinimumOf, SumOfAbsolutes, SumOfSquares,
               SumOfDifferences, SumOfDeviations, SumOfExponentials, ExtentOf>();
}

}  // namespace

extern const detail::FoldTable folds[2];
constinit const detail::FoldTable folds[2] = {all_folds<float>(), all_folds<double>()};

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
