// Loops over rows of matrices: softmax and related functions, and standardisation to mean 0 and
// variance 1.
#include "autodiff/kernels/rows.hpp"

#include "autodiff/kernels/kernels.hpp"
#include "autodiff/kernels/moments.hpp"
#include "autodiff/kernels/vector/row_parts.hpp"
#include "autodiff/rules/exponential.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET {
namespace {

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
    const P shift(greatest), logarithm(std::log(sum));
    for_each_part<T>(
        n, [&](std::size_t i, std::size_t count) __attribute__((always_inline)) {
          out.store(x.load(from + i, count) - shift - logarithm, to + i, count);
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
    const PackOf<T> sum(fold_row<SumOf, T>(ar, n, a.end, 0.0));
    for_each_part<T>(
        n, [&](std::size_t i, std::size_t count) __attribute__((always_inline)) {
          out.store(a.load(ar + i, count) - exp(y.load(yr + i, count)) * sum, to + i, count);
        });
  }
}

/// The sums of the differences between a row and its mean rounded to T, and of their squares, in
/// one pass, in the same blocks as in fold_row().
template <class T>
struct Deviations {
  double sum = 0.0, squares = 0.0;

  Deviations(const Matrix<T>& x, const T* row, T mean) {
    using P = PackOf<T>;
    constexpr std::size_t w = P::width, block = std::size_t{4} * 32 * w;
    const P m(mean);
    for (std::size_t begin = 0; begin < x.n; begin += block) {
      const T* const from = row + begin;
      const std::size_t n = x.n - begin < block ? x.n - begin : block;
      P a(0.0), b(0.0), aa(0.0), bb(0.0);
      std::size_t i = 0;
      for (; i + 2 * w <= n; i += 2 * w) {
        const P d = x.load(from + i, w) - m, e = x.load(from + i + w, w) - m;
        a = a + d;
        b = b + e;
        aa = aa + d * d;
        bb = bb + e * e;
      }
      for (; i < n; i += w) {
        const std::size_t count = n - i < w ? n - i : w;
        const P d = first_lanes<T>(count, x.load(from + i, count) - m, T(0));
        a = a + d;
        aa = aa + d * d;
      }
      sum += static_cast<double>(across<SumOf, T>(a + b));
      squares += static_cast<double>(across<SumOf, T>(aa + bb));
    }
  }
};

/// The mean of a row, as mean + rest, and 1 / sqrt(variance + epsilon). If not is_exact, these
/// numbers are unreliable: something overflowed, underflowed or cancelled, and the row needs the
/// functions of kernels/moments.hpp.
template <class T>
struct RowMoments {
  T mean, rest;
  double scale;
  bool is_exact;

  RowMoments(const Matrix<T>& x, const T* row, double epsilon) {
    // Between these bounds, the digits lost by squares below the normal range do not affect the
    // sum, and the scale is a normal number of type T.
    constexpr double low = sizeof(T) == 4 ? 1e-28 : 1e-280, high = sizeof(T) == 4 ? 1e37 : 1e305;
    const auto count = static_cast<double>(x.n);
    mean = static_cast<T>(fold_row<SumOf, T>(row, x.n, x.end, 0.0) / count);
    // For a row of equal elements the variance is exactly 0: every difference is equal to the rest
    // of the mean.
    const Deviations<T> deviations(x, row, mean);
    const double difference = deviations.sum / count, square = deviations.squares / count;
    rest = static_cast<T>(difference);
    const double sum = square - difference * difference + epsilon;
    scale = 1.0 / std::sqrt(sum);
    is_exact = sum >= low && sum <= high && square <= 8.0 * sum;
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
    const RowMoments<T> moments(x, from, epsilon);
    if (!moments.is_exact) {
      robust_standardise<T>(from, w.data, b.data, epsilon, to, n);
      continue;
    }
    const P mean(moments.mean), rest(moments.rest), scale(moments.scale);
    const auto z = [&](std::size_t i, std::size_t count) __attribute__((always_inline)) {
      return (x.load(from + i, count) - mean - rest) * scale;
    };
    if (weight == nullptr) {
      for_each_part<T>(
          n, [&](std::size_t i, std::size_t count)
                 __attribute__((always_inline)) { out.store(z(i, count), to + i, count); });
    } else {
      for_each_part<T>(
          n, [&](std::size_t i, std::size_t count) __attribute__((always_inline)) {
            out.store(z(i, count) * w.load(w.data + i, count) + b.load(b.data + i, count), to + i,
                      count);
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
    const RowMoments<T> moments(x, xr, epsilon);
    if (!moments.is_exact) {
      robust_standardise_adjoint<T>(xr, ar, epsilon, to, n);
      continue;
    }
    const P mean(moments.mean), rest(moments.rest), scale(moments.scale);
    const auto z = [&](std::size_t i, std::size_t count) __attribute__((always_inline)) {
      return (x.load(xr + i, count) - mean - rest) * scale;
    };
    const double sum_a = fold_row<SumOf, T>(ar, n, a.end, 0.0);
    const auto sum_za = static_cast<double>(fold_packs<SumOf, T>(
        n, [&](std::size_t i, std::size_t count)
               __attribute__((always_inline)) { return z(i, count) * a.load(ar + i, count); }));
    if (!(sum_a - sum_a == 0.0 && sum_za - sum_za == 0.0)) {
      robust_standardise_adjoint<T>(xr, ar, epsilon, to, n);
      continue;
    }
    const P mean_a(sum_a / static_cast<double>(n)), mean_za(sum_za / static_cast<double>(n));
    for_each_part<T>(
        n, [&](std::size_t i, std::size_t count) __attribute__((always_inline)) {
          out.store(scale * (a.load(ar + i, count) - mean_a - z(i, count) * mean_za), to + i,
                    count);
        });
  }
}

template <class T>
void standard_scale(const void* in, double epsilon, void* result, std::size_t rows, std::size_t n) {
  const Matrix<T> x(in, rows, n);
  T* const out = static_cast<T*>(result);
  for (std::size_t r = 0; r < rows; ++r) {
    const RowMoments<T> moments(x, x.row(r), epsilon);
    out[r] =
        static_cast<T>(moments.is_exact ? moments.scale : robust_scale<T>(x.row(r), epsilon, n));
  }
}

template <class T>
constexpr RowLoops loops() {
  return {softmax<T>,     log_softmax<T>,         softmax_adjoint<T>, log_softmax_adjoint<T>,
          standardise<T>, standardise_adjoint<T>, standard_scale<T>};
}

}  // namespace

extern const RowLoops rows[2];
constinit const RowLoops rows[2] = {loops<float>(), loops<double>()};

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
