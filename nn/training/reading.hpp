// One number of a training run.
#pragma once

#include <string_view>
#include <vector>

namespace chainrule::nn {

/// A number and what it is called: {"loss", 0.25}. By custom the names are loss, accuracy,
/// learning_rate, seconds, and for the validation set the same with `val_` before them. The name is
/// not copied: what it is of must live as long.
struct Reading {
  std::string_view name;
  double value;
};

using Readings = std::vector<Reading>;

}  // namespace chainrule::nn
