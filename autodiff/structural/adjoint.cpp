#include "autodiff/structural/adjoint.hpp"

#include <algorithm>
#include <utility>

#include "autodiff/core/bits.hpp"
#include "autodiff/core/untouched.hpp"
#include "autodiff/kernels/finite.hpp"
#include "autodiff/kernels/walk.hpp"

namespace chainrule {
namespace {

using detail::AdjointAccess;

/// Whether one of n elements is `untouched`. Compares whole blocks at once.
template <class T>
bool any_untouched(const T* x, std::size_t n) {
  constexpr std::size_t block = 256;
  for (std::size_t begin = 0; begin < n; begin += block) {
    const std::size_t end = n - begin < block ? n : begin + block;
    WordOf<T> found = 0;
    for (std::size_t i = begin; i < end; ++i) found |= static_cast<WordOf<T>>(is_untouched(x[i]));
    if (found != 0) return true;
  }
  return false;
}

bool any_untouched(const Array& x) {
  if (!x.is_contiguous()) return any_untouched(contiguous(x));
  return with_type(x.dtype(), [&](auto zero) {
    return any_untouched(x.data_as<decltype(zero)>(), static_cast<std::size_t>(x.size()));
  });
}

Array without_signed_zeros(Array x) {
  if (!any_untouched(x)) return x;
  if (!x.is_unique() || !x.is_contiguous()) return x + 0.0;
  with_type(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T* const data = x.mutable_data_as<T>();
    for (std::int64_t i = 0; i < x.size(); ++i) data[i] = contribution(data[i]);
  });
  return x;
}

}  // namespace

Adjoint<Array>::Adjoint(Array numbers) : elements_(without_signed_zeros(std::move(numbers))) {}

Adjoint<Array> Adjoint<Array>::nothing(const Array& like) {
  return AdjointAccess::from_elements(Array::filled(like.dtype(), like.shape(), untouched));
}

bool Adjoint<Array>::is_partial() const { return any_untouched(elements_); }

Array Adjoint<Array>::reached() const {
  if (!is_partial()) return {};
  const Array x = contiguous(elements_);
  Array mask = Array::like(x);
  with_type(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* const data = x.data_as<T>();
    T* const out = mask.mutable_data_as<T>();
    for (std::int64_t i = 0; i < x.size(); ++i) out[i] = is_untouched(data[i]) ? T(0) : T(1);
  });
  return mask;
}

namespace {

Adjoint<Array> product(const Array& elements, const ArrayInput& factor, const Array& result) {
  const ArrayInput x[] = {result, factor};
  return AdjointAccess::from_elements(
      pull_back_elements(operation_of<rules::Multiply>(), 0, x, 2, result, elements));
}

}  // namespace

Adjoint<Array> Adjoint<Array>::times(const Array& factor) const {
  check_same_type("adjoint", elements_, factor);
  if (factor.size() == 1 && factor.rank() <= rank()) return product(elements_, factor, elements_);
  const Shape shape = broadcast(Shape(this->shape()), Shape(factor.shape()), "adjoint");
  const Array stretched = broadcast_view(elements_, shape);
  return product(stretched, factor, stretched);
}

Adjoint<Array> Adjoint<Array>::times(double factor) const {
  return product(elements_, factor, elements_);
}

Adjoint<Array> Adjoint<Array>::plus(const Adjoint& other) const {
  return AdjointAccess::from_elements(elements_ + other.elements_);
}

Adjoint<Array> Adjoint<Array>::only_where(const Array& mask) const {
  return AdjointAccess::from_elements(Interpreter<Array>::choose(mask, elements_, untouched));
}

namespace detail {

Array ones_like(const Array& x) {
  return broadcast_view(Array::filled(x.dtype(), {}, 1.0), x.shape());
}

bool is_finite_factor(const Array& x) { return all_finite(x); }

Array mask_of(const Array& numbers) {
  const Mask mask = numbers != 0.0;
  return mask.all() ? Array() : mask.values();
}

namespace {

/// Sets flags[i] to 1 for each row with an element that is reached, else to 0. Returns whether all
/// are 1.
template <class T>
bool flag_rows(const T* row, std::int64_t rows, std::int64_t columns, T* flags) {
  bool all = true;
  for (std::int64_t i = 0; i < rows; ++i, row += columns) {
    const bool found = std::any_of(row, row + columns, [](T x) { return !is_untouched(x); });
    flags[i] = found ? T(1) : T(0);
    all = all && found;
  }
  return all;
}

/// The same for columns, in groups that fit a vector register. Reads several rows before each test
/// whether all columns of a group are found.
template <class T>
bool flag_columns(const T* data, std::int64_t rows, std::int64_t columns, T* flags) {
  constexpr std::int64_t width = 64 / sizeof(T), step = 8;
  const chainrule::WordOf<T> unreached = bits_of(static_cast<T>(untouched));
  bool all = true;
  for (std::int64_t first = 0; first < columns; first += width) {
    const std::int64_t count = std::min(width, columns - first);
    chainrule::WordOf<T> found[width] = {};  // not 0 in columns with an element that is reached
    const auto all_found = [&] { return std::find(found, found + count, 0u) == found + count; };
    const T* row = data + first;
    for (std::int64_t i = 0; i < rows; ++i, row += columns) {
      if (count == width)
        for (std::int64_t j = 0; j < width; ++j) found[j] |= bits_of(row[j]) ^ unreached;
      else
        for (std::int64_t j = 0; j < count; ++j) found[j] |= bits_of(row[j]) ^ unreached;
      if (i % step == step - 1 && all_found()) break;
    }
    for (std::int64_t j = 0; j < count; ++j) flags[first + j] = found[j] != 0 ? T(1) : T(0);
    all = all && all_found();
  }
  return all;
}

/// Whether a mask of rows broadcasts along an axis that it has: then the rows of the result do not
/// simply repeat those of the mask.
bool has_repeated_matrices(const Array& lines, const Array& elements) {
  if (lines.shape(lines.rank() - 1) != 1) return false;  // columns
  const std::size_t missing = elements.rank() - lines.rank();
  for (std::size_t i = 0; i + 1 < lines.rank(); ++i)
    if (lines.shape(i) != elements.shape(missing + i)) return true;
  return false;
}

}  // namespace

std::optional<Array> reached_lines(const Adjoint<Array>& x, bool of_columns, bool as_rows) {
  const Array& elements = x.numbers();
  const std::size_t rank = elements.rank();
  if (!elements.is_contiguous() || rank < 2 || (rank > 2 && (of_columns || !as_rows)))
    return std::nullopt;
  Shape shape(elements.shape());
  if (of_columns) std::swap(shape[rank - 2], shape[rank - 1]);
  shape[rank - 1] = 1;
  if (!as_rows) std::swap(shape[rank - 2], shape[rank - 1]);
  Array mask = Array::filled(elements.dtype(), shape, 0.0);
  const std::int64_t columns = elements.shape(rank - 1);
  const bool all = with_type(elements.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto* const data = elements.data_as<T>();
    T* const flags = mask.mutable_data_as<T>();
    return of_columns ? flag_columns(data, elements.shape(rank - 2), columns, flags)
                      : flag_rows(data, mask.size(), columns, flags);
  });
  return all ? Array() : mask;
}

Adjoint<Array> only_lines(Adjoint<Array> x, const Array& lines) {
  Array& elements = AdjointAccess::elements(x);
  if (!elements.is_unique() || !elements.is_contiguous() || has_repeated_matrices(lines, elements))
    return x.only_where(lines);
  const std::int64_t columns = elements.shape(elements.rank() - 1), count = lines.size();
  if (elements.size() == 0) return x;
  with_type(elements.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T* const data = elements.mutable_data_as<T>();
    const T* const flags = lines.data_as<T>();
    const std::int64_t rows = elements.size() / columns;
    const bool are_rows = lines.shape(lines.rank() - 1) == 1;
    for (std::int64_t line = 0; line < (are_rows ? rows : columns); ++line) {
      if (flags[line % count] != T(0)) continue;
      if (are_rows)
        std::fill_n(data + line * columns, columns, static_cast<T>(untouched));
      else
        for (std::int64_t i = 0; i < rows; ++i)
          data[i * columns + line] = static_cast<T>(untouched);
    }
  });
  return x;
}

}  // namespace detail
}  // namespace chainrule
