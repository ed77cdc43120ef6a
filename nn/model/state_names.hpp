// The names of parameters and buffers in files.
#pragma once

#include <string>
#include <vector>

#include "nn/model/module.hpp"

namespace chainrule::nn::detail {

/// One place of a parameter or buffer in a module.
struct StateName {
  std::string path;     ///< of this place: "layers.0.weight"
  std::string pytorch;  ///< as PyTorch names it, whose Sequential adds no "layers": "0.weight"
  std::string name;     ///< in Module::state(): the path of its first place
};

/// The places of all parameters and buffers, in the order of members(). A tied parameter has
/// several.
std::vector<StateName> state_names(const Module& module);

}  // namespace chainrule::nn::detail
