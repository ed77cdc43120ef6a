#include "autodiff/structural/reached_lines.hpp"

#include <algorithm>

#include "autodiff/core/bits.hpp"
#include "autodiff/core/untouched.hpp"

namespace chainrule::detail {
namespace {

/// Calls f(i) for each row without an element that is reached.
template <class T>
void for_each_untouched_row(const T* row, std::int64_t rows, std::int64_t columns, const auto& f) {
  for (std::int64_t i = 0; i < rows; ++i, row += columns)
    if (std::all_of(row, row + columns, [](T x) { return is_untouched(x); })) f(i);
}

/// The same for columns, in groups that fit a vector register. Reads several rows before each test
/// whether all columns of a group have an element that is reached.
template <class T>
void for_each_untouched_column(const T* data, std::int64_t rows, std::int64_t columns,
                               const auto& f) {
  using Word = WordOf<T>;
  constexpr std::int64_t width = 64 / sizeof(T), step = 8;
  const Word unreached = bits_of(static_cast<T>(untouched));
  for (std::int64_t first = 0; first < columns; first += width) {
    const std::int64_t count = std::min(width, columns - first);
    Word found[width] = {};  // not 0 in columns with an element that is reached
    const auto all_found = [&] {
      return std::find(found, found + count, Word{0}) == found + count;
    };
    const T* row = data + first;
    for (std::int64_t i = 0; i < rows; ++i, row += columns) {
      if (count == width)
        for (std::int64_t j = 0; j < width; ++j) found[j] |= bits_of(row[j]) ^ unreached;
      else
        for (std::int64_t j = 0; j < count; ++j) found[j] |= bits_of(row[j]) ^ unreached;
      if (i % step == step - 1 && all_found()) break;
    }
    for (std::int64_t j = 0; j < count; ++j)
      if (found[j] == 0) f(first + j);
  }
}

}  // namespace

std::optional<ReachedLines> reached_lines(const Array& adjoint, LineMapping mapping,
                                          std::size_t rank_of_other) {
  if (!adjoint.is_contiguous() || adjoint.rank() < 2 || rank_of_other != 2) return std::nullopt;
  if (adjoint.rank() > 2 && mapping != LineMapping::rows_to_rows) return std::nullopt;
  return ReachedLines{adjoint, mapping};
}

void mark_unreached_lines(const ReachedLines& lines, Array& product) {
  const Array& factor = lines.factor;
  if (product.size() == 0) return;
  const bool of_columns = lines.mapping == LineMapping::columns_to_rows ||
                          lines.mapping == LineMapping::columns_to_columns;
  const bool are_rows =
      lines.mapping == LineMapping::rows_to_rows || lines.mapping == LineMapping::columns_to_rows;
  const std::int64_t columns = product.shape(product.rank() - 1);
  with_type(factor.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T* const data = product.mutable_data_as<T>();
    if (factor.size() == 0) {  // no line of the factor has an element
      std::fill_n(data, product.size(), static_cast<T>(untouched));
      return;
    }
    const auto mark = [&](std::int64_t line) {
      if (are_rows)
        std::fill_n(data + line * columns, columns, static_cast<T>(untouched));
      else
        for (std::int64_t i = line; i < product.size(); i += columns)
          data[i] = static_cast<T>(untouched);
    };
    const std::int64_t factor_columns = factor.shape(factor.rank() - 1);
    const auto for_each = of_columns ? for_each_untouched_column<T, decltype(mark)>
                                     : for_each_untouched_row<T, decltype(mark)>;
    for_each(factor.data_as<T>(), factor.size() / factor_columns, factor_columns, mark);
  });
}

}  // namespace chainrule::detail
