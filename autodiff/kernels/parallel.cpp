#include "autodiff/kernels/parallel.hpp"

#include <algorithm>
#include <exception>
#include <mutex>

#include "autodiff/core/threads.hpp"
#include "autodiff/kernels/team.hpp"

namespace chainrule::detail {
namespace {

/// The data that the threads of one loop share.
struct Loop {
  std::size_t n;
  int parts;
  RangeFunction call;
  const void* body;
  std::exception_ptr error;
  std::mutex error_access;

  void do_part(int part) noexcept {
    const std::size_t first = n * part / parts, last = n * (part + 1) / parts;
    try {
      call(body, first, last);
    } catch (...) {
      const std::lock_guard<std::mutex> lock(error_access);
      if (!error) error = std::current_exception();
    }
  }
};

}  // namespace

void parallel_ranges(std::size_t n, std::size_t grain, RangeFunction call, const void* body) {
  if (n == 0) return;
  const std::size_t max_parts = n / std::max<std::size_t>(grain, 1);
  const auto parts = static_cast<int>(std::min<std::size_t>(max_parts, thread_count()));
  if (parts <= 1 || is_in_team()) return call(body, 0, n);
  Loop loop{n, parts, call, body, {}, {}};
  run_team(
      parts, [](void* shared, int part) { static_cast<Loop*>(shared)->do_part(part); }, &loop);
  if (loop.error) std::rethrow_exception(loop.error);
}

}  // namespace chainrule::detail
