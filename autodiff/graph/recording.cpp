#include "autodiff/graph/recording.hpp"

#include <fmt/format.h>

#include "autodiff/core/error.hpp"

namespace chainrule::detail {

namespace {

void check_innermost(Tag tag, const char* operation, const std::string& operand,
                     const char* remedy) {
  const Tape& owner = tape_of(tag, operation);
  // The current tape may have ended in another thread and been removed by tape_of().
  if (&owner == current_tape) return;
  throw GraphError(fmt::format(
      "{}: an operand ({}) belongs to an enclosing graph, not to the one being recorded. Use it "
      "while its own graph is the innermost, or take its {} with .value().",
      operation, operand, remedy));
}

}  // namespace

void check_owned(const Tape& tape, Tag tag, const char* operation, double value) {
  if (!tape.owns(tag)) check_innermost(tag, operation, fmt::format("value {}", value), "number");
}

void check_owned(const Tape& tape, Tag tag, const char* operation, const Array& value) {
  if (!tape.owns(tag))
    check_innermost(tag, operation, fmt::format("of shape {}", text_of(Shape(value.shape()))),
                    "numbers");
}

Tape& tape_with_room(const char* operation) {
  Tape& tape = recording_tape();
  try {
    tape.reserve_one();
  } catch (const GraphError& error) {
    throw GraphError(fmt::format("{}: {}", operation, error.what()));
  }
  return tape;
}

void name_node(Tag tag, std::string_view name) {
  if (tag == 0)
    throw GraphError(fmt::format(
        "named(\"{}\"): a constant is not a node of a graph and cannot be named. Name a "
        "variable() or the result of an operation on one.",
        name));
  tape_of(tag, "named").set_name(id_of(tag), name);
}

std::string_view name_of_node(Tag tag) {
  if (tag == 0) return {};
  return tape_of(tag, "name").name(id_of(tag));
}

}  // namespace chainrule::detail
