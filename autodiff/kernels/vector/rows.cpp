// Rows of matrices: softmax and what belongs to it, rows of mean 0 and variance 1.
#include "autodiff/kernels/rows.hpp"

#include "autodiff/kernels/kernels.hpp"
#include "autodiff/kernels/vector/parts.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

template <class T>
bool is_infinite(T x) {
  return x == static_cast<T>(infinity) || x == static_cast<T>(-infinity);
}

template <class T>
bool is_untouched_row(const T* adjoint, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i)
    if (bits_of(static_cast<double>(adjoint[i])) != bits_of(-0.0)) return false;
  return true;
}

template <class T>
void fill_row(T* out, std::size_t n, double x) {
  for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<T>(x);
}

/// What every loop here knows of its matrices: rows of n elements, and where the last one ends.
template <class T>
struct Matrix {
  using P = PackOf<T>;
  T* data;
  T* end;
  std::size_t n;

  Matrix(void* begin, std::size_t rows, std::size_t columns)
      : data(static_cast<T*>(begin)), end(data + rows * columns), n(columns) {}
  Matrix(const void* begin, std::size_t rows, std::size_t columns)
      : Matrix(const_cast<void*>(begin), rows, columns) {}

  T* row(std::size_t r) const { return data + r * n; }
  [[gnu::always_inline]] P load(const T* from, std::size_t count) const {
    return load_part<T>(from, count, end);
  }
  [[gnu::always_inline]] void store(const P& x, T* to, std::size_t count) const {
    store_part<T>(x, to, count, end);
  }
};

template <class T>
T greatest_of(const Matrix<T>& x, const T* row) {
  return fold_packs<GreatestOf, T>(
      x.n, [&](std::size_t i, std::size_t count)
               __attribute__((always_inline)) { return x.load(row + i, count); });
}

/// out = exp(x - greatest); the sum.
template <class T>
T exponentials(const Matrix<T>& x, const T* from, T greatest, const Matrix<T>& out, T* to) {
  using P = PackOf<T>;
  const P beside(greatest);
  return fold_packs<SumOf, T>(
      x.n, [&](std::size_t i, std::size_t count) __attribute__((always_inline)) {
        const P e = exp(x.load(from + i, count) - beside);
        out.store(e, to + i, count);
        return e;
      });
}

template <class T>
void scale_row(const Matrix<T>& out, T* to, double factor) {
  const PackOf<T> by(factor);
  for_each_part<T>(
      out.n, [&](std::size_t i, std::size_t count) __attribute__((always_inline)) {
        out.store(out.load(to + i, count) * by, to + i, count);
      });
}

/// The limit of softmax where the greatest element is infinite: it is shared by those that are
/// +inf, and 0 if all are -inf.
template <class T>
void softmax_at_infinity(const T* x, std::size_t n, T greatest, T* out) {
  double count = 0.0;
  for (std::size_t i = 0; i < n; ++i) count += x[i] == greatest ? 1.0 : 0.0;
  const double share = greatest > T(0) ? 1.0 / count : 0.0;
  for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<T>(x[i] == greatest ? share : 0.0);
}

template <class T>
void softmax_row(const Matrix<T>& x, const T* from, const Matrix<T>& out, T* to) {
  const T greatest = greatest_of(x, from);
  if (is_infinite(greatest)) return softmax_at_infinity(from, x.n, greatest, to);
  const T sum = exponentials(x, from, greatest, out, to);
  scale_row(out, to, 1.0 / static_cast<double>(sum));
}

template <class T>
void softmax(const void* in, void* result, std::size_t rows, std::size_t n) {
  const Matrix<T> x(in, rows, n), out(result, rows, n);
  for (std::size_t r = 0; r < rows; ++r) softmax_row(x, x.row(r), out, out.row(r));
}

template <class T>
void log_softmax(const void* in, void* result, std::size_t rows, std::size_t n) {
  using P = PackOf<T>;
  const Matrix<T> x(in, rows, n), out(result, rows, n);
  for (std::size_t r = 0; r < rows; ++r) {
    const T* const from = x.row(r);
    T* const to = out.row(r);
    const T greatest = greatest_of(x, from);
    if (is_infinite(greatest)) {
      softmax_at_infinity(from, n, greatest, to);
      for (std::size_t i = 0; i < n; ++i)
        to[i] = static_cast<T>(to[i] > T(0) ? std::log(static_cast<double>(to[i])) : -infinity);
      continue;
    }
    const double sum =
        fold_row<SumOfExponentials, T>(from, n, x.end, static_cast<double>(greatest));
    const P beside(greatest), logarithm(std::log(sum));
    for_each_part<T>(
        n, [&](std::size_t i, std::size_t count) __attribute__((always_inline)) {
          out.store(x.load(from + i, count) - beside - logarithm, to + i, count);
        });
  }
}

template <class T>
void softmax_adjoint(const void* result, const void* adjoint, void* flow, std::size_t rows,
                     std::size_t n) {
  const Matrix<T> y(result, rows, n), a(adjoint, rows, n), out(flow, rows, n);
  for (std::size_t r = 0; r < rows; ++r) {
    const T *const yr = y.row(r), *const ar = a.row(r);
    T* const to = out.row(r);
    if (is_untouched_row(ar, n)) {
      fill_row(to, n, -0.0);
      continue;
    }
    const PackOf<T> mean(fold_packs<SumOf, T>(
        n, [&](std::size_t i, std::size_t count) __attribute__((always_inline)) {
          return y.load(yr + i, count) * a.load(ar + i, count);
        }));
    for_each_part<T>(
        n, [&](std::size_t i, std::size_t count) __attribute__((always_inline)) {
          out.store(y.load(yr + i, count) * (a.load(ar + i, count) - mean), to + i, count);
        });
  }
}

template <class T>
void log_softmax_adjoint(const void* result, const void* adjoint, void* flow, std::size_t rows,
                         std::size_t n) {
  const Matrix<T> y(result, rows, n), a(adjoint, rows, n), out(flow, rows, n);
  for (std::size_t r = 0; r < rows; ++r) {
    const T *const yr = y.row(r), *const ar = a.row(r);
    T* const to = out.row(r);
    if (is_untouched_row(ar, n)) {
      fill_row(to, n, -0.0);
      continue;
    }
    const PackOf<T> sum(fold_row<SumOf, T>(ar, n, a.end, 0.0));
    for_each_part<T>(
        n, [&](std::size_t i, std::size_t count) __attribute__((always_inline)) {
          out.store(a.load(ar + i, count) - exp(y.load(yr + i, count)) * sum, to + i, count);
        });
  }
}

/// The mean of a row, and one over the root of its variance.
template <class T>
struct Moments {
  double mean, scale;

  Moments(const Matrix<T>& x, const T* row, double epsilon) {
    const auto count = static_cast<double>(x.n);
    mean = static_cast<double>(static_cast<T>(fold_row<SumOf, T>(row, x.n, x.end, 0.0) / count));
    // What rounding the mean has left: exactly nothing shall remain of a row of equal elements.
    mean = static_cast<double>(
        static_cast<T>(mean + fold_row<SumOfDifferences, T>(row, x.n, x.end, mean) / count));
    const double variance = fold_row<SumOfDeviations, T>(row, x.n, x.end, mean) / count;
    scale = 1.0 / std::sqrt(variance + epsilon);
  }
};

template <class T>
void standardise(const void* in, const void* weight, const void* bias, double epsilon, void* result,
                 std::size_t rows, std::size_t n) {
  using P = PackOf<T>;
  const Matrix<T> x(in, rows, n), out(result, rows, n), w(weight, 1, n), b(bias, 1, n);
  for (std::size_t r = 0; r < rows; ++r) {
    const T* const from = x.row(r);
    T* const to = out.row(r);
    const Moments<T> moments(x, from, epsilon);
    const P mean(moments.mean), scale(moments.scale);
    if (weight == nullptr) {
      for_each_part<T>(
          n, [&](std::size_t i, std::size_t count) __attribute__((always_inline)) {
            out.store((x.load(from + i, count) - mean) * scale, to + i, count);
          });
    } else {
      for_each_part<T>(
          n, [&](std::size_t i, std::size_t count) __attribute__((always_inline)) {
            const P z = (x.load(from + i, count) - mean) * scale;
            out.store(z * w.load(w.data + i, count) + b.load(b.data + i, count), to + i, count);
          });
    }
  }
}

template <class T>
void standardise_adjoint(const void* in, const void* adjoint, double epsilon, void* flow,
                         std::size_t rows, std::size_t n) {
  using P = PackOf<T>;
  const Matrix<T> x(in, rows, n), a(adjoint, rows, n), out(flow, rows, n);
  for (std::size_t r = 0; r < rows; ++r) {
    const T *const xr = x.row(r), *const ar = a.row(r);
    T* const to = out.row(r);
    if (is_untouched_row(ar, n)) {
      fill_row(to, n, -0.0);
      continue;
    }
    const Moments<T> moments(x, xr, epsilon);
    const P mean(moments.mean), scale(moments.scale);
    const auto z = [&](std::size_t i, std::size_t count) __attribute__((always_inline)) {
      return (x.load(xr + i, count) - mean) * scale;
    };
    const auto size = static_cast<double>(n);
    const P mean_a(fold_row<SumOf, T>(ar, n, a.end, 0.0) / size);
    const T sum_za = fold_packs<SumOf, T>(
        n, [&](std::size_t i, std::size_t count)
               __attribute__((always_inline)) { return z(i, count) * a.load(ar + i, count); });
    const P mean_za(static_cast<double>(sum_za) / size);
    for_each_part<T>(
        n, [&](std::size_t i, std::size_t count) __attribute__((always_inline)) {
          out.store(scale * (a.load(ar + i, count) - mean_a - z(i, count) * mean_za), to + i,
                    count);
        });
  }
}

// ---- Cross entropy ------------------------------------------------------------------------------

/// What an example's classes should have been, as numbers: `label` for the label's class, and
/// `other` times its weight for each.
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
void cross_entropy(const void* in, const std::int64_t* labels, const void* class_weights,
                   double smoothing, void* out, std::size_t rows, std::size_t n) {
  const Matrix<T> x(in, rows, n);
  const auto* const weights = static_cast<const T*>(class_weights);
  const double all = sum_of_weights(weights, n);
  for (std::size_t r = 0; r < rows; ++r) {
    const T* const from = x.row(r);
    const auto at = static_cast<double>(greatest_of(x, from));
    const Target<T> target(weights, smoothing, n, labels[r], all);
    double logarithm = 0.0;
    if (!is_infinite(at)) {
      logarithm = std::log(fold_row<SumOfExponentials, T>(from, n, x.end, at));
    } else {  // the logarithm of what softmax_at_infinity() gives
      double count = 0.0;
      for (std::size_t k = 0; k < n; ++k) count += static_cast<double>(from[k]) == at ? 1.0 : 0.0;
      logarithm = at > 0.0 ? std::log(count) : infinity;
    }
    // The greatest is taken off first: what is left is small where it matters.
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
    static_cast<T*>(out)[r] = static_cast<T>(total);
  }
}

template <class T>
void cross_entropy_adjoint(const void* in, const std::int64_t* labels, const void* class_weights,
                           double smoothing, const void* adjoint, std::ptrdiff_t stride, void* flow,
                           std::size_t rows, std::size_t n) {
  const Matrix<T> x(in, rows, n), out(flow, rows, n);
  const auto* const weights = static_cast<const T*>(class_weights);
  const double all = sum_of_weights(weights, n);
  const T* given = static_cast<const T*>(adjoint);
  for (std::size_t r = 0; r < rows; ++r, given += stride) {
    const T* const from = x.row(r);
    T* const to = out.row(r);
    if (is_untouched_row(given, 1)) {
      fill_row(to, n, -0.0);
      continue;
    }
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

template <class T>
constexpr RowLoops loops() {
  return {softmax<T>,     log_softmax<T>,         softmax_adjoint<T>, log_softmax_adjoint<T>,
          standardise<T>, standardise_adjoint<T>, cross_entropy<T>,   cross_entropy_adjoint<T>};
}

}  // namespace

extern const RowLoops rows[2];
constinit const RowLoops rows[2] = {loops<float>(), loops<double>()};

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
