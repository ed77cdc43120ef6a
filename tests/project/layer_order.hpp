// The layers of the source tree, for the checks that nothing depends on a higher one.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

// Lowest first; each is a folder of autodiff/. The umbrella header, autodiff/autodiff.hpp, lies
// between view and nn.
inline const std::vector<std::string> layers = {"core",       "rules", "values",   "kernels",
                                                "structural", "graph", "sweep",    "transform",
                                                "io",         "view",  "autodiff", "nn"};

// The place of a layer in the order; -1 if there is none of that name.
inline int layer_named(const std::string& name) {
  const auto found = std::find(layers.begin(), layers.end(), name);
  return found == layers.end() ? -1 : static_cast<int>(found - layers.begin());
}

// The layer of a source file by its path from the root; -1 where no such folder is known.
inline int layer_of(const std::string& file) {
  const std::filesystem::path path(file);
  auto part = path.begin();
  std::string layer = part->string();
  if (layer == "autodiff" && std::distance(path.begin(), path.end()) > 2)
    layer = (++part)->string();
  return layer_named(layer);
}

inline std::string order_of_layers() {
  std::string text = "Order:";
  for (const std::string& layer : layers) text += " " + layer;
  return text;
}
