#include "nn/optimizers/optimizer.hpp"

#include <fmt/format.h>

#include <cmath>

namespace chainrule::nn {

namespace detail {

void check_option(bool holds, const char* optimizer, const char* option, double value,
                  const char* range) {
  if (!holds)
    throw DomainError(fmt::format("{}: {} is {}; it must be {}", optimizer, option, value, range));
}
void check_not_negative(const char* optimizer, const char* option, double value) {
  check_option(value >= 0.0 && std::isfinite(value), optimizer, option, value,
               "finite and not negative");
}
void check_fraction(const char* optimizer, const char* option, double value) {
  check_option(value >= 0.0 && value < 1.0, optimizer, option, value, "in [0, 1)");
}
void check_optimizer(const State& state, const char* optimizer) {
  const auto kind = state.texts.find("optimizer");
  if (kind != state.texts.end() && kind->second != optimizer)
    throw FormatError(
        fmt::format("{}: the state is that of an optimiser {}", optimizer, kind->second));
}

}  // namespace detail

void Optimizer::check_group(std::size_t group) const {
  if (group >= group_count())
    throw ShapeError(
        fmt::format("{}: there is no group {}; there are {} groups", name(), group, group_count()));
}

void Optimizer::check_rate(double rate) const {
  detail::check_not_negative(name(), "learning_rate", rate);
}

double Optimizer::learning_rate(std::size_t group) const {
  check_group(group);
  return const_cast<Optimizer*>(this)->rate(group);
}

void Optimizer::set_learning_rate(double rate, std::size_t group) {
  check_group(group);
  check_rate(rate);
  this->rate(group) = rate;
}

void Optimizer::set_learning_rate(double rate) {
  for (std::size_t group = 0; group < group_count(); ++group) set_learning_rate(rate, group);
}

void Optimizer::scale_learning_rate(double factor) {
  for (std::size_t group = 0; group < group_count(); ++group)
    set_learning_rate(learning_rate(group) * factor, group);
}

}  // namespace chainrule::nn
