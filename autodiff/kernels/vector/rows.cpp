// Rows of matrices: softmax and what belongs to it, rows of mean 0 and variance 1.
#include "autodiff/kernels/rows.hpp"

#include "autodiff/kernels/kernels.hpp"
#include "autodiff/kernels/vector/row_parts.hpp"

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

template <class T>
constexpr RowLoops loops() {
  return {softmax<T>,     log_softmax<T>,        softmax_adjoint<T>, log_softmax_adjoint<T>,
          standardise<T>, standardise_adjoint<T>};
}

}  // namespace

extern const RowLoops rows[2];
constinit const RowLoops rows[2] = {loops<float>(), loops<double>()};

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
