// Products by other libraries. Functions of libraries that this build does not use are not defined.
#pragma once

#include "autodiff/kernels/product/product.hpp"

namespace chainrule::detail {

void eigen_product(const Product<float>& product);
void eigen_product(const Product<double>& product);

/// Run on the calling thread alone, whatever the OpenMP settings are. Throw Error if oneDNN fails.
void onednn_product(const Product<float>& product);
void onednn_bfloat16_product(const Product<float>& product);

/// Whether oneDNN multiplies bfloat16 on this processor, and whether it uses tiles (AMX), which are
/// faster than the vectors of bfloat16_product.
bool onednn_has_bfloat16() noexcept;
bool onednn_has_tiles() noexcept;

/// Frees the objects that are cached for calls on this thread.
void release_onednn() noexcept;

}  // namespace chainrule::detail
