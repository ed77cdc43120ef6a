// Parameters: the values that training changes, and lists of them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "autodiff/graphs.hpp"
#include "nn/model/common_mistakes.hpp"

namespace chainrule::nn {

/// Values that belong to a module and are trained. A handle: copies refer to the same values. So a
/// copied module shares its parameters with the original, and one Parameter in two places of a
/// model is tied. Call it to compute with it:
///
///   Tensor y = x * scale();
///
/// Not thread safe: a model is used by one thread at a time. Other threads take a clone(), which
/// shares memory with the original until one of the two changes.
class Parameter : public detail::CommonMistakes {
 public:
  /// A null handle, such as the bias of a layer without one. Everything but is_null(), is_same()
  /// and assignment throws DomainError.
  Parameter() = default;
  /// A parameter with these initial values. Throws DomainError for a Tensor that was never
  /// assigned.
  explicit Parameter(const Tensor& value);

  /// Enters the innermost graph and returns the parameter's variable there. This call is the only
  /// way for a parameter to enter a graph. The first call in a graph makes the variable, and later
  /// calls find it. After a change of the values, the next call makes a new one. Returns a constant
  /// if no graph is active or the parameter is not trainable. The derivative is d[parameter] for a
  /// Gradient d, even if its graph has ended. Cost: a few nanoseconds after the first call.
  Tensor operator()() const;
  operator Tensor() const = delete;  ///< To compute with a parameter, call it: weight().

  const Array& value() const { return state().value; }
  /// Identifies the parameter's variables in graphs and gradients.
  VariableKey key() const { return state().variable.key(); }
  /// Replaces the values by others of the same shape (ShapeError) and element type (DTypeError).
  void set_value(const Tensor& value);
  /// Replaces the values by others of any shape and element type, to convert a module.
  void replace(const Tensor& value);

  DType dtype() const { return value().dtype(); }
  Shape shape() const { return Shape(value().shape()); }
  std::int64_t size() const { return value().size(); }

  /// Whether the parameter is trained. If not, it is a constant in every graph.
  bool is_trainable() const { return state().is_trainable; }
  void set_trainable(bool is_trainable) { state().is_trainable = is_trainable; }

  bool is_null() const { return state_ == nullptr; }
  /// Whether both handles refer to the same parameter.
  bool is_same(const Parameter& other) const { return state_ == other.state_; }
  /// A new parameter with equal values. The two share memory until one changes.
  Parameter copy() const;

  /// Computes new values from the old ones by f(const void* old, void* next), both in row-major
  /// order. Writes in place if no other handle shares the array; otherwise into `spare`, an array
  /// of the same shape and element type, if that is not shared; otherwise into a new array.
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

/// Values that belong to a module and are saved with it, but not trained, such as running
/// statistics. A handle like Parameter.
class Buffer {
 public:
  Buffer() = default;
  /// Throws DomainError for a Tensor that was never assigned.
  explicit Buffer(const Tensor& value);

  /// Throws DomainError for a null handle, as the functions below do.
  const Array& value() const;
  /// Replaces the values by others of the same shape (ShapeError) and element type (DTypeError).
  void set_value(const Tensor& value);
  void replace(const Tensor& value);
  bool is_null() const { return value_ == nullptr; }
  bool is_same(const Buffer& other) const { return value_ == other.value_; }
  Buffer copy() const { return Buffer(Tensor(value())); }

 private:
  std::shared_ptr<Array> value_;
};

struct NamedParameter {
  std::string name;  ///< the path from the module that listed it: "layers.0.weight"
  Parameter parameter;
};
struct NamedBuffer {
  std::string name;
  Buffer buffer;
};

/// A list of distinct parameters with their names, in a fixed order. Cheap to copy.
class Parameters {
 public:
  Parameters() : Parameters(std::vector<NamedParameter>()) {}
  explicit Parameters(std::vector<NamedParameter> list)
      : list_(std::make_shared<const std::vector<NamedParameter>>(std::move(list))) {}
  /// Named by their positions: "0", "1", ...
  Parameters(std::initializer_list<Parameter> list);

  std::size_t size() const { return list_->size(); }
  bool empty() const { return list_->empty(); }
  const NamedParameter& operator[](std::size_t i) const { return (*list_)[i]; }
  auto begin() const { return list_->begin(); }
  auto end() const { return list_->end(); }
  /// The parameter with that name. Throws DomainError, which lists the names, if there is none.
  Parameter at(std::string_view name) const;
  /// The number of elements in all of the parameters.
  std::int64_t count() const;

 private:
  std::shared_ptr<const std::vector<NamedParameter>> list_;
};

}  // namespace chainrule::nn
