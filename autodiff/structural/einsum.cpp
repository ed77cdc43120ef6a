#include "autodiff/structural/einsum.hpp"

#include <algorithm>
#include <optional>

#include "autodiff/kernels/elements.hpp"
#include "autodiff/kernels/walk.hpp"
#include "autodiff/rules/arithmetic.hpp"
#include "autodiff/structural/arrangement.hpp"
#include "autodiff/structural/batched_product.hpp"

namespace chainrule {
using namespace detail;

namespace {

using detail::contains;

/// The stride of an index in an array whose axes have these letters: the sum of the strides of its
/// axes, 0 if it has none.
std::int64_t stride_of(char letter, const IndexLetters& letters,
                       std::span<const std::int64_t> strides) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < letters.size(); ++i)
    if (letters[i] == letter) sum += strides[i];
  return sum;
}

/// An operand with the letters of its axes.
struct Indexed {
  const Array* array;
  IndexLetters letters;

  std::int64_t size(char letter) const { return array->shape(letters.find(letter)); }
  std::int64_t stride(char letter) const { return stride_of(letter, letters, array->strides()); }
  Extents strides(const IndexLetters& order) const {
    Extents strides = Extents::filled(order.size(), 0);
    for (std::size_t i = 0; i < order.size(); ++i) strides[i] = stride(order[i]);
    return strides;
  }
  /// A view with the axes in this order: missing axes are broadcast, and repeated ones take the
  /// diagonal.
  Array view(const IndexLetters& order, const Shape& shape) const {
    return array->view(shape, strides(order), 0);
  }
};

/// The stride of several indices merged into one, the last of them running fastest; none if the
/// elements are not evenly spaced.
std::optional<std::int64_t> merged_stride(const Indexed& x, const IndexLetters& indices) {
  std::optional<std::int64_t> step;  // of the innermost index
  std::int64_t expected = 0;
  for (std::size_t i = indices.size(); i-- > 0;) {
    const std::int64_t size = x.size(indices[i]), stride = x.stride(indices[i]);
    if (size == 1) continue;
    if (step && stride != expected) return std::nullopt;
    if (!step) step = stride;
    expected = stride * size;
  }
  return step.value_or(0);
}

std::int64_t merged_size(const Indexed& x, const IndexLetters& indices) {
  std::int64_t size = 1;
  for (const char c : indices) size *= x.size(c);
  return size;
}

/// An operand of a contraction as a matrix whose rows and columns each merge several indices.
struct IndexedMatrix {
  Array copy;  // owns the elements of `matrix` if the operand had to be copied
  BatchedMatrix matrix;
};

IndexedMatrix as_matrix(const Indexed& x, const IndexLetters& batch, const IndexLetters& rows,
                        const IndexLetters& columns) {
  const auto row_stride = merged_stride(x, rows), column_stride = merged_stride(x, columns);
  if (row_stride && column_stride)
    return {{}, {{x.array->data(), *row_stride, *column_stride}, x.strides(batch)}};
  const IndexLetters order = batch + rows + columns;
  Shape shape;
  for (const char c : order) shape.push_back(x.size(c));
  const Array copy = contiguous(x.view(order, shape));
  const Indexed copied{&copy, order};
  const std::int64_t column_count = merged_size(x, columns);
  return {copy, {{copy.data(), std::max<std::int64_t>(column_count, 1), 1}, copied.strides(batch)}};
}

/// The sizes of the indices of the result.
Shape result_shape(const IndexLetters& result, const Indexed& x, const Indexed& y) {
  Shape shape;
  for (const char c : result) shape.push_back(contains(x.letters, c) ? x.size(c) : y.size(c));
  element_count(shape, "einsum");
  return shape;
}

}  // namespace

bool detail::contains(const IndexLetters& letters, char c) {
  return letters.find(c) != std::string::npos;
}

IndexLetters detail::union_of(const IndexLetters& x, const IndexLetters& y) {
  IndexLetters letters = x;
  for (const char c : y)
    if (!contains(letters, c)) letters += c;
  return letters;
}

bool detail::has_sums(const IndexLetters& x, const IndexLetters& result) {
  return std::any_of(x.begin(), x.end(), [&](char c) { return !contains(result, c); });
}

Array rules::CollectIndices::value(const Parameters& p, const Array& x) {
  const Indexed operand{&x, p.from};
  IndexLetters order;  // the summed indices first, then the kept ones
  for (const char c : p.from)
    if (!contains(p.kept, c) && !contains(order, c)) order += c;
  const bool has_sums = !order.empty();
  order += p.kept;
  Shape shape, kept;
  for (const char c : order) shape.push_back(operand.size(c));
  for (const char c : p.kept) kept.push_back(operand.size(c));
  if (x.size() == 0) return Array::filled(x.dtype(), kept, p.fill);
  const Array view = operand.view(order, shape);
  return has_sums ? sum_to(view, kept) : view;
}

Array rules::SpreadIndices::value(const Parameters& p, const Array& x) {
  const Indexed operand{&x, p.from};
  IndexLetters unique;
  Shape sizes;
  for (std::size_t i = 0; i < p.onto.size(); ++i) {
    if (contains(unique, p.onto[i])) continue;
    unique += p.onto[i];
    sizes.push_back(p.shape[i]);
  }
  if (unique == p.onto) return operand.view(p.onto, p.shape);
  Array result = Array::filled(x.dtype(), p.shape, p.fill);
  Extents diagonal;
  for (const char c : unique) diagonal.push_back(stride_of(c, p.onto, result.strides()));
  const Walk<2> walk(sizes, {diagonal, operand.strides(unique)});
  with_type(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T* const out = result.mutable_data_as<T>();
    const T* const in = x.data_as<T>();
    walk.for_each_row([&](const auto& offsets) {
      for (std::int64_t i = 0; i < static_cast<std::int64_t>(walk.row()); ++i)
        out[offsets[0] + i * walk.stride(0)] = in[offsets[1] + i * walk.stride(1)];
    });
  });
  return result;
}

Array rules::Contract::value(const Parameters& p, const Array& x, const Array& y) {
  check_same_type("einsum", x, y);
  // Rows are the indices of x only, columns those of y only. The fastest index of the result should
  // be a column.
  for (std::size_t i = p.result.size(); i-- > 0;) {
    const bool in_x = contains(p.x, p.result[i]), in_y = contains(p.y, p.result[i]);
    if (in_x && in_y) continue;
    if (in_x) return value({p.y, p.x, p.result, p.precision}, y, x);
    break;
  }

  const Indexed a{&x, p.x}, b{&y, p.y};
  IndexLetters batch, rows, columns, summed;
  for (const char c : p.x) (!contains(p.result, c) ? summed : contains(p.y, c) ? batch : rows) += c;
  for (const char c : p.y)
    if (!contains(p.x, c)) columns += c;
  const Shape shape = result_shape(p.result, a, b);
  if (summed.empty()) return a.view(p.result, shape) * b.view(p.result, shape);

  const IndexLetters order = batch + rows + columns;
  Array result = Array::uninitialised(x.dtype(), result_shape(order, a, b));
  Shape batch_shape;
  for (const char c : batch) batch_shape.push_back(a.size(c));
  const IndexedMatrix left = as_matrix(a, batch, rows, summed);
  const IndexedMatrix right = as_matrix(b, batch, summed, columns);
  const ProductSizes sizes{static_cast<std::size_t>(merged_size(a, rows)),
                           static_cast<std::size_t>(merged_size(b, columns)),
                           static_cast<std::size_t>(merged_size(a, summed))};
  batched_product(x.dtype(), p.precision, sizes, batch_shape, left.matrix, right.matrix,
                  result.mutable_data());
  return order == p.result ? result : Indexed{&result, order}.view(p.result, shape);
}

}  // namespace chainrule
