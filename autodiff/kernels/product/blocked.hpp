// The matrix product by small tiles of the result that are held in registers. The code is written
// once for all instruction sets, and for numbers as well as for pairs of bfloat16 numbers. There
// are four methods, chosen by shape and layout:
//
//   tiles        reads rows of b as vectors and multiplies each by an element of a. The strides of
//                a do not matter, so a is not copied.
//   packed tiles the same, if the rows of b are not contiguous (as in x * transpose(w)): copies one
//                panel of its columns at a time, transposed in registers.
//   dots         for few columns of such a b: multiplies vectors along k, and sums their lanes.
//   transposed   for few columns of a contiguous b and an a with contiguous columns (as in
//                transpose(x) * y): computes tiles of the transposed result.
//
// The choice compares estimated counts of vector operations, weighted by measured factors (AVX-512,
// 2.6 GHz Zen 4).
#pragma once

#include "autodiff/kernels/product/vectors.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET::product {

using detail::Product;
using detail::Scratch;

// The registers hold rows x vectors sums, one row of b and one element of a.
#if defined(__AVX512F__)
constexpr int max_rows = 8, max_vectors = 3;
#elif defined(__AVX__)
constexpr int max_rows = 4, max_vectors = 3;
#else
constexpr int max_rows = 4, max_vectors = 2;
#endif
/// The number of rows of b that are processed at a time. A panel with this many rows stays in the
/// second-level cache.
constexpr std::size_t max_depth = 1024;

/// The terms of the sums: products of two elements of type T.
template <class T>
struct Numbers {
  static CHAINRULE_INLINE Vector<T> add_product(Vector<T> sum, Vector<T> x, Vector<T> y) {
    return sum + x * y;
  }
};

constexpr std::size_t ceiling(std::size_t n, std::size_t by) { return (n + by - 1) / by; }
constexpr std::size_t minimum(std::size_t x, std::size_t y) { return x < y ? x : y; }

/// One tile: multiplies `depth` rows of b by as many columns of a, for all rows of the tile.
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
  int last;  ///< number of lanes of the last vector that hold columns
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

/// multiply_tile for every tile size: [full or partial last vector][vectors - 1][rows - 1].
template <class T, class Arithmetic>
struct Tiles {
  using Function = void (*)(const Tile<T>&);
  Function functions[2][max_vectors][max_rows];

  constexpr Tiles() : functions() {
    unroll<max_vectors>([&](auto j) CHAINRULE_INLINE {
      unroll<max_rows>([&](auto i) CHAINRULE_INLINE {
        functions[0][j][i] = &multiply_tile<T, Arithmetic, i + 1, j + 1, false>;
        functions[1][j][i] = &multiply_tile<T, Arithmetic, i + 1, j + 1, true>;
      });
    });
  }
};

/// pack for lines that are contiguous along p: transposes square blocks.
template <class T>
void pack_columns(const T* from, std::ptrdiff_t column, std::size_t k, std::size_t n, T* to,
                  std::ptrdiff_t stride) {
  constexpr int width = lanes<T>;
  for (std::size_t j = 0; j < n; j += width, from += width * column, to += width) {
    const int columns = static_cast<int>(minimum(width, n - j));
    const int lanes_used = static_cast<int>(minimum(width, static_cast<std::size_t>(stride) - j));
    T* row = to;
    for (std::size_t p = 0; p < k; p += width, row += width * stride) {
      const int rows = static_cast<int>(minimum(width, k - p));
      Vector<T> x[width];
      if (columns == width && rows == width)
        unroll<width>([&](auto i) CHAINRULE_INLINE { x[i] = load<T>(from + i * column + p); });
      else
        unroll<width>([&](auto i) CHAINRULE_INLINE {
          x[i] = i < columns ? load_first(from + i * column + p, rows) : Vector<T>{};
        });
      transpose<T>(x);
      if (rows == width && lanes_used == width)
        unroll<width>([&](auto i) CHAINRULE_INLINE { store(row + i * stride, x[i]); });
      else
        unroll<width>([&](auto i) CHAINRULE_INLINE {
          if (i < rows) store_first(row + i * stride, x[i], lanes_used);
        });
    }
  }
}

/// pack for lines that are contiguous along j.
template <class T>
void pack_rows(const T* from, std::ptrdiff_t row, std::size_t k, std::size_t n, T* to,
               std::ptrdiff_t stride) {
  for (std::size_t p = 0; p < k; ++p, from += row, to += stride) {
    std::size_t j = 0;
    for (; j + lanes<T> <= n; j += lanes<T>) store(to + j, load<T>(from + j));
    if (j < n) {
      const auto lanes_used = minimum(lanes<T>, static_cast<std::size_t>(stride) - j);
      store_first(to + j, load_first(from + j, static_cast<int>(n - j)),
                  static_cast<int>(lanes_used));
    }
  }
}

/// to[p * stride + j] = from[p * row + j * column] for p < k and j < n, and 0 for the remaining j <
/// stride; the difference stride - n is less than a vector.
template <class T>
void pack(const T* from, std::ptrdiff_t row, std::ptrdiff_t column, std::size_t k, std::size_t n,
          T* to, std::ptrdiff_t stride) {
  if (column == 1) return pack_rows(from, row, k, n, to, stride);
  if (row == 1) return pack_columns(from, column, k, n, to, stride);
  for (std::size_t p = 0; p < k; ++p, from += row, to += stride) {
    for (std::size_t j = 0; j < n; ++j) to[j] = from[static_cast<std::ptrdiff_t>(j) * column];
    for (std::size_t j = n; j < static_cast<std::size_t>(stride); ++j) to[j] = T{};
  }
}

/// Whether copying a factor is faster than reading it in place. If lines are as far apart as memory
/// pages, each costs an address translation. If they are a simple fraction of a page apart, they
/// compete for the same cache sets. `uses` is how often each element is multiplied; the limits are
/// measured.
template <class T>
bool is_spread(std::ptrdiff_t stride, std::size_t uses) {
  constexpr std::ptrdiff_t page = 4096 / sizeof(T);
  const std::ptrdiff_t distance = stride < 0 ? -stride : stride;
  const std::ptrdiff_t limit = uses >= 512 ? page / 8 : uses >= 256 ? page / 2 : page;
  return uses >= 64 && distance >= limit;
}

template <class T, class Arithmetic>
class ByTiles {
 public:
  explicit ByTiles(const Product<T>& product)
      : product_(product),
        vectors_(ceiling(product.n, lanes<T>)),
        panels_(ceiling(vectors_, max_vectors)),
        packs_a_(is_spread<T>(product.a_row == 1 ? product.a_column : product.a_row, product.n)),
        packs_b_(product.b_column != 1 || is_spread<T>(product.b_row, product.m)) {}

  void multiply() {
    const std::size_t depth = minimum(product_.k, max_depth);
    // A quarter to half a megabyte: the panel of b stays in the second-level cache, together with
    // the data that streams through it from a.
    if (packs_b_) panel_ = scratch_for(Scratch::panel, depth * max_vectors * lanes<T>);
    const std::size_t height = packs_a_ ? minimum(product_.m, max_height) : product_.m;
    if (packs_a_) block_ = scratch_for(Scratch::block, depth * height);
    for (std::size_t p = 0; p < product_.k; p += max_depth)
      for (std::size_t i = 0; i < product_.m; i += height)
        multiply_block(p, minimum(max_depth, product_.k - p), i, minimum(height, product_.m - i));
  }

 private:
  static constexpr Tiles<T, Arithmetic> tiles{};
  static constexpr std::size_t max_height = 512;

  static T* scratch_for(Scratch purpose, std::size_t count) {
    return static_cast<T*>(detail::scratch(purpose, count * sizeof(T)));
  }

  /// Computes rows i to i + height of the result, summed over p to p + depth.
  void multiply_block(std::size_t p, std::size_t depth, std::size_t i, std::size_t height) {
    const std::size_t blocks = ceiling(height, max_rows);
    const std::size_t rows = height / blocks, longer = height % blocks;
    const T* a = product_.a + signed_(i) * product_.a_row + signed_(p) * product_.a_column;
    if (packs_a_) pack_a(a, depth, height, blocks);
    Tile<T> tile;
    tile.depth = depth;
    tile.a_row = product_.a_row;
    tile.a_column = product_.a_column;
    tile.out_row = product_.out_row;
    tile.accumulate = product_.accumulate || p > 0;
    std::size_t j = 0;
    for (std::size_t g = 0; g < panels_; ++g) {
      const std::size_t size = vectors_ / panels_ + (g < vectors_ % panels_ ? 1 : 0);
      const std::size_t columns = minimum(size * lanes<T>, product_.n - j);
      tile.last = static_cast<int>(columns - (size - 1) * lanes<T>);
      tile.b = product_.b + signed_(p) * product_.b_row + signed_(j) * product_.b_column;
      tile.b_row = product_.b_row;
      if (packs_b_) pack_b(tile, columns, signed_(size * lanes<T>));
      tile.bias = product_.bias != nullptr && p == 0 ? product_.bias + j : nullptr;
      tile.a = packs_a_ ? block_ : a;
      tile.out = product_.out + signed_(i) * product_.out_row + j;
      const auto* functions = tiles.functions[tile.last < lanes<T> ? 1 : 0][size - 1];
      for (std::size_t r = 0; r < blocks; ++r) {
        const std::size_t count = rows + (r < longer ? 1 : 0);
        if (packs_a_) {
          tile.a_row = 1;
          tile.a_column = signed_(count);
        }
        functions[count - 1](tile);
        tile.a += packs_a_ ? signed_(count * depth) : signed_(count) * product_.a_row;
        tile.out += signed_(count) * product_.out_row;
      }
      j += columns;
    }
  }

  /// Copies the rows of one tile after the other, each tile with contiguous columns.
  void pack_a(const T* a, std::size_t depth, std::size_t height, std::size_t blocks) {
    T* to = block_;
    for (std::size_t r = 0; r < blocks; ++r) {
      const std::size_t count = height / blocks + (r < height % blocks ? 1 : 0);
      pack(a, product_.a_column, product_.a_row, depth, count, to, signed_(count));
      to += count * depth;
      a += signed_(count) * product_.a_row;
    }
  }

  void pack_b(Tile<T>& tile, std::size_t columns, std::ptrdiff_t stride) {
    pack(tile.b, product_.b_row, product_.b_column, tile.depth, columns, panel_, stride);
    tile.b = panel_;
    tile.b_row = stride;
  }

  static std::ptrdiff_t signed_(std::size_t n) { return static_cast<std::ptrdiff_t>(n); }

  const Product<T>& product_;
  std::size_t vectors_, panels_;
  bool packs_a_, packs_b_;
  T* panel_ = nullptr;
  T* block_ = nullptr;
};

/// Dot products of some rows of a with `columns` columns of b: as many as a vector has lanes, or
/// fewer.
template <class T>
constexpr int max_dot_columns = lanes<T> < 4 ? lanes<T> : 4;

template <class T, class Arithmetic, int rows, int columns>
void multiply_dots(const Product<T>& product, std::size_t first, std::size_t j) {
  constexpr int width = lanes<T>;
  const T* a[rows];
  const T* b[columns];
  unroll<rows>([&](auto i) CHAINRULE_INLINE {
    a[i] = product.a + static_cast<std::ptrdiff_t>(first + i) * product.a_row;
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
        constexpr int at = i * max_dot_columns<T> + c;
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
  // All sums are in one vector, of which each row of the tile is a part.
  constexpr int part = max_dot_columns<T>;
  alignas(vector_bytes) T total[width];
  store(total, sums<T>(sum));
  Part<T, part> bias{};
  if (product.bias != nullptr) bias = load_part<T, part, columns>(product.bias + j);
  unroll<rows>([&](auto i) CHAINRULE_INLINE {
    T* out = product.out + static_cast<std::ptrdiff_t>(first + i) * product.out_row + j;
    Part<T, part> x = load_part<T, part, part>(total + i * part) + bias;
    if (product.accumulate) x += load_part<T, part, columns>(out);
    store_part<T, part, columns>(out, x);
  });
}

template <class T, class Arithmetic>
void multiply_by_dots(const Product<T>& product) {
  constexpr std::size_t part = max_dot_columns<T>;
  constexpr int rows = lanes<T> / static_cast<int>(part);
  const std::size_t groups = ceiling(product.n, part);
  for (std::size_t i = 0; i < product.m;) {
    const bool whole = i + rows <= product.m;
    std::size_t j = 0;
    for (std::size_t g = 0; g < groups; ++g) {
      const std::size_t columns = product.n / groups + (g < product.n % groups ? 1 : 0);
      unroll<max_dot_columns<T>>([&](auto c) CHAINRULE_INLINE {
        if (columns != c + 1) return;
        if (whole)
          multiply_dots<T, Arithmetic, rows, c + 1>(product, i, j);
        else
          multiply_dots<T, Arithmetic, 1, c + 1>(product, i, j);
      });
      j += columns;
    }
    i += whole ? rows : 1;
  }
}

template <class T, class Arithmetic>
void multiply_transposed(const Product<T>& product) {
  const std::size_t m = product.m, n = product.n;
  T* result = static_cast<T*>(detail::scratch(Scratch::result, sizeof(T) * m * n));
  const Product<T> transposed = {n,
                                 m,
                                 product.k,
                                 product.b,
                                 product.b_column,
                                 product.b_row,
                                 product.a,
                                 product.a_column,
                                 product.a_row,
                                 nullptr,
                                 false,
                                 result,
                                 static_cast<std::ptrdiff_t>(m)};
  ByTiles<T, Arithmetic>(transposed).multiply();
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
  if ((product.b_column != 1 || n == 1) && product.b_row == 1 && product.a_column == 1 &&
      m * n * (ceiling(k, width) + 3) < vectors * k + n * k / 3)
    return multiply_by_dots<T, Arithmetic>(product);
  ByTiles<T, Arithmetic>(product).multiply();
}

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET::product
