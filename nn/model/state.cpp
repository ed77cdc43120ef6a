#include "nn/model/state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "autodiff/core/error.hpp"

namespace chainrule::nn::detail {
namespace {

/// Appends to `faults` the entries of one kind that are missing, unexpected or, by `differs`,
/// different.
template <class T, class F>
void compare(const std::map<std::string, T, std::less<>>& wanted,
             const std::map<std::string, T, std::less<>>& given, std::string& faults, F differs) {
  for (const auto& [name, value] : wanted) {
    const auto found = given.find(name);
    if (found == given.end())
      faults += fmt::format("\n  missing: {}", name);
    else
      faults += differs(name, value, found->second);
  }
  for (const auto& [name, value] : given)
    if (!wanted.contains(name)) faults += fmt::format("\n  unexpected: {}", name);
}

}  // namespace

void check_state(const State& wanted, const State& given, std::string_view what) {
  std::string faults;
  compare(wanted.arrays, given.arrays, faults,
          [](const std::string& name, const Array& a, const Array& b) {
            if (b.is_null()) return fmt::format("\n  {}: an array without elements given", name);
            if (a.has_shape(b.shape()) && a.dtype() == b.dtype()) return std::string();
            return fmt::format("\n  {}: {} {} given, {} {} wanted", name, name_of(b.dtype()),
                               text_of(Shape(b.shape())), name_of(a.dtype()),
                               text_of(Shape(a.shape())));
          });
  const auto no_difference = [](const auto&...) { return std::string(); };
  compare(wanted.numbers, given.numbers, faults, no_difference);
  compare(wanted.texts, given.texts, faults, no_difference);
  if (!faults.empty())
    throw FormatError(fmt::format("{}: the state does not fit:{}", what, faults));
}

bool is_count(double x) { return x >= 0.0 && x <= 0x1p53 && x == std::floor(x); }

Array array_of(const std::vector<double>& x) {
  return array_of(x, {static_cast<std::int64_t>(x.size())});
}

Array array_of(const std::vector<double>& x, const Shape& shape) {
  Array array = Array::uninitialised(DType::float64, shape);
  std::copy(x.begin(), x.end(), array.mutable_data_as<double>());
  return array;
}

std::vector<double> vector_of(const Array& array) {
  std::vector<double> x(static_cast<std::size_t>(array.size()));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = array.element(static_cast<std::int64_t>(i));
  return x;
}

}  // namespace chainrule::nn::detail
