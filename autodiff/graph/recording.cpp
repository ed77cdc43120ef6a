#include "autodiff/graph/recording.hpp"

#include <fmt/format.h>

#include "autodiff/core/error.hpp"

namespace chainrule::detail {

namespace {

[[noreturn]] void fail_not_owned(Tag tag, const char* operation, const std::string& operand,
                                 const char* remedy) {
  tape_of(tag, operation);  // throws, unless another living graph of this thread owns it
  throw GraphError(fmt::format(
      "{}: an operand ({}) belongs to an enclosing graph, not to the one being recorded. Use it "
      "while its own graph is the innermost, or take its {} with .value().",
      operation, operand, remedy));
}

}  // namespace

void check_owned(const Tape& tape, Tag tag, const char* operation, double value) {
  if (!tape.owns(tag)) fail_not_owned(tag, operation, fmt::format("value {}", value), "number");
}

void check_owned(const Tape& tape, Tag tag, const char* operation, const Array& value) {
  if (!tape.owns(tag))
    fail_not_owned(tag, operation, fmt::format("of shape {}", text_of(Shape(value.shape()))),
                   "numbers");
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
