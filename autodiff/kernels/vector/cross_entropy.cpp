// Cross entropy of the rows of a matrix.
#include "autodiff/kernels/cross_entropy.hpp"

#include "autodiff/kernels/kernels.hpp"
#include "autodiff/kernels/vector/row_parts.hpp"
#include "autodiff/rules/exponential.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET {
namespace {

/// The target distribution of one example: `label` is the probability of the class of the label,
/// and each class has `other` times its weight in addition.
template <class T>
struct Target {
  const T* weights;  // of the classes, or nullptr
  double label, other, sum;

  Target(const T* class_weights, double smoothing, std::size_t n, std::int64_t k, double all)
      : weights(class_weights),
        label((1.0 - smoothing) * weight(static_cast<std::size_t>(k))),
        other(smoothing / static_cast<double>(n)),
        sum(label + other * all) {}
  double weight(std::size_t k) const {
    return weights == nullptr ? 1.0 : static_cast<double>(weights[k]);
  }
};

template <class T>
double sum_of_weights(const T* weights, std::size_t n) {
  double sum = static_cast<double>(n);
  if (weights != nullptr) {
    sum = 0.0;
    for (std::size_t k = 0; k < n; ++k) sum += static_cast<double>(weights[k]);
  }
  return sum;
}

template <class T>
void losses_row_by_row(const Matrix<T>& x, const std::int64_t* labels, const T* weights,
                       double smoothing, T* out, std::size_t first, std::size_t end) {
  const std::size_t n = x.n;
  const double all = sum_of_weights(weights, n);
  for (std::size_t r = first; r < end; ++r) {
    const T* const from = x.row(r);
    const auto at = static_cast<double>(greatest_of(x, from));
    const Target<T> target(weights, smoothing, n, labels[r], all);
    double logarithm = 0.0;
    if (!is_infinite(at)) {
      logarithm = std::log(fold_row<SumOfExponentials, T>(from, n, x.end, at));
    } else {  // the logarithm of the result of softmax_at_infinity()
      double count = 0.0;
      for (std::size_t k = 0; k < n; ++k) count += static_cast<double>(from[k]) == at ? 1.0 : 0.0;
      logarithm = at > 0.0 ? std::log(count) : infinity;
    }
    // Subtracting the greatest first keeps the remaining terms small and so accurate.
    const auto loss = [&](std::size_t k) {
      const auto xk = static_cast<double>(from[k]);
      return xk == at ? logarithm : at - xk + logarithm;
    };
    double total =
        target.label == 0.0 ? 0.0 : target.label * loss(static_cast<std::size_t>(labels[r]));
    if (target.other != 0.0)
      for (std::size_t k = 0; k < n; ++k)
        if (const double weight = target.other * target.weight(k); weight != 0.0)
          total += weight * loss(k);
    out[r] = static_cast<T>(total);
  }
}

template <class T>
void adjoints_row_by_row(const Matrix<T>& x, const std::int64_t* labels, const T* weights,
                         double smoothing, const T* adjoint, std::ptrdiff_t stride,
                         const Matrix<T>& out, std::size_t first, std::size_t end) {
  const std::size_t n = x.n;
  const double all = sum_of_weights(weights, n);
  const T* given = adjoint + static_cast<std::ptrdiff_t>(first) * stride;
  for (std::size_t r = first; r < end; ++r, given += stride) {
    const T* const from = x.row(r);
    T* const to = out.row(r);
    const Target<T> target(weights, smoothing, n, labels[r], all);
    const auto a = static_cast<double>(*given);
    const T greatest = greatest_of(x, from);
    if (is_infinite(greatest)) {
      softmax_at_infinity(from, n, greatest, to);
      scale_row(out, to, a * target.sum);
    } else {
      const T sum = exponentials(x, from, greatest, out, to);
      scale_row(out, to, a * target.sum / static_cast<double>(sum));
    }
    T& chosen = to[labels[r]];
    chosen = static_cast<T>(static_cast<double>(chosen) - a * target.label);
    if (target.other != 0.0)
      for (std::size_t k = 0; k < n; ++k)
        to[k] = static_cast<T>(static_cast<double>(to[k]) - a * target.other * target.weight(k));
  }
}

/// A transposed block of rows that are too short to fill a pack: pack k holds class k of as many
/// rows as there are lanes. Unused lanes repeat the last row.
template <class T>
struct TransposedRows {
  using P = PackOf<T>;
  static constexpr std::size_t width = P::width;
  static constexpr std::size_t max_classes = 16;

  std::size_t n, count;
  P classes[max_classes];
  P greatest;

  TransposedRows(const T* from, std::size_t classes_given, std::size_t rows)
      : n(classes_given), count(rows) {
    greatest = P(MaximumOf::identity);
    for (std::size_t k = 0; k < n; ++k) {
      classes[k] = per_row([&](std::size_t r) { return from[r * n + k]; });
      greatest = MaximumOf::combine(greatest, classes[k]);
    }
  }
  /// A pack with one number per row.
  template <class F>
  [[gnu::always_inline]] P per_row(F f) const {
    T lanes[width];
    if (count == width)
      for (std::size_t r = 0; r < width; ++r) lanes[r] = f(r);
    else
      for (std::size_t r = 0; r < width; ++r) lanes[r] = f(r < count ? r : count - 1);
    return P::load(lanes);
  }
  bool is_finite() const { return (abs(greatest) < P(infinity)).all(); }
  /// Replaces each x by exp(x - greatest) and returns the sums of the rows.
  P exponentials() {
    P sum(0.0);
    for (std::size_t k = 0; k < n; ++k) {
      classes[k] = exp(classes[k] - greatest);
      sum = sum + classes[k];
    }
    return sum;
  }
};

/// Whether transposed blocks are worthwhile, and the targets are plain labels (no weights, no
/// smoothing).
template <class T>
bool uses_transposed_rows(std::size_t n, const T* weights, double smoothing) {
  return n <= TransposedRows<T>::max_classes && PackOf<T>::width > 1 && weights == nullptr &&
         smoothing == 0.0;
}

template <class T>
void cross_entropy(const void* in, const std::int64_t* labels, const void* class_weights,
                   double smoothing, void* result, std::size_t rows, std::size_t n) {
  const Matrix<T> x(in, rows, n);
  const auto* const weights = static_cast<const T*>(class_weights);
  T* const out = static_cast<T*>(result);
  if (!uses_transposed_rows(n, weights, smoothing))
    return losses_row_by_row(x, labels, weights, smoothing, out, 0, rows);
  for_each_part<T>(rows, [&](std::size_t first, std::size_t count) {
    const T* const from = x.row(first);
    TransposedRows<T> block(from, n, count);
    if (!block.is_finite())
      return losses_row_by_row(x, labels, weights, smoothing, out, first, first + count);
    const auto chosen = block.per_row(
        [&](std::size_t r) { return from[r * n + static_cast<std::size_t>(labels[first + r])]; });
    // Subtracting the greatest first keeps the remaining terms small and so accurate.
    const auto loss = block.greatest - chosen + log(block.exponentials());
    store_part<T>(loss, out + first, count, out + rows);
  });
}

template <class T>
void cross_entropy_adjoint(const void* in, const std::int64_t* labels, const void* class_weights,
                           double smoothing, const void* given, std::ptrdiff_t stride, void* flow,
                           std::size_t rows, std::size_t n) {
  using P = PackOf<T>;
  const Matrix<T> x(in, rows, n), out(flow, rows, n);
  const auto* const weights = static_cast<const T*>(class_weights);
  const T* const adjoint = static_cast<const T*>(given);
  if (!uses_transposed_rows(n, weights, smoothing))
    return adjoints_row_by_row(x, labels, weights, smoothing, adjoint, stride, out, 0, rows);
  for_each_part<T>(rows, [&](std::size_t first, std::size_t count) {
    TransposedRows<T> block(x.row(first), n, count);
    const P a = block.per_row(
        [&](std::size_t r) { return adjoint[static_cast<std::ptrdiff_t>(first + r) * stride]; });
    if (!block.is_finite())
      return adjoints_row_by_row(x, labels, weights, smoothing, adjoint, stride, out, first,
                                 first + count);
    const P factor = a / block.exponentials();
    T* const to = out.row(first);
    for (std::size_t k = 0; k < n; ++k) {
      T lanes[P::width];
      (block.classes[k] * factor).store(lanes);
      for (std::size_t r = 0; r < count; ++r) to[r * n + k] = lanes[r];
    }
    T lanes[P::width];
    a.store(lanes);
    for (std::size_t r = 0; r < count; ++r)
      to[r * n + static_cast<std::size_t>(labels[first + r])] -= lanes[r];
  });
}

template <class T>
constexpr CrossEntropyLoops loops() {
  return {cross_entropy<T>, cross_entropy_adjoint<T>};
}

}  // namespace

extern const CrossEntropyLoops cross_entropies[2];
constinit const CrossEntropyLoops cross_entropies[2] = {loops<float>(), loops<double>()};

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
