// The adjoint of a tensor in a recorded sweep: a tensor, and which of its elements something has
// reached.
#pragma once

#include "autodiff/graph/tensor.hpp"
#include "autodiff/structural/adjoint.hpp"

namespace chainrule {

/// The values are ordinary nodes, in which 0 stands where nothing has reached; what has been
/// reached is a mask beside them. So the derivatives of an adjoint are those of ordinary
/// operations. Default-made it is "no adjoint".
template <>
class Adjoint<Tensor> {
 public:
  Adjoint() = default;
  /// Something has reached every element.
  explicit Adjoint(Tensor values) : values_(std::move(values)) {}
  /// Something has reached the elements where the mask, of the same shape and type, is not 0; there
  /// are zeros elsewhere.
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

  /// The values, 0 where nothing has reached.
  const Tensor& numbers() const { return values_; }
  bool is_partial() const { return !reached_.is_null(); }
  /// 1 where something has reached, else 0; no array if something has reached every element.
  const Array& reached() const { return reached_; }

  Adjoint times(const Tensor& factor) const { return product(values_ * factor); }
  Adjoint times(const Array& factor) const { return product(values_ * factor); }
  Adjoint times(double factor) const;
  Adjoint plus(const Adjoint& other) const;
  /// The same where the mask, which broadcasts, is not 0; nothing elsewhere.
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
  /// A product, of which nothing has reached what nothing had before.
  Adjoint product(const Tensor& values) const;

  Tensor values_;
  Array reached_;
};

}  // namespace chainrule
