#include "autodiff/view/gradient_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "autodiff/graph/node.hpp"

namespace chainrule {
using namespace detail;

namespace {

constexpr std::size_t most_lines = 100;

/// The nodes to write: those of the gradient that are variables or have names.
std::vector<Id> shown_nodes(const Gradient& gradient, const Tape& tape) {
  std::vector<Id> shown;
  const std::size_t size = std::min(gradient.size(), tape.size());
  for (Id id = 0; id < size; ++id)
    if ((read_node(tape, id).is_variable() || !tape.name(id).empty()) &&
        gradient.covers(tape.tag(id)))
      shown.push_back(id);
  return shown;
}

/// Indents all lines of a text but the first.
std::string indented(const std::string& text, std::size_t columns) {
  std::string moved;
  for (const char c : text) {
    moved += c;
    if (c == '\n') moved.append(columns, ' ');
  }
  return moved;
}

/// The names that several of the nodes have.
std::set<std::string_view> repeated_names(const std::vector<Id>& nodes, const Tape& tape) {
  std::set<std::string_view> seen, repeated;
  for (const Id id : nodes)
    if (!seen.insert(tape.name(id)).second) repeated.insert(tape.name(id));
  return repeated;
}

/// "x"; "#3" without a name; "x (#3)" if other nodes have the same name.
std::string label(const Tape& tape, Id id, const std::set<std::string_view>& repeated) {
  const std::string_view name = tape.name(id);
  if (name.empty()) return fmt::format("#{}", id);
  return repeated.contains(name) ? fmt::format("{} (#{})", name, id) : std::string(name);
}

std::string line_of(const Gradient& gradient, const Tape& tape, Id id, std::string line,
                    const ArrayTextOptions& options) {
  line += ": ";
  if (!gradient.reaches(id)) return line + "0 (nothing flows)";
  if (read_node(tape, id).is_tensor())
    return line + indented(text_of(gradient[tensor_of_node(tape, id)], options), line.size());
  return line + fmt::format("{:.{}g}", gradient.adjoint(id), std::max(1, options.precision));
}

}  // namespace

std::string text_of(const Gradient& gradient, const ArrayTextOptions& options) {
  const Tape* const tape = gradient.tape();
  if (tape == nullptr)
    return fmt::format(
        "gradient of {} nodes, whose graph has ended, was cleared or belongs to another thread",
        gradient.size());
  const std::vector<Id> shown = shown_nodes(gradient, *tape);
  if (shown.empty()) return fmt::format("gradient of {} nodes", gradient.size());
  const std::set<std::string_view> repeated = repeated_names(shown, *tape);
  std::string text;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (i > 0) text += '\n';
    if (shown.size() > most_lines && i == most_lines / 2) {
      i = shown.size() - most_lines / 2;
      text += fmt::format("... {} more\n", shown.size() - most_lines);
    }
    text += line_of(gradient, *tape, shown[i], label(*tape, shown[i], repeated), options);
  }
  return text;
}

}  // namespace chainrule
