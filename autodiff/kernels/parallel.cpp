#include "autodiff/kernels/parallel.hpp"

#include <algorithm>
#include <exception>
#include <mutex>

#include "autodiff/core/threads.hpp"

#if CHAINRULE_HAS_OPENMP
#include <omp.h>
#elif CHAINRULE_PLAIN_THREADS
#include <thread>
#include <vector>
#endif

namespace chainrule::detail {
namespace {

// is_in_team() says whether this thread works on a part already; run_team calls part(0) to
// part(count - 1), which must not throw, on as many threads and waits for all of them.
#if CHAINRULE_HAS_OPENMP
bool is_in_team() noexcept { return omp_in_parallel() != 0; }

template <class Part>
void run_team(int count, const Part& part) {
  // One part a thread, whatever team the runtime grants: more parts than threads are shared out.
#pragma omp parallel for num_threads(count) schedule(static)
  for (int i = 0; i < count; ++i) part(i);
}
#elif CHAINRULE_PLAIN_THREADS
// For the thread sanitizer, which sees how these threads wait for each other and not how OpenMP's
// do. Too slow for anything else: every call starts its threads anew.
thread_local bool in_team = false;
bool is_in_team() noexcept { return in_team; }

template <class Part>
void run_team(int count, const Part& part) {
  const auto work = [&part](int i) {
    in_team = true;
    part(i);
    in_team = false;
  };
  std::vector<std::thread> others;
  for (int i = 1; i < count; ++i) others.emplace_back(work, i);
  work(0);
  for (std::thread& other : others) other.join();
}
#else
bool is_in_team() noexcept { return true; }

template <class Part>
void run_team(int count, const Part& part) {
  for (int i = 0; i < count; ++i) part(i);
}
#endif

}  // namespace

void parallel_ranges(std::size_t n, std::size_t grain, RangeFunction call, const void* body) {
  if (n == 0) return;
  const std::size_t most = n / std::max<std::size_t>(grain, 1);
  const auto threads = static_cast<int>(std::min<std::size_t>(most, thread_count()));
  if (threads <= 1 || is_in_team()) return call(body, 0, n);
  std::exception_ptr error;
  std::mutex error_access;
  run_team(threads, [&](int i) {
    const std::size_t first = n * i / threads;
    const std::size_t last = n * (i + 1) / threads;
    try {
      call(body, first, last);
    } catch (...) {
      const std::lock_guard<std::mutex> lock(error_access);
      if (!error) error = std::current_exception();
    }
  });
  if (error) std::rethrow_exception(error);
}

}  // namespace chainrule::detail
