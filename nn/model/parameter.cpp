#include "nn/model/parameter.hpp"

#include <fmt/format.h>

#include "autodiff/arrays.hpp"

namespace chainrule::nn {
namespace {

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

}  // namespace

Parameter::Parameter(const Tensor& value) {
  state_ = std::make_shared<State>();
  state_->value = contiguous(assigned(value, "Parameter"));
}

void Parameter::throw_null() {
  throw DomainError(
      "Parameter: it was never assigned. Check is_null() first; the bias of a layer without one is "
      "such a parameter.");
}

Tensor Parameter::operator()() const {
  State& state = this->state();
  return state.is_trainable ? state.variable.enter(state.value) : Tensor(state.value);
}

void Parameter::set_value(const Tensor& value) {
  check_like(state().value, assigned(value, "Parameter"), "Parameter");
  changed(contiguous(value.value()));
}

void Parameter::replace(const Tensor& value) { changed(contiguous(assigned(value, "Parameter"))); }

void Parameter::changed(Array next) {
  state().value = std::move(next);
  state().variable.values_changed();
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
