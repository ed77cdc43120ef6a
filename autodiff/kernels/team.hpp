// A team of threads that share the parts of one loop.
#pragma once

#include "autodiff/core/language.hpp"

namespace chainrule::detail {

using PartFunction = void (*)(void* work, int part);

/// Calls call(work, 0) to call(work, count - 1), each once, on at most `count` threads, including
/// this one, and returns when all have finished. Which thread runs which part is unspecified. It
/// does not wait for a worker thread that is still asleep: this thread runs all parts that no
/// worker has taken. So on a busy machine, if the team works for another thread, or in a child
/// process, which has no team, a loop is never slower than on one thread.
///
/// count is from 1 to 65535; `call` must not throw. Worker threads are started by the first call
/// that needs them, and live as long as the process; if the system cannot start any more, fewer
/// threads do the work. Any thread may call this function at any time. Allocates no memory after
/// the first call.
void run_team(int count, PartFunction call, void* work) noexcept;

/// Whether this thread is currently running a part.
bool is_in_team() noexcept;

}  // namespace chainrule::detail
