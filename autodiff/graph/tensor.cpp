#include "autodiff/graph/tensor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "autodiff/core/error.hpp"
#include "autodiff/graph/recording.hpp"
#include "autodiff/graph/tensor_operation_type.hpp"
#include "autodiff/kernels/element_tests.hpp"
#include "autodiff/structural/arrangement.hpp"

namespace chainrule {
using namespace detail;

namespace {

TensorRef number_ref(Tape& tape, double number) {
  return TensorRef::number(id_of(tape.constant(number)));
}

TensorRef array_ref(Tape& tape, const Array& array) {
  return TensorRef::array(tape.add_array(array));
}

/// Appends a tensor node whose operands are ref(0), ref(1), ... If this fails, nothing has changed
/// except for constants that nothing refers to.
template <class Ref>
Tensor push(Tape& tape, Array value, const Operation* scalar, const TensorOperation* structural,
            void* parameters, std::size_t arity, Ref ref) {
  TensorRecord& record = tape.tensors;
  const std::size_t first = record.operands.size(), index = record.nodes.size();
  try {
    for (std::size_t k = 0; k < arity; ++k) record.operands.push_back(ref(k));
    record.nodes.push_back({value.copy_in_this_thread(), scalar, structural, parameters,
                            id_of(tape.cursor), static_cast<std::uint32_t>(first),
                            static_cast<std::uint32_t>(arity)});
  } catch (...) {
    record.operands.resize(first, TensorRef::node(0));
    if (parameters != nullptr) structural->destroy_parameters(parameters);
    throw;
  }
  record.passes = &tensor_passes;
  const Tag tag = tape.push(OpCode::tensor, 0.0, index_tag(index));
  return Tensor::node(std::move(value), tag);
}

/// The element type of the tensors among the operands, of which there is at least one.
DType dtype_of_tensors(const detail::TensorInput* x) {
  while (x->tensor == nullptr) ++x;
  return x->tensor->dtype();
}

}  // namespace

std::int64_t Tensor::shape(std::int64_t axis) const {
  return value_.shape(axis_of(axis, rank(), "shape"));
}

Tensor Tensor::named(std::string_view name) const {
  detail::name_node(tag_, name);
  return *this;
}

std::string_view Tensor::name() const { return detail::name_of_node(tag_); }

double Tensor::item() const {
  if (value_.is_null()) detail::throw_unassigned("item");
  if (size() != 1)
    throw ShapeError(fmt::format("item: a tensor of shape {} does not have exactly one element",
                                 text_of(shape())));
  return value_.element(0);
}

namespace {

std::int64_t position_of(const Array& x, std::span<const std::int64_t> index, const char* name) {
  const Shape shape = detail::shape_of(x, name);
  if (index.size() != shape.size())
    throw ShapeError(
        fmt::format("{}: {} indices for a tensor of shape {}", name, index.size(), text_of(shape)));
  std::int64_t position = 0;
  for (std::size_t i = 0; i < index.size(); ++i)
    position = position * shape[i] + index_along(index[i], i, shape, name);
  return position;
}

Var record_element(const Tensor& x, std::int64_t position) {
  const double value = x.value().element(position);
  if (x.is_constant()) return value;
  detail::check_owned(*current_tape, x.tag(), "element", value);
  Tape& tape = detail::tape_with_room("element");
  const std::size_t index = tape.tensors.elements.size();
  tape.tensors.elements.push_back({x.id(), position});
  return Var::node(value, tape.push(OpCode::element, value, index_tag(index)));
}

}  // namespace

double Tensor::at(std::initializer_list<std::int64_t> index) const {
  return value_.element(position_of(value_, {index.begin(), index.size()}, "at"));
}

Var Tensor::element(std::initializer_list<std::int64_t> index) const {
  return record_element(*this, position_of(value_, {index.begin(), index.size()}, "element"));
}

Tensor::operator Var() const {
  if (value_.is_null()) detail::throw_unassigned("Var");
  if (size() != 1)
    throw ShapeError(fmt::format(
        "Var: a tensor of shape {} does not have exactly one element. Reduce it with sum() or "
        "mean(), or select one with "
        "element().",
        text_of(shape())));
  return record_element(*this, 0);
}

Tensor variable(const Tensor& value) {
  const Array& array = value.value();
  if (array.is_null()) detail::throw_unassigned("variable");
  if (all_finite(array)) return detail::variable_unchecked(array);
  for (std::int64_t i = 0;; ++i)
    if (const double x = array.element(i); !std::isfinite(x))
      throw DomainError(fmt::format(
          "variable: element {} of shape {} is {}, not finite. A variable is a point to "
          "differentiate at; use the tensor as a constant instead.",
          i, text_of(value.shape()), x));
}

Tensor variable(const Tensor& value, std::string_view name) { return variable(value).named(name); }

Tensor tensor(const Var& x, DType dtype) {
  Array value = Array::scalar(dtype, x.value());
  if (x.is_constant()) return value;
  detail::check_owned(*current_tape, x.tag(), "tensor", x.value());
  Tape& tape = detail::tape_with_room("tensor");
  return push(tape, std::move(value), nullptr, &scalar_stack_operation(), nullptr, 1,
              [&](std::size_t) { return TensorRef::node(x.id()); });
}

Tensor stack(std::span<const Var> x, DType dtype) {
  const std::int64_t count = static_cast<std::int64_t>(x.size());
  Array value = Array::uninitialised(dtype, {&count, 1});
  bool is_constant = true;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (dtype == DType::float32)
      value.mutable_data_as<float>()[i] = static_cast<float>(x[i].value());
    else
      value.mutable_data_as<double>()[i] = x[i].value();
    if (x[i].is_constant()) continue;
    is_constant = false;
    detail::check_owned(*current_tape, x[i].tag(), "stack", x[i].value());
  }
  if (is_constant) return value;
  Tape& tape = detail::tape_with_room("stack");
  return push(tape, std::move(value), nullptr, &scalar_stack_operation(), nullptr, x.size(),
              [&](std::size_t k) {
                return x[k].is_constant() ? number_ref(tape, x[k].value())
                                          : TensorRef::node(x[k].id());
              });
}

namespace {

/// An elementwise operation with Vars among its operands, which become tensors of rank 0.
Tensor record_mixed(const Operation& operation, const detail::TensorInput* x, int count) {
  return detail::all_or_nothing([&] {
    Tensor lifts[max_arity];
    detail::TensorInput inputs[max_arity] = {0.0, 0.0, 0.0};
    for (int k = 0; k < count; ++k) {
      inputs[k] = x[k];
      if (x[k].var == nullptr) continue;
      lifts[k] = tensor(*x[k].var, dtype_of_tensors(x));
      inputs[k] = lifts[k];
    }
    return detail::record_elements(operation, inputs, count);
  });
}

}  // namespace

namespace detail {

Tensor variable_unchecked(const Array& value) {
  return push(tape_with_room("variable"), value, nullptr, nullptr, nullptr, 0,
              [](std::size_t) { return TensorRef::node(0); });
}

Tensor record_elements(const Operation& operation, const TensorInput* x, int count) {
  for (int k = 0; k < count; ++k)
    if (x[k].var != nullptr && !x[k].var->is_constant()) return record_mixed(operation, x, count);
  const char* const name = operation.notation.name;
  ArrayInput inputs[max_arity] = {0.0, 0.0, 0.0};
  Tag tags[max_arity] = {};
  bool is_constant = true;
  for (int k = 0; k < count; ++k) {
    if (x[k].tensor != nullptr) {
      inputs[k] = x[k].tensor->value();
      tags[k] = x[k].tensor->tag();
    } else if (x[k].array != nullptr) {
      inputs[k] = *x[k].array;
    } else {
      inputs[k] = x[k].var != nullptr ? x[k].var->value() : x[k].number;
    }
    is_constant = is_constant && tags[k] == 0;
  }
  Array value = evaluate_elements(operation, inputs, count);
  if (is_constant) return value;
  for (int k = 0; k < count; ++k)
    if (tags[k] != 0) check_owned(*current_tape, tags[k], name, *inputs[k].array);
  Tape& tape = tape_with_room(name);
  return push(tape, std::move(value), &operation, nullptr, nullptr, static_cast<std::size_t>(count),
              [&](std::size_t k) {
                if (tags[k] != 0) return TensorRef::node(id_of(tags[k]));
                return inputs[k].array != nullptr ? array_ref(tape, *inputs[k].array)
                                                  : number_ref(tape, inputs[k].number);
              });
}

Tensor record_structural(const TensorOperation& operation, const void* parameters,
                         const Tensor* const* x, std::size_t count) {
  const char* const name = operation.notation.name;
  ShortArray<const Array*> arrays(count);
  bool is_constant = true;
  for (std::size_t k = 0; k < count; ++k) {
    arrays[k] = &x[k]->value();
    if (arrays[k]->is_null())
      throw ShapeError(fmt::format("{}: operand {} is a Tensor that was never assigned", name, k));
    check_same_type(name, *arrays[0], *arrays[k]);
    is_constant = is_constant && x[k]->is_constant();
  }
  Array value = operation.value(parameters, arrays.data(), count);
  if (is_constant) return value;
  for (std::size_t k = 0; k < count; ++k)
    if (!x[k]->is_constant()) check_owned(*current_tape, x[k]->tag(), name, *arrays[k]);
  Tape& tape = tape_with_room(name);
  void* const kept =
      operation.copy_parameters != nullptr ? operation.copy_parameters(parameters) : nullptr;
  return push(tape, std::move(value), nullptr, &operation, kept, count, [&](std::size_t k) {
    return x[k]->is_constant() ? array_ref(tape, x[k]->value()) : TensorRef::node(x[k]->id());
  });
}

}  // namespace detail
}  // namespace chainrule
