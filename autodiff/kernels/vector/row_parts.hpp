// Code shared by the loops over rows of matrices.
#pragma once

#include "autodiff/kernels/vector/parts.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

template <class T>
inline bool is_infinite(T x) {
  return x == static_cast<T>(infinity) || x == static_cast<T>(-infinity);
}

/// The matrix of a loop: rows of n elements, and the end of the last row.
template <class T>
struct Matrix {
  using P = PackOf<T>;
  T* data;
  T* end;
  std::size_t n;

  /// `begin` is null for a matrix that the loop does not use.
  Matrix(void* begin, std::size_t rows, std::size_t columns)
      : data(static_cast<T*>(begin)),
        end(begin == nullptr ? data : data + rows * columns),
        n(columns) {}
  Matrix(const void* begin, std::size_t rows, std::size_t columns)
      : Matrix(const_cast<void*>(begin), rows, columns) {}

  T* row(std::size_t r) const { return data == nullptr ? data : data + r * n; }
  [[gnu::always_inline]] P load(const T* from, std::size_t count) const {
    return load_part<T>(from, count, end);
  }
  [[gnu::always_inline]] void store(const P& x, T* to, std::size_t count) const {
    store_part<T>(x, to, count, end);
  }
};

template <class T>
inline T greatest_of(const Matrix<T>& x, const T* row) {
  return fold_packs<MaximumOf, T>(
      x.n, [&](std::size_t i, std::size_t count)
               __attribute__((always_inline)) { return x.load(row + i, count); });
}

/// Sets out = exp(x - greatest) and returns the sum.
template <class T>
inline T exponentials(const Matrix<T>& x, const T* from, T greatest, const Matrix<T>& out, T* to) {
  using P = PackOf<T>;
  const P shift(greatest);
  return fold_packs<SumOf, T>(
      x.n, [&](std::size_t i, std::size_t count) __attribute__((always_inline)) {
        const P e = exp(x.load(from + i, count) - shift);
        out.store(e, to + i, count);
        return e;
      });
}

template <class T>
inline void scale_row(const Matrix<T>& out, T* to, double factor) {
  const PackOf<T> by(factor);
  for_each_part<T>(
      out.n, [&](std::size_t i, std::size_t count) __attribute__((always_inline)) {
        out.store(out.load(to + i, count) * by, to + i, count);
      });
}

/// The limit of softmax if the greatest element is infinite: elements equal to +inf share it
/// equally; if all are -inf, every result is 0.
template <class T>
inline void softmax_at_infinity(const T* x, std::size_t n, T greatest, T* out) {
  double count = 0.0;
  for (std::size_t i = 0; i < n; ++i) count += x[i] == greatest ? 1.0 : 0.0;
  const double share = greatest > T(0) ? 1.0 / count : 0.0;
  for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<T>(x[i] == greatest ? share : 0.0);
}

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
