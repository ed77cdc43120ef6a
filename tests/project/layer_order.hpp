// The layers of the source tree, for the checks that no layer depends on a higher one.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

// Lowest first. "autodiff" stands for the headers directly in that folder, such as the umbrella
// header; "nn" stands for nn/nn.hpp.
inline const std::vector<std::string> layers = {
    "core",      "rules",   "values",  "kernels",     "structural", "graph",     "sweep",
    "transform", "io",      "view",    "autodiff",    "nn/model",   "nn/losses", "nn/optimizers",
    "nn/io",     "nn/data", "nn/plot", "nn/training", "nn"};

// The index of a layer in the order; -1 if it does not exist.
inline int layer_named(const std::string& name) {
  const auto found = std::find(layers.begin(), layers.end(), name);
  return found == layers.end() ? -1 : static_cast<int>(found - layers.begin());
}

// The layer of a source file, given its path from the root; -1 if its folder is unknown.
inline int layer_of(const std::string& file) {
  const std::filesystem::path path(file);
  auto part = path.begin();
  std::string layer = part->string();
  const bool is_in_folder = std::distance(path.begin(), path.end()) > 2;
  if (layer == "autodiff" && is_in_folder)
    layer = (++part)->string();
  else if (layer == "nn" && (is_in_folder || file != "nn/nn.hpp"))
    layer.append("/").append((++part)->string());
  return layer_named(layer);
}

inline std::string order_of_layers() {
  std::string text = "Order:";
  for (const std::string& layer : layers) text += " " + layer;
  return text;
}
