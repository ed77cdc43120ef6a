#include "autodiff/view/picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "autodiff/view/dot_text.hpp"
#include "autodiff/view/formulas.hpp"
#include "autodiff/view/tensor_summary.hpp"

namespace chainrule::detail {
namespace {

using dot_text::html, dot_text::shorten, dot_text::tooltip, dot_text::visible;

// The end of a long name is kept, because names like layer1/weight/17 differ there. The end of a
// formula is not kept, since the result could be read as a different formula.
constexpr std::size_t max_name_length = 24, name_tail = 8, max_formula_length = 40;
/// Edges to operands are distinguished only up to this number of operands.
constexpr int max_ports = 6;
/// Pictures with more nodes than this fold scopes, unless the options say otherwise.
constexpr std::size_t fold_threshold = 120;
/// The maximum number of parameters that a folded scope lists.
constexpr int max_listed = 8;

// Tints of Okabe and Ito's colours, which colour-blind readers can distinguish. They differ in
// lightness, so they also stay distinct in greyscale print, and all are light enough for black
// text.
constexpr const char* variable_style =
    R"(style="rounded,filled", fillcolor="#d3ebfa", color="#0072b2")";
constexpr const char* output_style =
    R"(peripheries=2, fillcolor="#f9c86b", color="#b35900", penwidth=1.5)";
constexpr const char* constant_style =
    R"(style=dashed, color="#808080", margin="0.06,0.03", width=0, height=0, fontsize=9)";
constexpr const char* scope_style =
    R"(style="rounded,filled", fillcolor="#f6f6f6", color="#909090", fontsize=11, margin=8)";
constexpr const char* folded_style =
    R"(style="filled,bold", fillcolor="#e0efe6", color="#00664d", margin="0.15,0.08")";
constexpr const char* hidden_style =
    R"(shape=note, style="filled,dashed", fillcolor="#fff7b0", color="#000000")";

/// Whether the order of the operands matters. Determined by evaluating at sample points.
bool is_ordered(const Node& node) {
  if (node.arity < 2 || node.arity > max_ports) return false;
  if (node.operation == nullptr || node.arity > 2) return true;
  constexpr double points[][2] = {{0.3, 0.7}, {-1.7, 2.3}};
  for (const auto& [x, y] : points) {
    const double there[] = {x, y}, back[] = {y, x};
    const double a = node.operation->value(there), b = node.operation->value(back);
    if (a != b && !(std::isnan(a) && std::isnan(b))) return true;
  }
  return false;
}

bool folds(const DotOptions& options, const Selection& selection) {
  return options.fold == FoldScopes::always ||
         (options.fold == FoldScopes::large && selection.drawn_count() > fold_threshold);
}

/// The parameters of a structural operation, such as "axis=1"; empty if it has none.
std::string details_of(const Node& node) {
  const TensorOperation* const structural = node.is_tensor() ? node.tensor->structural : nullptr;
  if (structural == nullptr || structural->describe == nullptr) return {};
  return structural->describe(node.tensor->parameters);
}

template <class... Args>
void add(std::string& text, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(text), format, std::forward<Args>(args)...);
}

/// The rows of a node's table.
class Rows {
 public:
  Rows(std::string begin, const char* gap) : text_(std::move(begin)), gap_(gap) {}
  void wide(std::string_view text) { add(text_, "<td colspan=\"2\">{}{}</td></tr>", gap_, text); }
  void pair(std::string_view left, std::string_view right) {
    add(text_, R"(<td align="left">{}{} </td><td align="right">{}</td></tr>)", gap_, left, right);
  }
  void next() { text_ += "<tr>"; }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  const char* gap_;
};

}  // namespace

Picture::Picture(const Tape& tape, const std::vector<Id>& outputs, bool whole_graph,
                 const DotOptions& options)
    : tape_(tape),
      options_(options),
      selection_(tape, outputs, whole_graph, options.max_nodes),
      clusters_(tape, selection_, folds(options, selection_)),
      digits_(std::clamp(options.digits, 1, 17)) {}

std::string Picture::text() {
  head();
  const auto move_to = [&](Id id) {
    clusters_.move_to(
        id,
        [&](std::size_t scope) {
          add(text_, "  subgraph cluster{} {{\n  label=<{}>;\n  graph [{}];\n", scope,
              html(visible(*tape_.scopes()[scope].name)), scope_style);
        },
        [&] { text_ += "  }\n"; });
    if (!clusters_.is_open()) text_ += std::exchange(postponed_edges_, {});
  };
  std::optional<std::size_t> last_folded;
  for (Id id = 0; id < selection_.end(); ++id) {
    if (!selection_.is_drawn(id)) continue;
    move_to(id);
    const std::optional<std::size_t> folded = clusters_.folded(id);
    if (folded && folded != last_folded) folded_scope(*folded);
    if (folded) last_folded = folded;
    node(read_node(tape_, id));
  }
  move_to(Tape::no_end);
  if (selection_.needed_count() == 0)
    add(text_, "  empty [label=\"nothing is recorded\", {}];\n", hidden_style);
  if (selection_.hidden_count() > 0) hidden();
  return std::move(text_) + "}\n";
}

void Picture::head() {
  add(text_, "digraph chainrule {{\n  rankdir={};\n", options_.left_to_right ? "LR" : "TB");
  // For large graphs of some shapes, such as a variable used everywhere, Graphviz would spend
  // minutes on a slightly better layout.
  if (selection_.drawn_count() > 200) {
    const char* limit = selection_.drawn_count() > 500 ? "0.1" : "1";
    add(text_, "  nslimit={0};\n  nslimit1={0};\n", limit);
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
    add(text_, "{}<br/>", html(visible(rest.substr(0, end))));
  add(text_, "{}</b>>;\n", html(visible(rest)));
}

std::string Picture::number(double x) const {
  return std::isnan(x) ? "nan" : fmt::format("{:.{}g}", x, digits_);
}

/// The name of a node in formulas.
std::string Picture::reference(Id id) const {
  const std::string_view name = tape_.name(id);
  return name.empty() ? fmt::format("#{}", id) : shorten(visible(name), max_name_length, name_tail);
}

Text Picture::operand_text(const NodeOperand& x) const {
  if (!x.is_constant) return Text(reference(x.id));
  return x.array != nullptr ? Text(summary_of(*x.array, digits_)) : Text(x.value);
}

/// The cells 1st, 2nd, 3rd where edges arrive at an operation whose operand order matters, on the
/// side that edges come from.
std::string Picture::ports(int arity) const {
  constexpr const char* ordinals[max_ports] = {"1st", "2nd", "3rd", "4th", "5th", "6th"};
  const bool column = options_.left_to_right;
  std::string cells;
  for (int i = 0; i < arity; ++i)
    cells +=
        fmt::format(R"({}<td port="p{}" border="1" sides="{}"><font point-size="8">{}</font></td>)",
                    column && i > 0 ? "</tr><tr>" : "", i, column ? 'r' : 'b', ordinals[i]);
  return fmt::format(
      R"({}cellpadding="1"><table border="0" cellborder="0" cellspacing="0">)"
      R"(<tr>{}</tr></table></td>{})",
      column ? fmt::format("<tr><td rowspan=\"{}\" ", options_.gradient != nullptr ? 3 : 2)
             : "<tr><td colspan=\"2\" ",
      cells, column ? "" : "</tr><tr>");
}

void Picture::node(const Node& node) {
  const Id id = node.id;
  const bool named = !tape_.name(id).empty() || options_.local_partials;
  std::vector<Text> operands;
  for_each_operand(tape_, node,
                   [&](int, const NodeOperand& x) { operands.push_back(operand_text(x)); });
  const bool ordered = is_ordered(node);
  if (clusters_.folded(id)) return edges(node, operands, false);

  const char* gap = ordered && options_.left_to_right ? " " : "";
  Rows rows(ordered ? ports(node.arity) : "<tr>", gap);
  const std::string name = named ? "<b>" + html(reference(id)) + "</b>" : "";
  std::string tip = tape_.name(id).empty() ? fmt::format("#{}", id) : visible(tape_.name(id));
  if (node.is_variable()) {
    rows.wide(named ? name : "<i>variable</i>");
  } else {
    const Notation notation = node.notation();
    // An infix symbol is familiar to all readers; for a prefix operator the name is clearer.
    const bool infix = notation.symbol != nullptr && node.arity == 2;
    const std::string details = details_of(node);
    std::string sign = "<i>" + html(infix ? notation.symbol : notation.name) + "</i>";
    if (!details.empty()) sign += " " + html(details);
    named ? rows.pair(name, sign) : rows.wide(sign);
    tip += " = " + write(notation, operands.data(), node.arity).str();
    if (!details.empty()) tip += " with " + details;
  }
  const auto pair = [&](const char* left, const std::string& right, const std::string& exact) {
    rows.next();
    rows.pair(left, html(right));
    tip += fmt::format("\n{} {}", left, exact);
  };
  const auto show = [&](const char* what, double x, const Array* array) {
    array != nullptr ? pair(what, summary_of(*array, digits_), summary_of(*array, 17))
                     : pair(what, number(x), Text(x).str());
  };
  if (node.is_tensor()) pair("shape", kind_of(node.tensor->value), kind_of(node.tensor->value));
  show("value", node.value, node.is_tensor() ? &node.tensor->value : nullptr);
  if (options_.gradient != nullptr) {
    if (!options_.gradient->reaches(id)) {
      rows.next();
      rows.wide("no gradient");
      tip += "\nno gradient";
    } else if (node.is_tensor()) {
      options_.gradient->check(tape_.tag(id));
      const Array slope = options_.gradient->tensor_adjoint(id);
      show("gradient", 0.0, &slope);
    } else {
      show("gradient", (*options_.gradient)[Var::node(node.value, tape_.tag(id))], nullptr);
    }
  }
  add(text_,
      "  n{} [label=<<table border=\"0\" cellborder=\"0\" cellspacing=\"0\" cellpadding=\"1\">"
      "{}</table>>",
      id, rows.text());
  if (node.is_variable()) add(text_, ", {}", variable_style);
  if (selection_.is_output(id)) add(text_, ", {}", output_style);
  add(text_, ", tooltip={}];\n", tooltip(tip));
  if (!node.is_variable()) edges(node, operands, ordered);
}

/// A scope as one node: its name, the number of operations in it, and its parameters with their
/// shapes.
void Picture::folded_scope(std::size_t scope) {
  const Tape::ScopeRange& range = tape_.scopes()[scope];
  std::size_t operations = 0;
  int listed = 0, unlisted = 0;
  std::string parameters;
  for (Id id = range.first; id < std::min<Id>(range.end, static_cast<Id>(selection_.end())); ++id) {
    if (!selection_.is_drawn(id)) continue;
    const Node node = read_node(tape_, id);
    if (!node.is_variable()) {
      ++operations;
    } else if (listed < max_listed) {
      ++listed;
      parameters += "<br/>" + html(reference(id));
      if (node.is_tensor()) parameters += " " + html(kind_of(node.tensor->value));
    } else {
      ++unlisted;
    }
  }
  if (unlisted > 0) parameters += fmt::format("<br/>and {} more", unlisted);
  add(text_, "  s{} [label=<<b>{}</b><br/>{} operation{}{}>, {}];\n", scope,
      html(visible(*range.name)), operations, operations == 1 ? "" : "s", parameters, folded_style);
}

void Picture::partials(const Node& node, const std::vector<Text>& operands, Flow<double>* values,
                       Flow<Text>* formulas) const {
  double x[max_arity] = {};
  unsigned wanted = 0;
  for_each_operand(tape_, node, [&](int i, const NodeOperand& operand) {
    x[i] = operand.value;
    if (!operand.is_constant) wanted |= 1u << i;
  });
  if (!node.is_tensor()) node.operation->partials(x, node.value, wanted, values);
  partial_formulas(*node.operation, operands.data(), Text(reference(node.id)), wanted, formulas);
}

void Picture::edges(const Node& node, const std::vector<Text>& operands, bool ordered) {
  Flow<double> values[max_arity];
  Flow<Text> formulas[max_arity];
  const bool shows_partials = options_.local_partials && node.operation != nullptr;
  if (shows_partials) partials(node, operands, values, formulas);
  const std::optional<std::size_t> folded = clusters_.folded(node.id);
  for_each_operand(tape_, node, [&](int i, const NodeOperand& x) {
    if (folded) {
      if (x.is_constant || !selection_.is_drawn(x.id) || clusters_.folded(x.id) == folded) return;
    } else if (!x.is_constant && !selection_.is_drawn(x.id)) {
      return;
    }
    const std::string arrival =
        folded    ? fmt::format("s{}", *folded)
        : ordered ? fmt::format("n{}:p{}:{}", node.id, i, options_.left_to_right ? 'w' : 'n')
                  : fmt::format("n{}", node.id);
    if (x.is_constant) {
      // A large parameter shows only its shape; its values are in the tooltip.
      const bool small =
          x.array != nullptr && x.array->size() > 0 && x.array->size() <= few_elements;
      const std::string shown = x.array == nullptr ? number(x.value)
                                : small            ? summary_of(*x.array, digits_)
                                                   : kind_of(*x.array);
      const std::string exact =
          x.array != nullptr ? summary_of(*x.array, small ? 17 : digits_) : Text(x.value).str();
      const std::string constant = fmt::format("c{}_{}", node.id, i);
      add(text_, "  {} [label=\"{}\", {}, tooltip=\"constant {}\"];\n", constant, shown,
          constant_style, exact);
      edge(constant, arrival, " [style=dashed]");
      return;
    }
    const std::optional<std::size_t> source = clusters_.folded(x.id);
    const std::string from = source ? fmt::format("s{}", *source) : fmt::format("n{}", x.id);
    if (shows_partials && !folded)
      edge(from, arrival,
           " [" + partial(formulas[i], node.is_tensor() ? nullptr : &values[i]) + "]");
    else if (!(folded || source) || known_edges_.insert(from + ">" + arrival).second)
      edge(from, arrival, "");
  });
}

void Picture::edge(const std::string& from, const std::string& to, const std::string& attributes) {
  add(clusters_.is_open() ? postponed_edges_ : text_, "  {} -> {}{};\n", from, to, attributes);
}

/// The label of an edge: the partial derivative along it, or that nothing flows. For tensors there
/// is no value, and the label is the formula alone.
std::string Picture::partial(const Flow<Text>& formula, const Flow<double>* value) const {
  const std::string full = formula.open ? formula.partial.str() : "";
  const bool open = value != nullptr ? value->open : formula.open;
  std::string exact = value == nullptr ? full : Text(value->partial).str();
  if (!open) exact = "nothing flows";
  const std::string brief = open && value != nullptr ? number(value->partial) : exact;
  const bool both = !full.empty() && full != exact;
  std::string label;  // with spaces around it, since it would touch its edge otherwise
  if (both) label = fmt::format(" {} <br/>", html(shorten(full, max_formula_length, 0)));
  const std::string last =
      value == nullptr && open ? html(shorten(brief, max_formula_length, 0)) : brief;
  label += (both && open ? " = " : " ") + last + " ";
  const std::string tip = both ? full + (open ? " = " : ": ") + exact : exact;
  return fmt::format("label=<{}>, {}labeltooltip={}", label, open ? "" : "style=dashed, ",
                     tooltip(tip));
}

void Picture::hidden() {
  const std::size_t count = selection_.hidden_count();
  add(text_, "  hidden [label=<<b>{} more node{} hidden</b><br/>max_nodes is {}>, {}];\n", count,
      count == 1 ? " is" : "s are", options_.max_nodes, hidden_style);
  for (Id id = 0; id < selection_.end(); ++id) {
    if (!selection_.is_drawn(id)) continue;
    bool cut = false;
    for_each_operand(tape_, read_node(tape_, id), [&](int, const NodeOperand& x) {
      cut = cut || (!x.is_constant && !selection_.is_drawn(x.id));
    });
    const std::optional<std::size_t> folded = clusters_.folded(id);
    const std::string to = folded ? fmt::format("s{}", *folded) : fmt::format("n{}", id);
    if (cut && known_edges_.insert("hidden>" + to).second)
      add(text_, "  hidden -> {} [style=dotted];\n", to);
  }
}

}  // namespace chainrule::detail
