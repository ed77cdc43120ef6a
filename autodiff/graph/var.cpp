#include "autodiff/graph/var.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "autodiff/core/error.hpp"
#include "autodiff/graph/recording.hpp"
#include "autodiff/rules/piecewise.hpp"

namespace chainrule {
using namespace detail;

namespace {

using detail::tape_with_room;

void check_is_owned(const Tape& tape, const Var& x, const char* operation) {
  if (!x.is_constant()) detail::check_owned(tape, x.tag(), operation, x.value());
}

}  // namespace

Var Var::named(std::string_view name) const {
  detail::name_node(tag_, name);
  return *this;
}

std::string_view Var::name() const { return detail::name_of_node(tag_); }

Var variable(double value, std::string_view name) { return variable(value).named(name); }

Var Condition::select(const Var& x, const Var& y) const {
  if (x_.is_constant() && y_.is_constant()) return holds_ ? x : y;
  return detail::all_or_nothing([&] { return apply<rules::Select>(record_(x_, y_), x, y); });
}

namespace detail {

Var variable_slow(double value) {
  if (!std::isfinite(value))
    throw DomainError(fmt::format(
        "variable: the value {} is not finite. A variable is a point to differentiate at; use a "
        "plain double for a constant that is infinite or NaN.",
        value));
  Tape& tape = tape_with_room("variable");
  return Var::node(value, tape.push(OpCode::variable, value));
}

Var record_slow(OpCode code, double value, Var x) {
  if (x.is_constant()) return value;
  const char* name = operation(code).notation.name;
  check_is_owned(*current_tape, x, name);
  return Var::node(value, tape_with_room(name).push(code, value, x.tag()));
}

Var record_slow(OpCode code_of_nodes, double value, Var x, Var y) {
  if (x.is_constant() && y.is_constant()) return value;
  const Operation& meant = operation(code_of_nodes);
  check_is_owned(*current_tape, x, meant.notation.name);
  check_is_owned(*current_tape, y, meant.notation.name);
  Tape& tape = tape_with_room(meant.notation.name);
  const auto code = [&](Form form) {
    return OpCode(static_cast<int>(code_of_nodes) + static_cast<int>(form));
  };
  if (x.is_constant())
    return Var::node(
        value, tape.push(code(Form::constant_left), value, tape.constant(x.value()), y.tag()));
  if (y.is_constant())
    return Var::node(
        value, tape.push(code(Form::constant_right), value, x.tag(), tape.constant(y.value())));
  return Var::node(value, tape.push(code_of_nodes, value, x.tag(), y.tag()));
}

Var record_wide(const Operation& operation, double value, const Var* x, int arity) {
  bool constant = true;
  for (int i = 0; i < arity; ++i) {
    check_is_owned(*current_tape, x[i], operation.notation.name);
    constant = constant && x[i].is_constant();
  }
  if (constant) return value;
  Tape& tape = tape_with_room(operation.notation.name);
  const std::size_t entry = tape.wide.size();
  if (entry > max_nodes)
    throw GraphError("the graph has more operations of three operands than it can hold");
  const Operation* address = &operation;
  std::uint32_t words[2 + max_arity] = {};
  static_assert(sizeof address <= 2 * sizeof words[0]);
  std::memcpy(words, &address, sizeof address);
  std::transform(x, x + arity, words + 2, [&](const Var& operand) {
    if (!operand.is_constant()) return TensorRef::node(operand.id()).word();
    return TensorRef::number(id_of(tape.constant(operand.value()))).word();
  });
  tape.wide.insert(tape.wide.end(), words, words + 2 + arity);
  return Var::node(value, tape.push(OpCode::wide, value, index_tag(entry)));
}

}  // namespace detail
}  // namespace chainrule
