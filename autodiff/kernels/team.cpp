#include "autodiff/kernels/team.hpp"

#include <atomic>
#include <cstdint>
#include <thread>
#include <type_traits>

namespace chainrule::detail {
namespace {

thread_local bool in_part = false;

void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// How often a thread polls before it sleeps: about 50 us. The loops of one training step follow
/// each other within that time. Waking a thread takes about as long, and spinning for longer would
/// take the processor from other threads.
constexpr int max_polls = 2000;

/// Returns once `value` differs from `old`. Polls first, so a change that comes soon is noticed at
/// once.
void wait_while_equal(const std::atomic<std::uint32_t>& value, std::uint32_t old) noexcept {
  for (int i = 0; i < max_polls; ++i) {
    if (value.load(std::memory_order_acquire) != old) return;
    pause();
  }
  value.wait(old, std::memory_order_acquire);
}

class Team {
 public:
  void run(int count, PartFunction call, void* work) noexcept;

 private:
  void grow(int workers) noexcept;
  [[noreturn]] void serve() noexcept;
  void take_parts() noexcept;

  // A loop is announced by its number in loop_. The number is also part of claims_, so that a
  // thread that has slept through the end of a loop cannot take a part of the next one by mistake.
  static constexpr std::uint64_t claims(std::uint32_t loop, std::uint32_t parts) {
    return std::uint64_t{loop} << 32 | parts << 16;
  }

  std::atomic_flag busy_;  // held by the thread that runs the loop; guards workers_, call_ and
                           // work_
  int workers_ = 0;
  PartFunction call_ = nullptr;
  void* work_ = nullptr;
  alignas(64) std::atomic<std::uint32_t> loop_{0};
  alignas(64) std::atomic<std::uint64_t> claims_{0};  // loop, number of parts, parts taken
  alignas(64) std::atomic<std::uint32_t> left_{0};    // parts that have not finished
};

void Team::run(int count, PartFunction call, void* work) noexcept {
  if (busy_.test_and_set(std::memory_order_acquire)) {  // another thread runs a loop
    for (int i = 0; i < count; ++i) call(work, i);
    return;
  }
  if (workers_ < count - 1) grow(count - 1);
  call_ = call;
  work_ = work;
  const auto parts = static_cast<std::uint32_t>(count);
  const std::uint32_t loop = loop_.load(std::memory_order_relaxed) + 1;
  left_.store(parts, std::memory_order_relaxed);
  claims_.store(claims(loop, parts), std::memory_order_release);
  loop_.store(loop, std::memory_order_release);
  // Wakes only as many threads as there are parts: a thread woken for nothing takes a processor
  // from the others.
  for (std::uint32_t part = 1; part < parts; ++part) loop_.notify_one();
  take_parts();
  while (const std::uint32_t left = left_.load(std::memory_order_acquire))
    wait_while_equal(left_, left);
  busy_.clear(std::memory_order_release);
}

void Team::grow(int workers) noexcept {
  try {
    for (; workers_ < workers; ++workers_) std::thread([this] { serve(); }).detach();
  } catch (...) {  // The system cannot start more threads; the existing ones do the work.
  }
}

void Team::serve() noexcept {
  in_part = true;
  for (std::uint32_t loop = 0;; loop = loop_.load(std::memory_order_acquire)) {
    take_parts();
    wait_while_equal(loop_, loop);
  }
}

void Team::take_parts() noexcept {
  std::uint64_t seen = claims_.load(std::memory_order_acquire);
  for (;;) {
    const auto part = static_cast<std::uint32_t>(seen & 0xffff);
    if (part >= ((seen >> 16) & 0xffff)) return;
    if (!claims_.compare_exchange_weak(seen, seen + 1, std::memory_order_acq_rel,
                                       std::memory_order_acquire))
      continue;
    // This thread owns the part, so the loop cannot end, and no other can start, before left_ is
    // decremented.
    call_(work_, static_cast<int>(part));
    if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) left_.notify_one();
    seen = claims_.load(std::memory_order_acquire);
  }
}

// Never destroyed, since it has nothing to destroy. Its threads use it for the lifetime of the
// process.
static_assert(std::is_trivially_destructible_v<Team>);
constinit Team team;

}  // namespace

bool is_in_team() noexcept { return in_part; }

void run_team(int count, PartFunction call, void* work) noexcept {
  in_part = true;
  team.run(count, call, work);
  in_part = false;
}

}  // namespace chainrule::detail
