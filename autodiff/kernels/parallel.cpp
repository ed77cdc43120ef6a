#include "autodiff/kernels/parallel.hpp"

#include <algorithm>
#include <exception>

#include "autodiff/core/threads.hpp"

#if defined(CHAINRULE_HAS_OPENMP)
#include <omp.h>
#endif

namespace chainrule::detail {

void parallel_ranges(std::size_t n, std::size_t grain, RangeFunction call, const void* body) {
  if (n == 0) return;
#if defined(CHAINRULE_HAS_OPENMP)
  const std::size_t most = n / std::max<std::size_t>(grain, 1);
  const auto threads = static_cast<int>(std::min<std::size_t>(most, thread_count()));
  if (threads > 1 && !omp_in_parallel()) {
    std::exception_ptr error;
    // One range a thread, whatever team the runtime grants: more ranges than threads are shared
    // out.
#pragma omp parallel for num_threads(threads) schedule(static)
    for (int i = 0; i < threads; ++i) {
      const std::size_t first = n * i / threads;
      const std::size_t last = n * (i + 1) / threads;
      try {
        call(body, first, last);
      } catch (...) {
#pragma omp critical(chainrule_parallel_error)
        if (!error) error = std::current_exception();
      }
    }
    if (error) std::rethrow_exception(error);
    return;
  }
#else
  static_cast<void>(grain);
#endif
  call(body, 0, n);
}

}  // namespace chainrule::detail
