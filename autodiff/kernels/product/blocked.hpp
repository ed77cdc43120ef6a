// The matrix product by small tiles of the result that are held in registers, written once for
// every instruction set and for numbers as well as pairs of half numbers. Four ways, by shape and
// layout:
//
//   tiles        rows of b are read as vectors, each times a number of a. The strides of a are of
//   no
//                consequence, so a is never copied.
//   packed tiles the same, where b is not contiguous in a row (as in x * transpose(w)): a panel of
//                its columns at a time is copied, transposed in registers.
//   dots         for few columns of such a b: products along k, as vectors, and their lanes' sums.
//   transposed   for few columns of a contiguous b and an a contiguous in a column (as in
//                transpose(x) * y): tiles of the transposed result.
//
// The choice goes by counts of vector operations; the factors were measured (AVX-512, 2.6 GHz Zen
// 4).
#pragma once

#include "autodiff/kernels/product/vectors.hpp"

namespace chainrule::detail::CHAINRULE_ISA {

// The registers hold rows x vectors sums, one row of b and one number of a.
#if defined(__AVX512F__)
constexpr int most_rows = 8, most_vectors = 3;
#elif defined(__AVX__)
constexpr int most_rows = 4, most_vectors = 3;
#else
constexpr int most_rows = 4, most_vectors = 2;
#endif
/// Rows of b that are multiplied in one go. A panel of so many stays in the second-level cache.
constexpr std::size_t most_depth = 1024;

/// What a product sums: T's elements times each other.
template <class T>
struct Numbers {
  static CHAINRULE_INLINE Vector<T> add_product(Vector<T> sum, Vector<T> x, Vector<T> y) {
    return sum + x * y;
  }
};

constexpr std::size_t ceiling(std::size_t n, std::size_t by) { return (n + by - 1) / by; }
constexpr std::size_t least(std::size_t x, std::size_t y) { return x < y ? x : y; }

/// One tile: `depth` rows of b times as many columns of a, in all its rows.
template <class T>
struct Tile {
  std::size_t depth;
  const T* a;
  std::ptrdiff_t a_row, a_column;
  const T* b;
  std::ptrdiff_t b_row;
  const T* bias;
  bool accumulate;
  T* out;
  std::ptrdiff_t out_row;
  int last;  ///< lanes of the last vector that are columns
};

template <class T, class Arithmetic, int rows, int vectors, bool partial>
void multiply_tile(const Tile<T>& tile) {
  constexpr int width = lanes<T>;
  const int last = tile.last;
  const auto load_at = [&](const T* from, auto j) CHAINRULE_INLINE {
    if constexpr (partial && j == vectors - 1)
      return load_first(from + j * width, last);
    else
      return load<T>(from + j * width);
  };
  Vector<T> sum[rows][vectors];
  unroll<rows>([&](auto i) CHAINRULE_INLINE {
    unroll<vectors>([&](auto j) CHAINRULE_INLINE { sum[i][j] = Vector<T>{}; });
  });
  const T* a = tile.a;
  const T* b = tile.b;
  const std::ptrdiff_t a_row = tile.a_row, a_column = tile.a_column, b_row = tile.b_row;
  for (std::size_t p = tile.depth; p > 0; --p, a += a_column, b += b_row) {
    Vector<T> y[vectors];
    unroll<vectors>([&](auto j) CHAINRULE_INLINE { y[j] = load_at(b, j); });
    unroll<rows>([&](auto i) CHAINRULE_INLINE {
      const Vector<T> x = broadcast(a[i * a_row]);
      unroll<vectors>([&](auto j) CHAINRULE_INLINE {
        sum[i][j] = Arithmetic::add_product(sum[i][j], x, y[j]);
      });
    });
  }
  unroll<rows>([&](auto i) CHAINRULE_INLINE {
    T* out = tile.out + i * tile.out_row;
    unroll<vectors>([&](auto j) CHAINRULE_INLINE {
      Vector<T> x = sum[i][j];
      if (tile.bias != nullptr) x += load_at(tile.bias, j);
      if (tile.accumulate) x += load_at(out, j);
      if constexpr (partial && j == vectors - 1)
        store_first(out + j * width, x, last);
      else
        store(out + j * width, x);
    });
  });
}

/// multiply_tile for every size of tile: [full or partial last vector][vectors - 1][rows - 1].
template <class T, class Arithmetic>
struct Tiles {
  using Function = void (*)(const Tile<T>&);
  Function functions[2][most_vectors][most_rows];

  constexpr Tiles() : functions() {
    unroll<most_vectors>([&](auto j) CHAINRULE_INLINE {
      unroll<most_rows>([&](auto i) CHAINRULE_INLINE {
        functions[0][j][i] = &multiply_tile<T, Arithmetic, i + 1, j + 1, false>;
        functions[1][j][i] = &multiply_tile<T, Arithmetic, i + 1, j + 1, true>;
      });
    });
  }
};

/// to[p * stride + j] = from[p + j * column] for p < k, j < n, and 0 up to the next whole vector.
template <class T>
void pack_columns(const T* from, std::ptrdiff_t column, std::size_t k, std::size_t n, T* to,
                  std::ptrdiff_t stride) {
  constexpr int width = lanes<T>;
  for (std::size_t j = 0; j < n; j += width, from += width * column, to += width) {
    const int columns = static_cast<int>(least(width, n - j));
    T* row = to;
    for (std::size_t p = 0; p < k; p += width) {
      const int rows = static_cast<int>(least(width, k - p));
      Vector<T> x[width];
      if (columns == width && rows == width)
        unroll<width>([&](auto i) CHAINRULE_INLINE { x[i] = load<T>(from + i * column + p); });
      else
        unroll<width>([&](auto i) CHAINRULE_INLINE {
          x[i] = i < columns ? load_first(from + i * column + p, rows) : Vector<T>{};
        });
      transpose<T>(x);
      if (rows == width)
        unroll<width>([&](auto i) CHAINRULE_INLINE { store(row + i * stride, x[i]); });
      else
        unroll<width>([&](auto i) CHAINRULE_INLINE {
          if (i < rows) store(row + i * stride, x[i]);
        });
      row += width * stride;
    }
  }
}

/// The same from elements anywhere: from[p * row + j * column].
template <class T>
void pack_elements(const T* from, std::ptrdiff_t row, std::ptrdiff_t column, std::size_t k,
                   std::size_t n, T* to, std::ptrdiff_t stride) {
  for (std::size_t p = 0; p < k; ++p, from += row, to += stride) {
    for (std::size_t j = 0; j < n; ++j) to[j] = from[static_cast<std::ptrdiff_t>(j) * column];
    for (std::size_t j = n; j < static_cast<std::size_t>(stride); ++j) to[j] = T{};
  }
}

template <class T, class Arithmetic>
void multiply_by_tiles(const Product<T>& product) {
  static constexpr Tiles<T, Arithmetic> tiles;
  constexpr std::size_t width = lanes<T>;
  const std::size_t vectors = ceiling(product.n, width), panels = ceiling(vectors, most_vectors);
  const std::size_t blocks = ceiling(product.m, most_rows);
  const std::size_t rows = product.m / blocks, longer = product.m % blocks;
  const bool packs = product.b_column != 1;
  T* panel = nullptr;
  if (packs)
    panel = static_cast<T*>(
        scratch(Scratch::panel, sizeof(T) * width * most_vectors * least(product.k, most_depth)));
  for (std::size_t p = 0; p < product.k; p += most_depth) {
    Tile<T> tile;
    tile.depth = least(most_depth, product.k - p);
    tile.a_row = product.a_row;
    tile.a_column = product.a_column;
    tile.out_row = product.out_row;
    tile.accumulate = product.accumulate || p > 0;
    const T* a = product.a + static_cast<std::ptrdiff_t>(p) * product.a_column;
    const T* b = product.b + static_cast<std::ptrdiff_t>(p) * product.b_row;
    std::size_t j = 0;
    for (std::size_t g = 0; g < panels; ++g) {
      const std::size_t size = vectors / panels + (g < vectors % panels ? 1 : 0);
      const std::size_t columns = least(size * width, product.n - j);
      tile.last = static_cast<int>(columns - (size - 1) * width);
      tile.b = b + static_cast<std::ptrdiff_t>(j) * product.b_column;
      tile.b_row = product.b_row;
      if (packs) {
        const auto stride = static_cast<std::ptrdiff_t>(size * width);
        if (product.b_row == 1)
          pack_columns(tile.b, product.b_column, tile.depth, columns, panel, stride);
        else
          pack_elements(tile.b, product.b_row, product.b_column, tile.depth, columns, panel,
                        stride);
        tile.b = panel;
        tile.b_row = stride;
      }
      tile.bias = product.bias != nullptr && p == 0 ? product.bias + j : nullptr;
      tile.a = a;
      tile.out = product.out + j;
      const auto* functions = tiles.functions[tile.last < lanes<T> ? 1 : 0][size - 1];
      for (std::size_t i = 0; i < blocks; ++i) {
        const std::size_t height = rows + (i < longer ? 1 : 0);
        functions[height - 1](tile);
        tile.a += static_cast<std::ptrdiff_t>(height) * product.a_row;
        tile.out += static_cast<std::ptrdiff_t>(height) * product.out_row;
      }
      j += columns;
    }
  }
}

/// Dots of some rows of a with `columns` columns of b; as many as a vector has lanes, or fewer.
template <class T>
constexpr int most_dot_columns = lanes<T> < 4 ? lanes<T> : 4;

template <class T, class Arithmetic, int columns>
void multiply_dots(const Product<T>& product, std::size_t first, std::size_t j) {
  constexpr int width = lanes<T>, rows = width / most_dot_columns<T>;
  const T* a[rows];
  const T* b[columns];
  unroll<rows>([&](auto i) CHAINRULE_INLINE {  // rows behind the last are the last again
    a[i] = product.a + static_cast<std::ptrdiff_t>(least(first + i, product.m - 1)) * product.a_row;
  });
  unroll<columns>([&](auto c) CHAINRULE_INLINE {
    b[c] = product.b + static_cast<std::ptrdiff_t>(j + c) * product.b_column;
  });
  Vector<T> sum[width];
  unroll<width>([&](auto i) CHAINRULE_INLINE { sum[i] = Vector<T>{}; });
  const auto step = [&](std::size_t p, const auto& load_here) CHAINRULE_INLINE {
    Vector<T> y[columns];
    unroll<columns>([&](auto c) CHAINRULE_INLINE { y[c] = load_here(b[c] + p); });
    unroll<rows>([&](auto i) CHAINRULE_INLINE {
      const Vector<T> x = load_here(a[i] + p);
      unroll<columns>([&](auto c) CHAINRULE_INLINE {
        constexpr int at = i * most_dot_columns<T> + c;
        sum[at] = Arithmetic::add_product(sum[at], x, y[c]);
      });
    });
  };
  std::size_t p = 0;
  for (; p + width <= product.k; p += width)
    step(p, [](const T* from) CHAINRULE_INLINE { return load<T>(from); });
  if (p < product.k) {
    const int rest = static_cast<int>(product.k - p);
    step(p, [rest](const T* from) CHAINRULE_INLINE { return load_first(from, rest); });
  }
  T total[width];
  store(total, sums<T>(sum));
  for (int i = 0; i < rows && first + i < product.m; ++i) {
    T* out = product.out + static_cast<std::ptrdiff_t>(first + i) * product.out_row + j;
    unroll<columns>([&](auto c) CHAINRULE_INLINE {
      T x = total[i * most_dot_columns<T> + c];
      if (product.bias != nullptr) x += product.bias[j + c];
      if (product.accumulate) x += out[c];
      out[c] = x;
    });
  }
}

template <class T, class Arithmetic>
void multiply_by_dots(const Product<T>& product) {
  constexpr std::size_t most = most_dot_columns<T>, rows = lanes<T> / most;
  const std::size_t groups = ceiling(product.n, most);
  for (std::size_t i = 0; i < product.m; i += rows) {
    std::size_t j = 0;
    for (std::size_t g = 0; g < groups; ++g) {
      const std::size_t columns = product.n / groups + (g < product.n % groups ? 1 : 0);
      unroll<most_dot_columns<T>>([&](auto c) CHAINRULE_INLINE {
        if (columns == c + 1) multiply_dots<T, Arithmetic, c + 1>(product, i, j);
      });
      j += columns;
    }
  }
}

template <class T, class Arithmetic>
void multiply_transposed(const Product<T>& product) {
  const std::size_t m = product.m, n = product.n;
  T* result = static_cast<T*>(scratch(Scratch::result, sizeof(T) * m * n));
  multiply_by_tiles<T, Arithmetic>({n, m, product.k, product.b, product.b_column, product.b_row,
                                    product.a, product.a_column, product.a_row, nullptr, false,
                                    result, static_cast<std::ptrdiff_t>(m)});
  for (std::size_t i = 0; i < m; ++i) {
    T* out = product.out + static_cast<std::ptrdiff_t>(i) * product.out_row;
    for (std::size_t j = 0; j < n; ++j) {
      T x = result[j * m + i];
      if (product.bias != nullptr) x += product.bias[j];
      if (product.accumulate) x += out[j];
      out[j] = x;
    }
  }
}

template <class T, class Arithmetic>
void multiply(const Product<T>& product) {
  constexpr std::size_t width = lanes<T>;
  const std::size_t m = product.m, n = product.n, k = product.k;
  const std::size_t vectors = m * ceiling(n, width);  // operations for each row of b
  if (product.b_column == 1 && product.a_row == 1 && n < width && k >= 4 &&
      2 * n * ceiling(m, width) <= m)
    return multiply_transposed<T, Arithmetic>(product);
  if (product.b_column != 1 && product.b_row == 1 && product.a_column == 1 &&
      m * n * (ceiling(k, width) + 3) < vectors * k + n * k / 3)
    return multiply_by_dots<T, Arithmetic>(product);
  multiply_by_tiles<T, Arithmetic>(product);
}

}  // namespace chainrule::detail::CHAINRULE_ISA
