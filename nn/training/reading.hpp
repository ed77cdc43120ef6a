// A named measurement of a training run.
#pragma once

#include <string_view>
#include <vector>

#include "autodiff/core/language.hpp"

namespace chainrule::nn {

/// A name and a value: {"loss", 0.25}. Conventional names are loss, accuracy, learning_rate and
/// seconds, with the prefix `val_` for the validation set. The name is not copied: its characters
/// must outlive the reading.
struct Reading {
  std::string_view name;
  double value;
};

using Readings = std::vector<Reading>;

}  // namespace chainrule::nn
