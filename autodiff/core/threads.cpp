#include "autodiff/core/threads.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <thread>

#include "autodiff/core/error.hpp"

namespace chainrule {
namespace {

constexpr int max_threads = 1024;

int count_at_start() {
  if (const char* text = std::getenv("CHAINRULE_THREADS")) {
    char* end = nullptr;
    const long count = std::strtol(text, &end, 10);
    if (end != text && *end == '\0' && count >= 1 && count <= max_threads)
      return static_cast<int>(count);
  }
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, max_threads);
}

std::atomic<int>& count() {
  static std::atomic<int> value = count_at_start();
  return value;
}

}  // namespace

void set_thread_count(int threads) {
  if (threads < 1 || threads > max_threads)
    throw DomainError(fmt::format(
        "set_thread_count({}): the number of threads must be from 1 to {}", threads, max_threads));
  count().store(threads, std::memory_order_relaxed);
}

int thread_count() noexcept { return count().load(std::memory_order_relaxed); }

}  // namespace chainrule
