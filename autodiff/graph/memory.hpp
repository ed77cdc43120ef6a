// Large arrays that grow without being copied where the system can do that.
#pragma once

#include <cstddef>

#include "autodiff/core/language.hpp"

namespace chainrule {

/// Grows (or first allocates) an array to `bytes`, keeping its first `old_bytes`; the rest is not
/// initialised. Big arrays come straight from the system, in huge pages where it offers them, which
/// matters: a sweep walks several arrays at once. Throws std::bad_alloc, the array then unharmed.
void* grow_array(void* array, std::size_t old_bytes, std::size_t bytes);
/// Frees what grow_array returned for the last `bytes`; nullptr is allowed.
void free_array(void* array, std::size_t bytes) noexcept;

}  // namespace chainrule
