// Large arrays that grow without a copy if the system supports that.
#pragma once

#include <cstddef>

#include "autodiff/core/language.hpp"

namespace chainrule {

/// Grows (or first allocates) an array to `bytes`, keeping its first `old_bytes`; the rest is not
/// initialised. Large arrays come directly from the system, in huge pages if it offers them. This
/// matters because a sweep traverses several arrays at once. Throws std::bad_alloc and leaves the
/// array unchanged.
void* grow_array(void* array, std::size_t old_bytes, std::size_t bytes);
/// Frees an array that grow_array() returned with this last value of `bytes`; nullptr is allowed.
void free_array(void* array, std::size_t bytes) noexcept;

/// Empties a vector and frees its memory.
template <class Vector>
void free_vector(Vector& vector) noexcept {
  vector = Vector();
}

}  // namespace chainrule
