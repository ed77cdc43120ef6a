// Keyed variables: values that outlive graphs and become a variable in each graph that uses them,
// such as the parameters of a model.
#pragma once

#include <concepts>

#include "autodiff/graph/tensor.hpp"

namespace chainrule {

/// A type with which gradients and derivatives can be queried: d[x], derivative(output, x). It has
/// the key of its variables and its current values, as nn::Parameter does.
template <class X>
concept Keyed = requires(const X& x) {
  { x.key() } -> std::same_as<VariableKey>;
  { x.value() } -> std::same_as<const Array&>;
};

/// The variables of one owner of values in all graphs, under one key that is unique in the process.
/// The owner keeps the array and passes it in. Must be used by one thread at a time.
class KeyedVariable {
 public:
  KeyedVariable() : key_(new_variable_key()) {}
  KeyedVariable(const KeyedVariable&) = delete;
  KeyedVariable& operator=(const KeyedVariable&) = delete;

  VariableKey key() const { return key_; }

  /// The variable of the innermost graph that has this array as its value. The first call in a
  /// graph makes it; it remains until the values change. Returns the constant `value` if no graph
  /// is alive. Precondition: values_changed() was called if `value` is not the array of the last
  /// call. Throws GraphError if the graph is full. Cost: a few nanoseconds if the variable exists.
  Tensor enter(const Array& value);
  /// Call this when the owner has a new array: the next enter() makes a new variable. It is not
  /// needed after a change in place, which Array::is_unique() allows only while no graph holds the
  /// array.
  void values_changed() { is_current_ = false; }

 private:
  VariableKey key_;
  Tag tag_ = 0;              // the variable of the last enter()
  bool is_current_ = false;  // whether the values are still those of that variable
};

}  // namespace chainrule
