// Products by other libraries. What this build was made without is not defined.
#pragma once

#include "autodiff/kernels/product/product.hpp"

namespace chainrule::detail {

void eigen_product(const Product<float>& product);
void eigen_product(const Product<double>& product);

/// On the calling thread alone, whatever OpenMP is told elsewhere. Throws Error if oneDNN fails.
void onednn_product(const Product<float>& product);
void onednn_bfloat16_product(const Product<float>& product);

/// Whether oneDNN multiplies bfloat16 on this processor, and whether by tiles (AMX), faster than
/// the vectors of bfloat16_product.
bool onednn_has_bfloat16() noexcept;
bool onednn_has_tiles() noexcept;

/// Forgets what is kept for calls on this thread.
void release_onednn() noexcept;

}  // namespace chainrule::detail
