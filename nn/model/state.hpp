// State: what must be saved to continue later, of a module, an optimiser or a training run.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "autodiff/values/array.hpp"

namespace chainrule::nn {

/// The state of a module or an optimiser: values by name, as files store them.
struct State {
  std::map<std::string, Array, std::less<>> arrays;
  std::map<std::string, double, std::less<>> numbers;
  std::map<std::string, std::string, std::less<>> texts;
};

namespace detail {
/// Throws FormatError unless `given` has the names, shapes and element types of `wanted`. The
/// message lists everything that is missing, unexpected or different; it begins with `what`.
void check_state(const State& wanted, const State& given, std::string_view what);

/// Whether x is an integer from 0 to 2^53, the form in which states store counts.
bool is_count(double x);

/// A float64 array with these elements.
Array array_of(const std::vector<double>& x);
Array array_of(const std::vector<double>& x, const Shape& shape);
/// The elements of an array in row-major order.
std::vector<double> vector_of(const Array& array);
}  // namespace detail

}  // namespace chainrule::nn
