#include "nn/training/interrupt.hpp"

#include <csignal>

#include <atomic>
#include <mutex>

namespace chainrule::nn {
namespace {

/// A signal that is caught while a guard lives.
struct Caught {
  int signal;
  struct sigaction before {};
  // The handler reads it. Lock-free, as a handler requires.
  std::atomic<bool> is_installed{false};
};

std::mutex mutex;  // protects everything but what the handler accesses
int guards = 0;
Caught interrupt{SIGINT}, termination{SIGTERM};
Caught* const all_caught[] = {&interrupt, &termination};

std::atomic<bool> flag{false};
static_assert(std::atomic<bool>::is_always_lock_free);

/// Sets the flag. From now on every signal ends the program as it does by default.
extern "C" void chainrule_nn_note_interrupt(int) {
  flag.store(true, std::memory_order_relaxed);
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (Caught* const caught : all_caught)
    if (caught->is_installed.load(std::memory_order_relaxed))
      ::sigaction(caught->signal, &standard, nullptr);
}

void install(Caught& caught) {
  if (::sigaction(caught.signal, nullptr, &caught.before) != 0) return;
  if ((caught.before.sa_flags & SA_SIGINFO) == 0 && caught.before.sa_handler == SIG_IGN) return;
  struct sigaction action {};
  action.sa_handler = chainrule_nn_note_interrupt;
  // SA_RESETHAND: the system removes the handler of this signal without a race. SA_RESTART:
  // interrupted reads and writes are resumed.
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const Caught* const other : all_caught) sigaddset(&action.sa_mask, other->signal);
  caught.is_installed.store(true, std::memory_order_relaxed);
  if (::sigaction(caught.signal, &action, nullptr) != 0) caught.is_installed.store(false);
}

}  // namespace

InterruptGuard::InterruptGuard() {
  const std::lock_guard<std::mutex> lock(mutex);
  if (guards++ > 0) return;
  flag.store(false, std::memory_order_relaxed);
  for (Caught* const caught : all_caught) install(*caught);
}

InterruptGuard::~InterruptGuard() {
  const std::lock_guard<std::mutex> lock(mutex);
  if (--guards > 0) return;
  for (Caught* const caught : all_caught)
    if (caught->is_installed.exchange(false)) ::sigaction(caught->signal, &caught->before, nullptr);
}

bool InterruptGuard::requested() const noexcept { return flag.load(std::memory_order_relaxed); }

}  // namespace chainrule::nn
