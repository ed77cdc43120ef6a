#include "nn/parameter.hpp"

#include <fmt/format.h>

#include <algorithm>

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

bool is_alive(Tag tag) {
  for (const Tape* tape = current_tape; tape != nullptr; tape = tape->enclosing)
    if (tape->owns(tag)) return true;
  return false;
}

}  // namespace

Parameter::Parameter(const Tensor& value) {
  state_ = std::make_shared<State>();
  state_->value = in_row_major_order(assigned(value, "Parameter"));
}

Tensor Parameter::operator()() const {
  State& state = *state_;
  if (!state.is_trainable) return state.value;
  // A tag of the present generation is a node of the present graph.
  if (state.place.is_current &&
      generation_of(state.place.tag) == generation_of(current_tape->cursor)) [[likely]]
    return Tensor::node(state.value, state.place.tag);
  if (!a_graph_is_alive()) return state.value;
  return enter(state);
}

Tensor Parameter::enter(State& state) {
  const Tape& tape = *current_tape;
  const auto is_here = [&](const Place& place) { return tape.owns(place.tag); };
  if (!is_here(state.place)) {
    // Graphs nest: the node in an outer one is needed again when the inner one has ended.
    std::erase_if(state.outer, [](const Place& place) { return !is_alive(place.tag); });
    if (is_alive(state.place.tag)) state.outer.push_back(state.place);
    const auto found = std::find_if(state.outer.begin(), state.outer.end(), is_here);
    state.place = found != state.outer.end() ? *found : Place();
    if (found != state.outer.end()) state.outer.erase(found);
  }
  if (!state.place.is_current) state.place = {detail::variable_unchecked(state.value).tag(), true};
  return Tensor::node(state.value, state.place.tag);
}

Parameter::operator Tensor() const {
  if (state_->place.tag == 0)
    throw GraphError(
        "Parameter: it was no variable of any graph yet. To compute with it, call it: weight().");
  return Tensor::node(state_->value, state_->place.tag);
}

Tag Parameter::tag_in(const Gradient& gradient) const {
  const State& state = *state_;
  if (gradient.covers(state.place.tag)) [[likely]]
    return state.place.tag;
  for (const Place& place : state.outer)
    if (gradient.covers(place.tag)) return place.tag;
  return 0;
}

void Parameter::set_value(const Tensor& value) {
  check_like(state_->value, assigned(value, "Parameter"), "Parameter");
  changed(in_row_major_order(value.value()));
}

void Parameter::replace(const Tensor& value) {
  changed(in_row_major_order(assigned(value, "Parameter")));
}

void Parameter::changed(Array next) {
  state_->value = std::move(next);
  state_->place.is_current = false;
  for (Place& place : state_->outer) place.is_current = false;
}

Parameter Parameter::copy() const {
  Parameter result((Tensor(value())));
  result.set_trainable(is_trainable());
  return result;
}

Buffer::Buffer(const Tensor& value) : value_(std::make_shared<Array>(assigned(value, "Buffer"))) {}

void Buffer::replace(const Tensor& value) { *value_ = assigned(value, "Buffer"); }

void Buffer::set_value(const Tensor& value) {
  check_like(*value_, assigned(value, "Buffer"), "Buffer");
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
