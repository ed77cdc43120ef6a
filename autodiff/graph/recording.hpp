// What recording a node checks first. Shared by scalars and tensors.
#pragma once

#include "autodiff/graph/graph_stack.hpp"

namespace chainrule::detail {

/// Throws GraphError unless the node is one of the tape. `value` is only for the message.
void check_owned(const Tape& tape, Tag tag, const char* operation, double value);
void check_owned(const Tape& tape, Tag tag, const char* operation, const Array& value);
/// The current tape, with room for a node; throws GraphError.
Tape& tape_with_room(const char* operation);

}  // namespace chainrule::detail
