// The checks before a node is recorded, shared by scalars and tensors.
#pragma once

#include "autodiff/graph/graph_stack.hpp"

namespace chainrule::detail {

/// Throws GraphError unless the node belongs to the tape. `value` is only used in the message.
void check_owned(const Tape& tape, Tag tag, const char* operation, double value);
void check_owned(const Tape& tape, Tag tag, const char* operation, const Array& value);
/// The current tape, with capacity for one more node. Throws GraphError.
Tape& tape_with_room(const char* operation);

}  // namespace chainrule::detail
