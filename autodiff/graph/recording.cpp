#include "autodiff/graph/recording.hpp"

#include <fmt/format.h>

#include "autodiff/core/error.hpp"

namespace chainrule::detail {

void check_owned(const Tape& tape, Tag tag, const char* operation, double value) {
  if (tape.owns(tag)) return;
  tape_of(tag, operation);  // throws, unless another living graph of this thread owns it
  throw GraphError(fmt::format(
      "{}: an operand (value {}) belongs to an enclosing graph, not to the one being recorded. Use it "
      "while its own graph is the innermost, or take its number with .value().",
      operation, value));
}

Tape& tape_with_room(const char* operation) {
  try {
    current_tape->reserve_one();
  } catch (const GraphError& error) {
    throw GraphError(fmt::format("{}: {}", operation, error.what()));
  }
  return *current_tape;
}

}  // namespace chainrule::detail
