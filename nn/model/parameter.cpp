#include "nn/model/parameter.hpp"

#include <fmt/format.h>

namespace chainrule::nn {
namespace {

/// The numbers in row-major order, which a product with 1 leaves as they are.
Array in_row_major_order(const Array& x) { return x.is_contiguous() ? x : x * 1.0; }

const Array& assigned(const Tensor& value, const char* what) {
  if (value.value().is_null())
    throw DomainError(fmt::format("{}: given a Tensor that was never assigned", what));
  return value.value();
}

void check_like(const Array& old, const Array& value, const char* what) {
  if (!value.has_shape(old.shape()))
    throw ShapeError(fmt::format("{}: the new value has shape {}, the old one {}", what,
                                 text_of(Shape(value.shape())), text_of(Shape(old.shape()))));
  if (value.dtype() != old.dtype())
    throw DTypeError(fmt::format("{}: the new value is {}, the old one {}", what,
                                 name_of(value.dtype()), name_of(old.dtype())));
}

bool a_graph_is_alive() { return generation_of(current_tape->cursor) != 0; }

}  // namespace

Parameter::Parameter(const Tensor& value) {
  state_ = std::make_shared<State>();
  state_->value = in_row_major_order(assigned(value, "Parameter"));
  state_->key = new_variable_key();
}

void Parameter::throw_null() {
  throw DomainError(
      "Parameter: it was never assigned; a layer without a bias, for one, has such a bias");
}

Tensor Parameter::operator()() const {
  State& state = this->state();
  if (!state.is_trainable) return state.value;
  // A tag of the present generation is a node of the present graph.
  if (state.is_current && generation_of(state.tag) == generation_of(current_tape->cursor))
      [[likely]]
    return Tensor::node(state.value, state.tag);
  if (!a_graph_is_alive()) return state.value;
  return enter(state);
}

Tensor Parameter::enter(State& state) {
  if (!state.is_current || !current_tape->owns(state.tag)) {
    state.tag = detail::keyed_variable(state.key, state.value).tag();
    state.is_current = true;
  }
  return Tensor::node(state.value, state.tag);
}

void Parameter::set_value(const Tensor& value) {
  check_like(state().value, assigned(value, "Parameter"), "Parameter");
  changed(in_row_major_order(value.value()));
}

void Parameter::replace(const Tensor& value) {
  changed(in_row_major_order(assigned(value, "Parameter")));
}

void Parameter::changed(Array next) {
  state().value = std::move(next);
  state().is_current = false;
}

Parameter Parameter::copy() const {
  Parameter result((Tensor(value())));
  result.set_trainable(is_trainable());
  return result;
}

Buffer::Buffer(const Tensor& value) : value_(std::make_shared<Array>(assigned(value, "Buffer"))) {}

const Array& Buffer::value() const {
  if (value_ == nullptr) throw DomainError("Buffer: it was never assigned");
  return *value_;
}

void Buffer::replace(const Tensor& value) {
  static_cast<void>(this->value());
  *value_ = assigned(value, "Buffer");
}

void Buffer::set_value(const Tensor& value) {
  check_like(this->value(), assigned(value, "Buffer"), "Buffer");
  *value_ = value.value();
}

Parameters::Parameters(std::initializer_list<Parameter> list) {
  std::vector<NamedParameter> named;
  for (const Parameter& parameter : list)
    named.push_back({std::to_string(named.size()), parameter});
  *this = Parameters(std::move(named));
}

Parameter Parameters::at(std::string_view name) const {
  std::string names;
  for (const NamedParameter& entry : *list_) {
    if (entry.name == name) return entry.parameter;
    names += names.empty() ? entry.name : ", " + entry.name;
  }
  throw DomainError(fmt::format("Parameters: none is named \"{}\"; there are: {}", name, names));
}

std::int64_t Parameters::count() const {
  std::int64_t count = 0;
  for (const NamedParameter& entry : *list_) count += entry.parameter.size();
  return count;
}

}  // namespace chainrule::nn
