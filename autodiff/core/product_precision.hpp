// The precision of the matrix products that are being recorded.
#pragma once

#include <utility>

#include "autodiff/core/precision.hpp"

namespace chainrule {

namespace detail {
inline constinit thread_local Precision current_product_precision = Precision::full;
}  // namespace detail

/// The precision currently used for products of float32 matrices in this thread.
inline Precision product_precision() { return detail::current_product_precision; }

/// Sets the precision of matmul(), linear() and einsum() in this thread for its lifetime:
///
///   const ProductPrecision rounded(Precision::bfloat16);
///   Tensor y = matmul(x, w);
///
/// The precision is read when an operation is recorded, and stored with it. So the products in its
/// derivatives have the same precision, whatever their order and whenever they are computed. Scopes
/// nest.
class ProductPrecision {
 public:
  explicit ProductPrecision(Precision precision)
      : before_(std::exchange(detail::current_product_precision, precision)) {}
  ~ProductPrecision() { detail::current_product_precision = before_; }
  ProductPrecision(const ProductPrecision&) = delete;
  ProductPrecision& operator=(const ProductPrecision&) = delete;

 private:
  Precision before_;
};

}  // namespace chainrule
