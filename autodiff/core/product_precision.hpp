// The precision that matrix products are recorded with.
#pragma once

#include <utility>

#include "autodiff/core/precision.hpp"

namespace chainrule {

namespace detail {
inline constinit thread_local Precision product_precision = Precision::full;
}  // namespace detail

/// The precision that products of float32 matrices are computed with at the moment, in this thread.
inline Precision product_precision() { return detail::product_precision; }

/// While it lives, matmul(), linear() and einsum() of this thread use that precision:
///
///   const ProductPrecision rounded(Precision::bfloat16);
///   Tensor y = matmul(x, w);
///
/// It is read when an operation is recorded and kept with it, so the products of its derivatives,
/// of any order and whenever they are computed, have the same. Scopes nest.
class ProductPrecision {
 public:
  explicit ProductPrecision(Precision precision)
      : before_(std::exchange(detail::product_precision, precision)) {}
  ~ProductPrecision() { detail::product_precision = before_; }
  ProductPrecision(const ProductPrecision&) = delete;
  ProductPrecision& operator=(const ProductPrecision&) = delete;

 private:
  Precision before_;
};

}  // namespace chainrule
