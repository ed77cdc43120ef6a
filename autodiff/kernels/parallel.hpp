// Work divided among threads.
#pragma once

#include <cstddef>

#include "autodiff/core/language.hpp"

namespace chainrule {

namespace detail {
using RangeFunction = void (*)(const void* body, std::size_t first, std::size_t last);
void parallel_ranges(std::size_t n, std::size_t grain, RangeFunction call, const void* body);
}  // namespace detail

/// Calls body(first, last) for ranges that together are 0 to n, each at least `grain` long, on at
/// most thread_count() threads; one call on this thread if n < 2 * grain, and inside another
/// parallel_for. The ranges depend on n, grain and thread_count() only, so that sums made within
/// one come out the same on every run. The first exception of a body is thrown here, after all have
/// ended. Asks for no memory.
template <class Body>
void parallel_for(std::size_t n, std::size_t grain, const Body& body) {
  detail::parallel_ranges(
      n, grain,
      [](const void* known, std::size_t first, std::size_t last) {
        (*static_cast<const Body*>(known))(first, last);
      },
      &body);
}

}  // namespace chainrule
