// The adjoint of a tensor in a recorded sweep: a tensor, and a mask of the elements that are
// reached.
#pragma once

#include "autodiff/graph/tensor.hpp"
#include "autodiff/rules/arithmetic.hpp"
#include "autodiff/structural/adjoint.hpp"

namespace chainrule {

/// The values are ordinary nodes, with 0 in elements that are not reached; a separate mask holds
/// which elements are. So derivatives of an adjoint follow from ordinary operations. A
/// default-constructed adjoint is null.
template <>
class Adjoint<Tensor> {
 public:
  Adjoint() = default;
  /// An adjoint in which every element is reached.
  explicit Adjoint(Tensor values) : values_(std::move(values)) {}
  /// An adjoint whose elements are reached where the mask, of the same shape and type, is not 0.
  /// The values must be 0 elsewhere.
  Adjoint(Tensor values, const Array& reached)
      : values_(std::move(values)), reached_(detail::mask_of(reached)) {}

  bool is_null() const { return values_.value().is_null(); }
  std::size_t rank() const { return values_.rank(); }
  std::int64_t size() const { return values_.size(); }
  Shape shape() const { return values_.shape(); }
  std::int64_t shape(std::int64_t axis) const { return values_.shape(axis); }
  bool has_shape(std::span<const std::int64_t> other) const {
    return values_.value().has_shape(other);
  }
  DType dtype() const { return values_.dtype(); }

  /// The values; 0 in elements that are not reached.
  const Tensor& numbers() const { return values_; }
  bool is_partial() const { return !reached_.is_null(); }
  /// 1 in elements that are reached, else 0; a null array if all elements are reached.
  const Array& reached() const { return reached_; }

  Adjoint times(const Tensor& factor) const { return product(values_ * factor); }
  Adjoint times(const Array& factor) const { return product(values_ * factor); }
  Adjoint times(double factor) const;
  Adjoint plus(const Adjoint& other) const;
  /// The same adjoint where the mask, which broadcasts, is not 0; elsewhere not reached.
  Adjoint only_where(const Array& mask) const;
  template <class Rule>
  Adjoint rearranged(const typename Rule::Parameters& p) const {
    const auto filled = detail::filled_with(p, 0.0);
    Tensor values = apply<Rule>(filled, values_);
    if (!detail::Filling<typename Rule::Parameters> && !is_partial())
      return Adjoint(std::move(values));
    const Array mask = is_partial() ? reached_ : detail::ones_like(values_.value());
    return Adjoint(std::move(values), Rule::value(filled, mask));
  }

 private:
  /// A product with these values: elements that were not reached stay so.
  Adjoint product(const Tensor& values) const;

  Tensor values_;
  Array reached_;
};

}  // namespace chainrule
