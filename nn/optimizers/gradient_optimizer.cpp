#include "nn/optimizers/gradient_optimizer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "autodiff/arrays.hpp"

namespace chainrule::nn {

namespace {

/// Throws FormatError if a buffer of a state has an element that no step leaves there: NaN, and
/// negative numbers in buffers of squares and sizes. Infinity may come from a square.
void check_buffer(const Array& array, std::string_view buffer, std::string_view entry,
                  const char* optimizer) {
  constexpr std::string_view not_negative[] = {"second_moment",    "largest_second_moment",
                                               "largest_gradient", "mean_square",
                                               "square_sum",       "mean_square_step"};
  const bool has_sign =
      std::find(std::begin(not_negative), std::end(not_negative), buffer) == std::end(not_negative);
  for (const double x : detail::vector_of(array))
    if (std::isnan(x) || (!has_sign && x < 0.0))
      throw FormatError(fmt::format("{}: in the state {} has an element {}, which must be {}",
                                    optimizer, entry, x, has_sign ? "a number" : ">= 0"));
}

}  // namespace

GradientOptimizer::Power GradientOptimizer::make_power(double beta, std::int64_t t) {
  return {beta, t, std::pow(beta, static_cast<double>(t))};
}

void GradientOptimizer::add(const Parameters& parameters, std::size_t group) {
  std::vector<NamedParameter> all(parameters_.begin(), parameters_.end());
  std::unordered_set<VariableKey> keys;
  std::unordered_set<std::string> names;
  for (const NamedParameter& entry : all) {
    keys.insert(entry.parameter.key());
    names.insert(entry.name);
  }
  const std::unordered_set<std::string> earlier_names = names;
  for (const NamedParameter& entry : parameters) {
    if (!keys.insert(entry.parameter.key()).second)
      throw DomainError(
          fmt::format("Optimizer: the parameter {} is in a group already", entry.name));
    // Parameters of two models may have the same names; states and messages need distinct ones.
    std::string name = entry.name;
    if (earlier_names.contains(name)) name = fmt::format("group.{}.{}", group, name);
    if (!names.insert(name).second)
      throw DomainError(
          fmt::format("Optimizer: two parameters of one group are named {}", entry.name));
    all.push_back({name, entry.parameter});
  }
  slots_.reserve(all.size());
  for (const NamedParameter& entry : parameters) slots_.push_back({entry.parameter, group, 0, {}});
  parameters_ = Parameters(std::move(all));
}

// ---- Steps --------------------------------------------------------------------------------------

/// Stores array_of(i), the gradient with respect to parameter i or a null array, for every
/// trainable parameter.
template <class ArrayOf>
void GradientOptimizer::collect(ArrayOf array_of) {
  if (slots_.empty())
    throw GraphError(fmt::format(
        "{}: it has no parameters. Does the module pass its parts on in members()?", name()));
  pending_.assign(slots_.size(), Array());
  try {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      if (!slots_[i].parameter.is_trainable()) continue;
      pending_[i] = array_of(i);
      check_step(i, pending_[i]);
    }
  } catch (...) {
    pending_.clear();
    throw;
  }
}

void GradientOptimizer::update_all() {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Array gradient = std::exchange(pending_[i], Array());
    if (gradient.is_null()) continue;
    ++slots_[i].step;
    if (!gradient.is_contiguous()) gradient = contiguous(gradient);
    update(slots_[i], gradient);
  }
}

/// Throws unless the gradient, the parameter and its buffers have one shape and element type.
void GradientOptimizer::check_step(std::size_t i, const Array& gradient) const {
  const Array& value = slots_[i].parameter.value();
  if (gradient.is_null()) return;
  if (!gradient.has_shape(value.shape()))
    throw ShapeError(fmt::format("{}: the gradient by {} has shape {}, the parameter {}", name(),
                                 parameters_[i].name, text_of(Shape(gradient.shape())),
                                 text_of(Shape(value.shape()))));
  if (gradient.dtype() != value.dtype())
    throw DTypeError(fmt::format("{}: the gradient by {} is {}, the parameter {}", name(),
                                 parameters_[i].name, name_of(gradient.dtype()),
                                 name_of(value.dtype())));
  for (const Array& buffer : slots_[i].buffers)
    if (!buffer.is_null() && (buffer.dtype() != value.dtype() || !buffer.has_shape(value.shape())))
      throw DTypeError(fmt::format(
          "{}: the parameter {} was converted to {} {} since the last step. Make a new optimiser.",
          name(), parameters_[i].name, name_of(value.dtype()), text_of(Shape(value.shape()))));
}

void GradientOptimizer::collect(const Gradient& gradient) {
  bool is_used = false;
  collect([&](std::size_t i) {
    KeyedAdjoint found = gradient.adjoint_of(slots_[i].parameter);
    is_used = is_used || found.is_variable;
    return std::move(found.array);
  });
  if (!is_used)
    throw GraphError(fmt::format(
        "{}: no parameter was used in the gradient's graph, or all are frozen. Compute the loss "
        "with the model whose parameters the optimiser was given.",
        name()));
}

void GradientOptimizer::collect(const Gradients& gradients) {
  if (gradients.size() != slots_.size())
    throw ShapeError(fmt::format("{}: expected gradients of {} parameters, not of {}", name(),
                                 slots_.size(), gradients.size()));
  collect([&](std::size_t i) { return gradients[i]; });
}

void GradientOptimizer::step_by(const Evaluate& evaluate) { step(evaluate(false).gradients); }

void GradientOptimizer::step(const Gradient& gradient) {
  collect(gradient);
  update_all();
}
void GradientOptimizer::step(const Gradients& gradients) {
  collect(gradients);
  update_all();
}
// The gradient ends before the update, so that its arrays are unique and can be written to.
void GradientOptimizer::step(Gradient&& gradient) {
  collect(gradient);
  { const Gradient ended = std::move(gradient); }
  update_all();
}
void GradientOptimizer::step(Gradients&& gradients) {
  collect(gradients);
  { const Gradients ended = std::move(gradients); }
  update_all();
}

// ---- State --------------------------------------------------------------------------------------

State GradientOptimizer::state() const {
  State state;
  state.texts.emplace("optimizer", name());
  for (std::size_t group = 0; group < group_count(); ++group)
    for (const auto& [option, value] : options_of(group))
      state.numbers.emplace(fmt::format("group.{}.{}", group, option), value);
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const Slot& slot = slots_[i];
    state.numbers.emplace(parameters_[i].name + ".step", static_cast<double>(slot.step));
    const BufferNames names = buffer_names(slot.group);
    for (std::size_t k = 0; k < max_buffers; ++k)
      if (!slot.buffers[k].is_null())  // then it has a name
        state.arrays.emplace(parameters_[i].name + "." + names[k], slot.buffers[k]);
  }
  return state;
}

void GradientOptimizer::set_state(const State& given) {
  detail::check_optimizer(given, name());
  // A parameter that has been updated has every buffer that its options need.
  State wanted = state();
  wanted.arrays.clear();
  std::vector<Slot> slots = slots_;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    Slot& slot = slots[i];
    const auto found = given.numbers.find(parameters_[i].name + ".step");
    if (found == given.numbers.end()) continue;  // check_state() reports it as missing
    if (!detail::is_count(found->second))
      throw FormatError(fmt::format("{}: in the state {} is {}, which is not a count", name(),
                                    found->first, found->second));
    slot.step = static_cast<std::int64_t>(found->second);
    slot.buffers = {};
  }
  std::vector<std::vector<double>> options(group_count()), old_options(group_count());
  for (std::size_t group = 0; group < group_count(); ++group) {
    for (const auto& [option, value] : options_of(group)) {
      const auto found = given.numbers.find(fmt::format("group.{}.{}", group, option));
      options[group].push_back(found != given.numbers.end() ? found->second : value);
      old_options[group].push_back(value);
    }
    check_options(options[group]);
  }
  for (std::size_t group = 0; group < group_count(); ++group) set_options(group, options[group]);
  try {
    for (std::size_t i = 0; i < slots.size(); ++i) {
      if (slots[i].step == 0) continue;
      const BufferNames names = buffer_names(slots[i].group);
      for (const char* const buffer : names)
        if (buffer != nullptr)
          wanted.arrays.emplace(parameters_[i].name + "." + buffer, slots[i].parameter.value());
    }
    detail::check_state(wanted, given, name());
    for (std::size_t i = 0; i < slots.size(); ++i)
      for (const char* const buffer : buffer_names(slots[i].group))
        if (const std::string entry = buffer != nullptr ? parameters_[i].name + "." + buffer : "";
            wanted.arrays.contains(entry))
          check_buffer(given.arrays.find(entry)->second, buffer, entry, name());
  } catch (...) {
    for (std::size_t group = 0; group < group_count(); ++group)
      set_options(group, old_options[group]);
    throw;
  }
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (slots[i].step == 0) continue;
    const BufferNames names = buffer_names(slots[i].group);
    for (std::size_t k = 0; k < max_buffers; ++k) {
      if (names[k] == nullptr) continue;
      const Array& array = given.arrays.find(parameters_[i].name + "." + names[k])->second;
      slots[i].buffers[k] = contiguous(array);
    }
  }
  slots_ = std::move(slots);
}

}  // namespace chainrule::nn
