// Threads that share the parts of one loop.
#pragma once

#include "autodiff/core/language.hpp"

namespace chainrule::detail {

using PartFunction = void (*)(void* work, int part);

/// Calls call(work, 0) to call(work, count - 1), each once, on at most `count` threads, this one
/// among them, and returns when all have ended. Which thread has which part is left open. A thread
/// that is not awake in time is not waited for: this one takes what nobody has begun, so a busy
/// machine, a team that works for another thread, or a child process, which has no team, makes a
/// loop slower than it could be, not slower than on one thread.
/// count is from 1 to 65535; `call` must not throw. Threads are started on the first call that
/// needs them, and live as long as the process; where the system has none to give, fewer do the
/// work. Any thread may call this at any time. After the first call, asks for no memory.
void run_team(int count, PartFunction call, void* work) noexcept;

/// Whether this thread is within a part.
bool is_in_team() noexcept;

}  // namespace chainrule::detail
