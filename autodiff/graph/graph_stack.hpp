// The graphs of one thread: the innermost one records, the others enclose it.
#pragma once

#include "autodiff/graph/tape.hpp"

namespace chainrule::detail {

/// The tape that this thread records into: that of its innermost graph, or an empty tape without
/// capacity if it has no graph. A tape that ended in another thread has no capacity either and
/// stays here until recording_tape() or the next Graph removes it.
extern constinit thread_local Tape* current_tape;

/// Takes the tapes that ended in other threads off this thread's stack and deletes them.
void remove_ended_tapes() noexcept;

/// The tape of a new graph, which becomes this thread's innermost one. Throws std::bad_alloc.
Tape* begin_tape();
/// Ends a tape. In the thread that began it, its memory is kept for the next graph; in another
/// thread, its memory is freed.
void end_tape(Tape* tape) noexcept;
/// Frees the memory kept for the next graphs of this thread.
void free_spare_tapes() noexcept;

/// The innermost living tape of this thread for which `matches(tape)` is true, or nullptr.
/// Meanwhile, no other thread can end a tape of this thread.
Tape* find_tape(bool (*matches)(Tape& tape, void* context), void* context);
template <class F>
Tape* find_tape(F matches) {
  return find_tape([](Tape& tape, void* f) { return (*static_cast<F*>(f))(tape); }, &matches);
}

/// The generation of the current tape; 0 if nothing can be recorded into it. Another thread may end
/// the tape at the same time.
inline std::uint32_t current_generation() { return generation_of(current_tape->shared_cursor()); }

/// The current tape, after removing those that ended in other threads.
inline Tape& recording_tape() {
  if (current_generation() == 0) [[unlikely]]
    remove_ended_tapes();
  return *current_tape;
}

/// The living tape of this thread that owns the node. Throws GraphError, with `operation` in the
/// message, if there is none.
Tape& tape_of(Tag tag, const char* operation);

}  // namespace chainrule::detail
