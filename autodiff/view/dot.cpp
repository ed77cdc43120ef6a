#include "autodiff/view/dot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "autodiff/core/error.hpp"
#include "autodiff/graph/node.hpp"
#include "autodiff/view/dot_text.hpp"
#include "autodiff/view/render.hpp"

namespace chainrule {
namespace {

using dot_text::html, dot_text::shorten, dot_text::tooltip, dot_text::visible;

// The end of a name is kept, because names like layer1/weight/17 differ there; not that of a
// formula, which could be read as another formula.
constexpr std::size_t longest_name = 24, name_tail = 8, longest_formula = 40;

// Tints of Okabe and Ito's colours, which the colour-blind can tell apart; of different lightness,
// so that print in grey keeps them apart, and all light enough for black text.
constexpr const char* variable_style =
    R"(style="rounded,filled", fillcolor="#d3ebfa", color="#0072b2")";
constexpr const char* output_style =
    R"(peripheries=2, fillcolor="#f9c86b", color="#b35900", penwidth=1.5)";
constexpr const char* constant_style =
    R"(style=dashed, color="#808080", margin="0.06,0.03", width=0, height=0, fontsize=9)";
constexpr const char* hidden_style =
    R"(shape=note, style="filled,dashed", fillcolor="#fff7b0", color="#000000")";

/// Whether the order of the operands makes a difference, found by trying.
bool is_ordered(const Node& node) {
  if (node.arity != 2) return node.arity > 2;
  constexpr double points[][2] = {{0.3, 0.7}, {-1.7, 2.3}};
  for (const auto& [x, y] : points) {
    const double there[] = {x, y}, back[] = {y, x};
    const double a = node.operation->value(there), b = node.operation->value(back);
    if (a != b && !(std::isnan(a) && std::isnan(b))) return true;
  }
  return false;
}

class Picture {
 public:
  Picture(const Tape& tape, std::vector<Id> outputs, bool whole_graph, const DotOptions& options)
      : tape_(tape), outputs_(std::move(outputs)), whole_graph_(whole_graph), options_(options) {
    state_.resize(outputs_.empty() ? 0 : *std::max_element(outputs_.begin(), outputs_.end()) + 1);
    digits_ = std::clamp(options.digits, 1, 17);
  }

  std::string text() {
    choose();
    head();
    for (Id id = 0; id < state_.size(); ++id)
      if (state_[id] & drawn) node(id);
    if (needed_count_ == 0) add("  empty [label=\"nothing is recorded\", {}];\n", hidden_style);
    if (drawn_count_ < needed_count_) hidden();
    return std::move(text_) + "}\n";
  }

 private:
  enum State : unsigned char { needed = 1, drawn = 2, output = 4 };

  template <class... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
  }

  template <class F>
  void for_each_operand(const Node& node, F f) const {
    for (int i = 0; i < node.arity; ++i) f(i, node.operands[static_cast<std::size_t>(i)]);
  }

  /// Finds what the outputs depend on and, if that is too much, what is nearest to them.
  void choose() {
    for (const Id id : outputs_) {
      const bool unused = whole_graph_ && read_node(tape_, id).is_variable();
      state_[id] = unused ? needed : needed | output;
    }
    for (std::size_t id = state_.size(); id-- > 0;) {
      if (!(state_[id] & needed)) continue;
      ++needed_count_;
      for_each_operand(read_node(tape_, static_cast<Id>(id)), [&](int, const NodeOperand& x) {
        if (!x.is_constant) state_[x.id] |= needed;
      });
    }
    const std::size_t limit = options_.max_nodes == 0 ? needed_count_ : options_.max_nodes;
    std::vector<Id> queue;  // in the order of distance from the outputs
    const auto enqueue = [&](Id id) {
      if ((state_[id] & drawn) || queue.size() == limit) return;
      state_[id] |= drawn;
      queue.push_back(id);
    };
    for (const Id id : outputs_) enqueue(id);
    for (std::size_t i = 0; i < queue.size() && queue.size() < limit; ++i)
      for_each_operand(read_node(tape_, queue[i]), [&](int, const NodeOperand& x) {
        if (!x.is_constant) enqueue(x.id);
      });
    drawn_count_ = queue.size();
  }

  void head() {
    add("digraph chainrule {{\n  rankdir={};\n", options_.left_to_right ? "LR" : "TB");
    // Large graphs of some shapes, such as a variable that is used everywhere, would be laid out
    // for minutes to gain a little.
    if (drawn_count_ > 200) {
      const char* limit = drawn_count_ > 500 ? "0.1" : "1";
      add("  nslimit={0};\n  nslimit1={0};\n", limit);
    }
    text_ +=
        "  graph [fontname=\"Courier,monospace\", fontsize=14, nodesep=0.2, ranksep=0.4];\n"
        "  node [fontname=\"Courier,monospace\", fontsize=11, shape=box, style=filled,"
        " fillcolor=\"#ffffff\", color=\"#404040\", margin=\"0.08,0.03\"];\n"
        "  edge [fontname=\"Courier,monospace\", fontsize=9, color=\"#606060\","
        " arrowsize=0.6];\n";
    if (options_.title.empty()) return;
    text_ += "  labelloc=t;\n  label=<<b>";
    std::string_view rest = options_.title;
    for (std::size_t end; (end = rest.find('\n')) != rest.npos; rest.remove_prefix(end + 1))
      add("{}<br/>", html(visible(rest.substr(0, end))));
    add("{}</b>>;\n", html(visible(rest)));
  }

  std::string number(double x) const {
    return std::isnan(x) ? "nan" : fmt::format("{:.{}g}", x, digits_);
  }

  /// A node as formulas call it.
  std::string reference(Id id) const {
    const std::string_view name = tape_.name(id);
    return name.empty() ? fmt::format("#{}", id) : shorten(visible(name), longest_name, name_tail);
  }
  Text operand_text(const NodeOperand& x) const {
    return x.is_constant ? Text(x.value) : Text(reference(x.id));
  }

  /// Where the operands arrive at an operation that tells them apart: cells 1st, 2nd, 3rd, on the
  /// side that edges come from.
  std::string ports(int arity) const {
    constexpr const char* ordinals[] = {"1st", "2nd", "3rd"};
    const bool column = options_.left_to_right;
    std::string cells;
    for (int i = 0; i < arity; ++i)
      cells += fmt::format(
          R"({}<td port="p{}" border="1" sides="{}"><font point-size="8">{}</font></td>)",
          column && i > 0 ? "</tr><tr>" : "", i, column ? 'r' : 'b', ordinals[i]);
    return fmt::format(
        R"({}cellpadding="1"><table border="0" cellborder="0" cellspacing="0"><tr>{}</tr></table></td>{})",
        column ? fmt::format("<tr><td rowspan=\"{}\" ", options_.gradient != nullptr ? 3 : 2)
               : "<tr><td colspan=\"2\" ",
        cells, column ? "" : "</tr><tr>");
  }

  void node(Id id) {
    const Node node = read_node(tape_, id);
    const bool named = !tape_.name(id).empty() || options_.local_partials;
    Text operands[max_arity];
    for_each_operand(node, [&](int i, const NodeOperand& x) { operands[i] = operand_text(x); });

    const bool ordered = is_ordered(node);
    std::string rows = ordered ? ports(node.arity) : "<tr>";
    const char* gap = ordered && options_.left_to_right ? " " : "";
    const auto wide = [&rows, gap](std::string_view text) {
      rows += fmt::format("<td colspan=\"2\">{}{}</td></tr>", gap, text);
    };
    const auto pair = [&rows, gap](std::string_view left, std::string_view right) {
      rows += fmt::format(R"(<td align="left">{}{} </td><td align="right">{}</td></tr>)", gap, left,
                          right);
    };
    const std::string name = named ? "<b>" + html(reference(id)) + "</b>" : "";
    std::string tip = tape_.name(id).empty() ? fmt::format("#{}", id) : visible(tape_.name(id));
    if (node.is_variable()) {
      wide(named ? name : "<i>variable</i>");
    } else {
      const Notation& notation = node.operation->notation;
      // A sign between operands is known to all; one before its operand has a name that is clearer.
      const bool infix = notation.symbol != nullptr && node.arity == 2;
      const std::string sign = "<i>" + html(infix ? notation.symbol : notation.name) + "</i>";
      named ? pair(name, sign) : wide(sign);
      tip += " = " + write(notation, operands, node.arity).str();
    }
    rows += "<tr>";
    pair("value", number(node.value));
    tip += "\nvalue " + Text(node.value).str();
    if (options_.gradient != nullptr) {
      const double slope = (*options_.gradient)[Var::node(node.value, tape_.tag(id))];
      const bool reached = options_.gradient->reaches(id);
      rows += "<tr>";
      reached ? pair("gradient", number(slope)) : wide("no gradient");
      tip += reached ? "\ngradient " + Text(slope).str() : "\nno gradient";
    }
    add("  n{} [label=<<table border=\"0\" cellborder=\"0\" cellspacing=\"0\" cellpadding=\"1\">"
        "{}</table>>",
        id, rows);
    if (node.is_variable()) add(", {}", variable_style);
    if (state_[id] & output) add(", {}", output_style);
    add(", tooltip={}];\n", tooltip(tip));
    if (!node.is_variable()) edges(node, operands, ordered);
  }

  void edges(const Node& node, const Text* operands, bool ordered) {
    Flow<double> partials[max_arity];
    Flow<Text> formulas[max_arity];
    if (options_.local_partials) {
      double x[max_arity];
      unsigned wanted = 0;
      for_each_operand(node, [&](int i, const NodeOperand& operand) {
        x[i] = operand.value;
        if (!operand.is_constant) wanted |= 1u << i;
      });
      node.operation->partials(x, node.value, wanted, partials);
      node.operation->partial_formulas(operands, Text(reference(node.id)), wanted, formulas);
    }
    for_each_operand(node, [&](int i, const NodeOperand& x) {
      if (!x.is_constant && !(state_[x.id] & drawn)) return;
      const std::string arrival =
          ordered ? fmt::format("n{}:p{}:{}", node.id, i, options_.left_to_right ? 'w' : 'n')
                  : fmt::format("n{}", node.id);
      if (x.is_constant)
        add("  c{0}_{1} [label=\"{2}\", {3}, tooltip=\"constant {4}\"];\n  c{0}_{1} -> {5} "
            "[style=dashed];\n",
            node.id, i, number(x.value), constant_style, Text(x.value).str(), arrival);
      else if (options_.local_partials)
        add("  n{} -> {} [{}];\n", x.id, arrival, partial(formulas[i], partials[i]));
      else
        add("  n{} -> {};\n", x.id, arrival);
    });
  }

  /// The label of an edge along which a derivative flows back, or does not.
  std::string partial(const Flow<Text>& formula, const Flow<double>& value) const {
    const std::string full = formula.open ? formula.partial.str() : "";
    const std::string exact = value.open ? Text(value.partial).str() : "nothing flows";
    const std::string brief = value.open ? number(value.partial) : exact;
    const bool both = !full.empty() && full != exact;
    std::string label;  // with spaces around, or it would touch its edge
    if (both) label = fmt::format(" {} <br/>", html(shorten(full, longest_formula, 0)));
    label += (both && value.open ? " = " : " ") + brief + " ";
    const std::string tip = both ? full + (value.open ? " = " : ": ") + exact : exact;
    return fmt::format("label=<{}>, {}labeltooltip={}", label, value.open ? "" : "style=dashed, ",
                       tooltip(tip));
  }

  void hidden() {
    const std::size_t count = needed_count_ - drawn_count_;
    add("  hidden [label=<<b>{} more node{} hidden</b><br/>max_nodes is {}>, {}];\n", count,
        count == 1 ? " is" : "s are", options_.max_nodes, hidden_style);
    for (Id id = 0; id < state_.size(); ++id) {
      if (!(state_[id] & drawn)) continue;
      bool cut = false;
      for_each_operand(read_node(tape_, id), [&](int, const NodeOperand& x) {
        cut = cut || (!x.is_constant && !(state_[x.id] & drawn));
      });
      if (cut) add("  hidden -> n{} [style=dotted];\n", id);
    }
  }

  const Tape& tape_;
  std::vector<Id> outputs_;
  bool whole_graph_;
  const DotOptions& options_;
  std::vector<unsigned char> state_;  // by id, to the last output
  std::size_t needed_count_ = 0, drawn_count_ = 0;
  int digits_ = 6;
  std::string text_;
};

}  // namespace

std::string dot(const Var& output, const DotOptions& options) {
  return dot(std::span<const Var>(&output, 1), options);
}

std::string dot(const Var& output, const Gradient& gradient, const DotOptions& options) {
  DotOptions with_gradient = options;
  with_gradient.gradient = &gradient;
  return dot(output, with_gradient);
}

std::string dot(std::span<const Var> outputs, const DotOptions& options) {
  if (outputs.empty()) throw GraphError("dot: there is no output");
  for (const Var& output : outputs)
    if (output.is_constant())
      throw GraphError(fmt::format(
          "dot: the output is the constant {}, which has no graph to draw. Compute it from "
          "variable()s while their graph is recording.",
          output.value()));
  const Tape& tape = tape_of(outputs[0].tag(), "dot");
  std::vector<Id> ids;
  for (const Var& output : outputs) {
    if (!tape.owns(output.tag()))
      throw GraphError("dot: the outputs are of different graphs, or of one that is gone");
    ids.push_back(output.id());
  }
  return Picture(tape, std::move(ids), false, options).text();
}

std::string dot(const Graph& graph, const DotOptions& options) {
  const Tape& tape = graph.tape();
  std::vector<bool> used(tape.size());
  std::vector<Id> ends;
  for (std::size_t id = tape.size(); id-- > 0;) {
    const Node node = read_node(tape, static_cast<Id>(id));
    if (!used[id]) ends.push_back(node.id);
    for (int i = 0; i < node.arity; ++i) {
      const NodeOperand& x = node.operands[static_cast<std::size_t>(i)];
      if (!x.is_constant) used[x.id] = true;
    }
  }
  return Picture(tape, std::move(ends), true, options).text();
}

void write_dot(const Var& output, const std::string& path, const DotOptions& options) {
  detail::write_file(path, dot(output, options), "write_dot");
}

void write_dot(const Var& output, const Gradient& gradient, const std::string& path,
               const DotOptions& options) {
  detail::write_file(path, dot(output, gradient, options), "write_dot");
}

}  // namespace chainrule
