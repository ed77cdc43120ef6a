#include "autodiff/kernels/product/copies.hpp"

#include <cstdint>
#include <cstring>

namespace chainrule::detail {
namespace {

std::ptrdiff_t signed_size(std::size_t n) { return static_cast<std::ptrdiff_t>(n); }

/// Copies a matrix through `map`, in the order of its lines. Returns the copy and sets the strides.
template <class T, class Map>
const auto* copied(const T* from, std::size_t rows, std::size_t columns, std::ptrdiff_t& row_stride,
                   std::ptrdiff_t& column_stride, Scratch purpose, const Map& map) {
  using Result = decltype(map(*from));
  auto* const to = static_cast<Result*>(scratch(purpose, sizeof(Result) * rows * columns));
  const bool by_columns = row_stride == 1 && column_stride != 1;
  const std::size_t lines = by_columns ? columns : rows, length = by_columns ? rows : columns;
  const std::ptrdiff_t across = by_columns ? column_stride : row_stride;
  const std::ptrdiff_t along = by_columns ? row_stride : column_stride;
  for (std::size_t i = 0; i < lines; ++i) {
    const T* line = from + signed_size(i) * across;
    if (along == 1)  // a separate branch, so that it is vectorised
      for (std::size_t j = 0; j < length; ++j) to[i * length + j] = map(line[j]);
    else
      for (std::size_t j = 0; j < length; ++j)
        to[i * length + j] = map(line[signed_size(j) * along]);
  }
  row_stride = by_columns ? 1 : signed_size(columns);
  column_stride = by_columns ? signed_size(rows) : 1;
  return to;
}

template <class T>
Product<T> copied_if_needed(Product<T> product) {
  const auto same = [](T x) { return x; };
  const Lines a = lines_of(product.m, product.k, product.a_row, product.a_column);
  if (!a.are_rows && !a.are_columns)
    product.a = copied(product.a, product.m, product.k, product.a_row, product.a_column,
                       Scratch::left, same);
  const Lines b = lines_of(product.k, product.n, product.b_row, product.b_column);
  if (!b.are_rows && !b.are_columns)
    product.b = copied(product.b, product.k, product.n, product.b_row, product.b_column,
                       Scratch::right, same);
  return product;
}

/// The upper half of the bits, after adding the amount that turns truncation into rounding to
/// nearest even. That could turn a NaN into an infinity, so a NaN is only truncated and made quiet.
std::uint32_t rounded_bits(float x) noexcept {
  std::uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  const std::uint32_t nearest = bits + 0x7fffU + ((bits >> 16) & 1U);
  return (x == x ? nearest : bits | 0x400000U) & 0xffff0000U;
}
float rounded(float x) noexcept {
  const std::uint32_t bits = rounded_bits(x);
  std::memcpy(&x, &bits, sizeof bits);
  return x;
}

template <class T>
void start(const Product<T>& product) {
  for (std::size_t i = 0; i < product.m; ++i) {
    T* out = product.out + signed_size(i) * product.out_row;
    for (std::size_t j = 0; j < product.n; ++j) {
      const T before = product.accumulate ? out[j] : T{};
      out[j] = product.bias != nullptr ? before + product.bias[j] : before;
    }
  }
}

}  // namespace

Lines lines_of(std::size_t rows, std::size_t columns, std::ptrdiff_t row_stride,
               std::ptrdiff_t column_stride) noexcept {
  const auto height = signed_size(rows), width = signed_size(columns);
  const auto fit = [](std::ptrdiff_t count, std::ptrdiff_t across, std::ptrdiff_t length,
                      std::ptrdiff_t along) {
    return (length == 1 || along == 1) && (count == 1 || across >= length);
  };
  if (fit(height, row_stride, width, column_stride))
    return {true, false, rows == 1 ? width : row_stride};
  if (fit(width, column_stride, height, row_stride))
    return {false, true, columns == 1 ? height : column_stride};
  return {};
}

Product<float> with_lines(const Product<float>& product) { return copied_if_needed(product); }
Product<double> with_lines(const Product<double>& product) { return copied_if_needed(product); }

Product<float> rounded_to_bfloat16(const Product<float>& product) {
  Product<float> result = product;
  result.a = copied(product.a, product.m, product.k, result.a_row, result.a_column, Scratch::left,
                    [](float x) { return rounded(x); });
  result.b = copied(product.b, product.k, product.n, result.b_row, result.b_column, Scratch::right,
                    [](float x) { return rounded(x); });
  return result;
}

const std::uint16_t* bfloat16_copy(const float* from, std::size_t rows, std::size_t columns,
                                   std::ptrdiff_t row_stride, std::ptrdiff_t column_stride,
                                   Scratch purpose) {
  return copied(from, rows, columns, row_stride, column_stride, purpose,
                [](float x) { return static_cast<std::uint16_t>(rounded_bits(x) >> 16); });
}

void start_sums(const Product<float>& product) noexcept { start(product); }
void start_sums(const Product<double>& product) noexcept { start(product); }

}  // namespace chainrule::detail
