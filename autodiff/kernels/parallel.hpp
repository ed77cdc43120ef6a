// Divides work among threads.
#pragma once

#include <cstddef>

#include "autodiff/core/language.hpp"

namespace chainrule {

namespace detail {
using RangeFunction = void (*)(const void* body, std::size_t first, std::size_t last);
void parallel_ranges(std::size_t n, std::size_t grain, RangeFunction call, const void* body);
}  // namespace detail

/// Calls body(first, last) for ranges that together cover 0 to n, each at least `grain` long, on at
/// most thread_count() threads. Makes a single call on this thread if n < 2 * grain, or inside
/// another parallel_for. The ranges depend only on n, grain and thread_count(), so sums computed
/// within a range are the same on every run. The first exception from a body is rethrown here,
/// after all calls have ended. Allocates no memory.
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
