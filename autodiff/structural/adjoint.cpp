#include "autodiff/structural/adjoint.hpp"

#include <utility>

#include "autodiff/core/untouched.hpp"
#include "autodiff/kernels/element_tests.hpp"
#include "autodiff/kernels/walk.hpp"
#include "autodiff/rules/piecewise.hpp"

namespace chainrule {
using namespace detail;

void detail::remove_signed_zeros(Array& x) {
  if (any_untouched(x)) x = x + 0.0;
}

void Adjoint<Array>::mark() const {
  remove_signed_zeros(elements_);
  if (!lines_.factor.is_null()) {
    if (!elements_.is_unique()) elements_ = elements_ + 0.0;  // a copy
    mark_unreached_lines(lines_, elements_);
  }
  lines_ = {};
  marks_ = Marks::not_counted;
}

bool Adjoint<Array>::is_partial() const {
  const Array& elements = marked();
  if (marks_ == Marks::not_counted) marks_ = any_untouched(elements) ? Marks::some : Marks::none;
  return marks_ == Marks::some;
}

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
  const Array& elements = marked();
  if (factor.size() == 1 && factor.rank() <= rank()) return product(elements, factor, elements);
  const Shape shape = broadcast(Shape(this->shape()), Shape(factor.shape()), "adjoint");
  const Array stretched = broadcast_view(elements, shape);
  return product(stretched, factor, stretched);
}

Adjoint<Array> Adjoint<Array>::times(double factor) const {
  return product(marked(), factor, elements_);
}

Adjoint<Array> Adjoint<Array>::plus(const Adjoint& other) const {
  return AdjointAccess::from_elements(marked() + other.marked());
}

Adjoint<Array> Adjoint<Array>::only_where(const Array& mask) const {
  return AdjointAccess::from_elements(Interpreter<Array>::choose(mask, marked(), untouched));
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
