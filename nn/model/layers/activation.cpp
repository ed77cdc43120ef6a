#include "nn/model/layers/activation.hpp"

#include <fmt/format.h>

#include <cmath>

namespace chainrule::nn {
namespace detail {

std::string type_name(std::string_view name) {
  std::string text;
  bool begins = true;
  for (const char c : name) {
    if (c != '_') text += begins && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    begins = c == '_';
  }
  return text;
}

double checked_parameter(const char* name, double parameter) {
  if (!std::isfinite(parameter))
    throw DomainError(
        fmt::format("{}: the parameter is {}; it must be finite", type_name(name), parameter));
  return parameter;
}

std::string describe_activation(const char* name, const double* parameter) {
  return parameter != nullptr ? fmt::format("{}({})", type_name(name), *parameter)
                              : type_name(name);
}

}  // namespace detail

Tensor Softmax::forward(const Tensor& x) const { return softmax(x, axis_); }
std::string Softmax::describe() const { return fmt::format("Softmax(axis {})", axis_); }

Tensor LogSoftmax::forward(const Tensor& x) const { return log_softmax(x, axis_); }
std::string LogSoftmax::describe() const { return fmt::format("LogSoftmax(axis {})", axis_); }

}  // namespace chainrule::nn
