// What recording and naming a node need, shared by scalars and tensors.
#pragma once

#include "autodiff/graph/graph_stack.hpp"

namespace chainrule::detail {

/// Throws GraphError unless the node belongs to the tape. `value` is only used in the message.
void check_owned(const Tape& tape, Tag tag, const char* operation, double value);
void check_owned(const Tape& tape, Tag tag, const char* operation, const Array& value);
/// The current tape, with capacity for one more node. Throws GraphError.
Tape& tape_with_room(const char* operation);

/// Names a node. Throws GraphError if it is a constant (its tag is 0) or its graph has ended.
void name_node(Tag tag, std::string_view name);
/// The name of a node; empty if it has none or is a constant. Throws GraphError if its graph has
/// ended.
std::string_view name_of_node(Tag tag);

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
