// Var: a number whose operations are recorded.
#pragma once

#include <concepts>
#include <limits>
#include <string_view>

#include "autodiff/core/common_mistakes.hpp"
#include "autodiff/core/functions.hpp"
#include "autodiff/graph/graph_stack.hpp"
#include "autodiff/rules/operation.hpp"

namespace chainrule {

/// A value and the tag of a node; 16 bytes, cheap to copy. Every operation on it appends one node
/// to the graph of the thread. A Var made from a plain number is a constant: it belongs to no graph
/// and makes no node. Using a Var whose graph is not the one being recorded is a GraphError.
class Var : public detail::CommonMistakes {
 public:
  /// The constant 0.
  Var() = default;
  /// A constant. See variable() for a number to differentiate with respect to.
  template <Number N>
  constexpr Var(N constant) : value_(static_cast<double>(constant)) {}

  double value() const { return value_; }
  bool is_constant() const { return tag_ == 0; }
  /// The number of its node in its graph; meaningless for a constant.
  Id id() const { return detail::id_of(tag_); }
  Tag tag() const { return tag_; }

  /// Gives the node a name, for pictures and messages, and returns the Var. Throws GraphError for a
  /// constant.
  Var named(std::string_view name) const;
  /// The name of the node; empty if it has none.
  std::string_view name() const;

  operator double() const = delete;  // the number is x.value(); functions: sin(x), not std::sin(x)

  /// For functions that record: node `tag` of the current graph, with its value.
  static Var node(double value, Tag tag) {
    Var v(value);
    v.tag_ = tag;
    return v;
  }

 private:
  double value_ = 0.0;
  Tag tag_ = 0;
};

/// A new variable of the current graph. Throws GraphError without a graph or at its node limit,
/// DomainError if the value is NaN or infinite.
inline Var variable(double value);
Var variable(double value, std::string_view name);

/// A comparison of Vars: converts to bool in `if`, and select() records it as an operand.
class Condition {
 public:
  using Recorder = Var (*)(const Var&, const Var&);
  Condition(const Var& x, const Var& y, bool holds, Recorder record)
      : x_(x), y_(y), record_(record), holds_(holds) {}

  operator bool() const { return holds_; }
  bool holds() const { return holds_; }
  /// x where the condition holds, else y, as a node that refers to the comparison.
  Var select(const Var& x, const Var& y) const;

 private:
  Var x_, y_;
  Recorder record_;  // records the comparison as a node, for select()
  bool holds_;
};

namespace detail {
// The slow path: constants, Vars of an older epoch of the graph, growth, errors. (Vars are passed
// by value, in registers: a reference would force every Var into memory on the fast path, too.)
Var record_slow(OpCode code, double value, Var x);
Var record_slow(OpCode code_of_nodes, double value, Var x, Var y);
Var variable_slow(double value);
Var record_wide(const Operation& operation, double value, const Var* x, int arity);
template <class Rule>
const Operation& outside_operation_of();
template <class Rule>
const Operation& recorded_operation_of() {
  if constexpr (is_built_in<Rule>)
    return operation_of<Rule>();
  else
    return outside_operation_of<Rule>();
}

inline bool current(Tag tag, const Tape& tape) { return ((tag ^ tape.cursor) >> 32) == 0; }
inline bool current(Tag a, Tag b, const Tape& tape) {
  return (((a ^ tape.cursor) | (b ^ tape.cursor)) >> 32) == 0;
}
}  // namespace detail

inline Var variable(double value) {
  detail::Tape& tape = *detail::current_tape;
  const bool finite = value - value == 0.0;
  if (finite && tape.cursor != tape.end) [[likely]]
    return Var::node(value, tape.push(OpCode::variable, value));
  return detail::variable_slow(value);
}

// Recording functions are always inlined. Otherwise a compiler stops inlining in large functions,
// where it matters most, and every operation becomes a call.
template <>
struct Interpreter<Var> {
  template <class Rule>
  [[gnu::always_inline]] static Var apply(const Var& x) {
    detail::check_is_listed<Rule>();
    const double value = value_of<Rule>(x.value());
    if constexpr (has_code<Rule>) {
      detail::Tape& tape = *detail::current_tape;
      if (detail::current(x.tag(), tape) && tape.cursor != tape.end) [[likely]]
        return Var::node(value, tape.push(code_of<Rule>(), value, x.tag()));
      return detail::record_slow(code_of<Rule>(), value, x);
    } else {
      return wide<Rule>(value, x);
    }
  }

  template <class Rule>
  [[gnu::always_inline]] static Var apply(const Var& x, const Var& y) {
    detail::check_is_listed<Rule>();
    const double value = value_of<Rule>(x.value(), y.value());
    if constexpr (has_code<Rule>) {
      detail::Tape& tape = *detail::current_tape;
      if (detail::current(x.tag(), y.tag(), tape) && tape.cursor != tape.end) [[likely]]
        return Var::node(value, tape.push(code_of<Rule>(), value, x.tag(), y.tag()));
      return detail::record_slow(code_of<Rule>(), value, x, y);
    } else {
      return wide<Rule>(value, x, y);
    }
  }

  template <class Rule, Number N>
  [[gnu::always_inline]] static Var apply(const Var& x, N n) {
    detail::check_is_listed<Rule>();
    const double y = static_cast<double>(n), value = value_of<Rule>(x.value(), y);
    if constexpr (has_code<Rule>) {
      detail::Tape& tape = *detail::current_tape;
      if (detail::current(x.tag(), tape) && tape.cursor != tape.end) [[likely]]
        return Var::node(value, tape.push(code_of<Rule>(Form::constant_right), value, x.tag(),
                                          tape.constant(y)));
      return detail::record_slow(code_of<Rule>(), value, x, y);
    } else {
      return wide<Rule>(value, x, y);
    }
  }

  template <class Rule, Number N>
  [[gnu::always_inline]] static Var apply(N n, const Var& y) {
    detail::check_is_listed<Rule>();
    const double x = static_cast<double>(n), value = value_of<Rule>(x, y.value());
    if constexpr (has_code<Rule>) {
      detail::Tape& tape = *detail::current_tape;
      if (detail::current(y.tag(), tape) && tape.cursor != tape.end) [[likely]]
        return Var::node(
            value, tape.push(code_of<Rule>(Form::constant_left), value, tape.constant(x), y.tag()));
      return detail::record_slow(code_of<Rule>(), value, x, y);
    } else {
      return wide<Rule>(value, x, y);
    }
  }

  template <class Rule>
  static Var apply(const Var& x, const Var& y, const Var& z) {
    detail::check_is_listed<Rule>();
    return wide<Rule>(value_of<Rule>(x.value(), y.value(), z.value()), x, y, z);
  }

  template <class Rule>
  static Condition compare(const Var& x, const Var& y) {
    return Condition(x, y, Rule::holds(x.value(), y.value()),
                     [](const Var& a, const Var& b) { return Interpreter::apply<Rule>(a, b); });
  }

  static Var select(bool condition, const Var& x, const Var& y) { return condition ? x : y; }

 private:
  template <class Rule, class... X>
  static Var wide(double value, const X&... x) {
    const Var operands[] = {Var(x)...};
    return detail::record_wide(detail::recorded_operation_of<Rule>(), value, operands,
                               sizeof...(X));
  }
};

// The same as the templates. After `using namespace std` a call with two Vars finds std::max as
// well, which is a better match than a template of the library, and records nothing.
template <std::same_as<Var> V>
V max(const V& x, const V& y) {
  return apply<rules::Max>(x, y);
}
template <std::same_as<Var> V>
V min(const V& x, const V& y) {
  return apply<rules::Min>(x, y);
}
template <std::same_as<Var> V>
V clamp(const V& x, const V& low, const V& high) {
  return apply<rules::Clamp>(x, low, high);
}

/// Matches any type that is neither a number nor a Var, so that mixing it with a Var gives one
/// short error.
struct only_numbers_and_variables_mix {
  template <class T>
    requires(!Value<T>)
  only_numbers_and_variables_mix(const T&);
};
Var operator+(const Var&, const only_numbers_and_variables_mix&) = delete;
Var operator+(const only_numbers_and_variables_mix&, const Var&) = delete;
Var operator-(const Var&, const only_numbers_and_variables_mix&) = delete;
Var operator-(const only_numbers_and_variables_mix&, const Var&) = delete;
Var operator*(const Var&, const only_numbers_and_variables_mix&) = delete;
Var operator*(const only_numbers_and_variables_mix&, const Var&) = delete;
Var operator/(const Var&, const only_numbers_and_variables_mix&) = delete;
Var operator/(const only_numbers_and_variables_mix&, const Var&) = delete;

}  // namespace chainrule

/// The numeric limits of double, as constant Vars.
template <>
class std::numeric_limits<chainrule::Var> : public std::numeric_limits<double> {
  using Doubles = std::numeric_limits<double>;
  using Var = chainrule::Var;

 public:
  static constexpr Var min() noexcept { return Doubles::min(); }
  static constexpr Var max() noexcept { return Doubles::max(); }
  static constexpr Var lowest() noexcept { return Doubles::lowest(); }
  static constexpr Var epsilon() noexcept { return Doubles::epsilon(); }
  static constexpr Var round_error() noexcept { return Doubles::round_error(); }
  static constexpr Var infinity() noexcept { return Doubles::infinity(); }
  static constexpr Var quiet_NaN() noexcept { return Doubles::quiet_NaN(); }
  static constexpr Var signaling_NaN() noexcept { return Doubles::signaling_NaN(); }
  static constexpr Var denorm_min() noexcept { return Doubles::denorm_min(); }
};
