// Parameters: the numbers that training changes, and lists of them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "autodiff/autodiff.hpp"

namespace chainrule::nn {

/// Numbers that belong to a module and are trained. A handle: copies name the same numbers, so a
/// module that is copied shares its parameters with the copy, and one Parameter in two places of a
/// model is tied. Call it to compute with it:
///
///   Tensor y = x * scale();
///
/// A model is used by one thread at a time; other threads take a clone(), which shares the numbers
/// until one of the two changes them.
class Parameter {
 public:
  /// No parameter, such as the bias of a layer without one. All but is_null(), is_same() and
  /// assigning to it throws DomainError.
  Parameter() = default;
  /// With these numbers to begin with. Throws DomainError for a Tensor that was never assigned.
  explicit Parameter(const Tensor& value);

  /// Enters the innermost graph and returns the parameter's variable there. This call is the only
  /// way for a parameter to enter a graph. The variable is made at the first call and found again
  /// at later ones; after a change of the values, the next call makes a new one. A constant if no
  /// graph is alive or the parameter is not trainable. Cost: a few nanoseconds after the first
  /// call. Gradients are asked by the parameter itself, d[parameter], even when the graph is gone.
  Tensor operator()() const;
  operator Tensor() const = delete;  ///< To compute with a parameter, call it: weight().

  const Array& value() const { return state().value; }
  /// By what graphs and gradients know it.
  VariableKey key() const { return state().variable.key(); }
  /// Other numbers in the same shape and of the same element type (ShapeError, DTypeError).
  void set_value(const Tensor& value);
  /// Other numbers of any shape and type, for a module that is converted.
  void replace(const Tensor& value);

  DType dtype() const { return value().dtype(); }
  Shape shape() const { return Shape(value().shape()); }
  std::int64_t size() const { return value().size(); }

  /// Whether it takes part in training. One that does not is a constant in every graph.
  bool is_trainable() const { return state().is_trainable; }
  void set_trainable(bool is_trainable) { state().is_trainable = is_trainable; }

  bool is_null() const { return state_ == nullptr; }
  /// Whether both handles name the same numbers.
  bool is_same(const Parameter& other) const { return state_ == other.state_; }
  /// A parameter of its own with equal numbers, which both share until one changes.
  Parameter copy() const;

  /// For who computes new numbers from the old, f(old, new), both in row-major order: `new` is the
  /// same memory if nobody else sees the numbers; else that of `spare`, an array of their shape and
  /// type, if nobody sees its numbers, which becomes the value; else it is memory of its own.
  template <class F>
  void update(F&& f, Array spare = Array()) {
    Array& value = state().value;
    if (value.is_unique()) {
      f(value.data(), value.mutable_data());
    } else {
      Array next = !spare.is_null() && spare.is_unique() ? std::move(spare) : Array::like(value);
      f(value.data(), next.mutable_data());
      changed(std::move(next));
    }
  }

 private:
  struct State {
    Array value;  // in row-major order
    KeyedVariable variable;
    bool is_trainable = true;
  };
  State& state() const {
    if (state_ == nullptr) [[unlikely]]
      throw_null();
    return *state_;
  }
  [[noreturn]] static void throw_null();
  void changed(Array next);

  std::shared_ptr<State> state_;
};

/// Numbers that belong to a module and are saved with it, but not trained: running statistics. A
/// handle like Parameter.
class Buffer {
 public:
  Buffer() = default;
  /// Throws DomainError for a Tensor that was never assigned.
  explicit Buffer(const Tensor& value);

  /// Throws DomainError for a Buffer that was never assigned, as all below do.
  const Array& value() const;
  /// Throws ShapeError, DTypeError.
  void set_value(const Tensor& value);
  void replace(const Tensor& value);
  bool is_null() const { return value_ == nullptr; }
  bool is_same(const Buffer& other) const { return value_ == other.value_; }
  Buffer copy() const { return Buffer(Tensor(value())); }

 private:
  std::shared_ptr<Array> value_;
};

struct NamedParameter {
  std::string name;  ///< the path from the module that was asked: "layers.0.weight"
  Parameter parameter;
};
struct NamedBuffer {
  std::string name;
  Buffer buffer;
};

/// Parameters in a fixed order, each once, with their names. Cheap to copy.
class Parameters {
 public:
  Parameters() : Parameters(std::vector<NamedParameter>()) {}
  explicit Parameters(std::vector<NamedParameter> list)
      : list_(std::make_shared<const std::vector<NamedParameter>>(std::move(list))) {}
  /// Named by their places: "0", "1", ...
  Parameters(std::initializer_list<Parameter> list);

  std::size_t size() const { return list_->size(); }
  bool empty() const { return list_->empty(); }
  const NamedParameter& operator[](std::size_t i) const { return (*list_)[i]; }
  auto begin() const { return list_->begin(); }
  auto end() const { return list_->end(); }
  /// The parameter of that name. Throws DomainError, listing the names there are, if none has it.
  Parameter at(std::string_view name) const;
  /// The numbers in all of them together.
  std::int64_t count() const;

 private:
  std::shared_ptr<const std::vector<NamedParameter>> list_;
};

}  // namespace chainrule::nn
