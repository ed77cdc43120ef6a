#include "nn/training/interrupt.hpp"

#include <csignal>

#include <atomic>
#include <mutex>

namespace chainrule::nn {
namespace {

std::mutex mutex;  // protects everything but the flag
int guards = 0;
bool installed = false;
struct sigaction before {};

// The only variable that the signal handler accesses. Lock-free, as a handler requires.
std::atomic<bool> flag{false};
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void chainrule_nn_note_interrupt(int) { flag.store(true, std::memory_order_relaxed); }

}  // namespace

InterruptGuard::InterruptGuard() {
  const std::lock_guard<std::mutex> lock(mutex);
  if (guards++ > 0) return;
  flag.store(false, std::memory_order_relaxed);
  installed = false;
  if (::sigaction(SIGINT, nullptr, &before) != 0) return;
  if ((before.sa_flags & SA_SIGINFO) == 0 && before.sa_handler == SIG_IGN) return;
  struct sigaction action {};
  action.sa_handler = chainrule_nn_note_interrupt;
  // SA_RESETHAND: the system removes the handler at the first signal, without a race. SA_RESTART:
  // interrupted reads and writes are resumed.
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  sigemptyset(&action.sa_mask);
  installed = ::sigaction(SIGINT, &action, nullptr) == 0;
}

InterruptGuard::~InterruptGuard() {
  const std::lock_guard<std::mutex> lock(mutex);
  if (--guards == 0 && installed) ::sigaction(SIGINT, &before, nullptr);
}

bool InterruptGuard::requested() const noexcept { return flag.load(std::memory_order_relaxed); }

}  // namespace chainrule::nn
