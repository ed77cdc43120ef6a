// The checks before a node is recorded, shared by scalars and tensors.
#pragma once

#include "autodiff/graph/graph_stack.hpp"

namespace chainrule::detail {

/// Throws GraphError unless the node belongs to the tape. `value` is only used in the message.
void check_owned(const Tape& tape, Tag tag, const char* operation, double value);
void check_owned(const Tape& tape, Tag tag, const char* operation, const Array& value);
/// The current tape, with capacity for one more node. Throws GraphError.
Tape& tape_with_room(const char* operation);

/// Calls f, which records nodes. If it throws, removes the nodes that it has recorded.
template <class F>
auto all_or_nothing(F f) {
  const Mark before = recording_tape().mark();
  try {
    return f();
  } catch (...) {
    if (!current_tape->is_stopped()) current_tape->rewind(before);
    throw;
  }
}

}  // namespace chainrule::detail
