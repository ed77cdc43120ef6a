#include "autodiff/structural/adjoint.hpp"

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

bool any_untouched(const Array& array) {
  const Array x = contiguous(array);
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

}  // namespace detail
}  // namespace chainrule
