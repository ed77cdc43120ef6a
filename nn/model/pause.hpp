// A model out of training for a while.
#pragma once

#include <utility>
#include <vector>

#include "nn/model/module.hpp"

namespace chainrule::nn::detail {

/// While it lives, the model is in use mode; then each part is in the mode that it was in. A part
/// that is met more than once counts as it was when it was met first. Parts must not end before.
class Pause : Members {
 public:
  explicit Pause(Module& module) { module.members(*this); }
  ~Pause() override {
    for (const auto& [mode, was] : modes_) *mode = was;
  }
  Pause(const Pause&) = delete;
  Pause& operator=(const Pause&) = delete;

 private:
  void on_mode(bool& mode) override {
    for (const auto& known : modes_)
      if (known.first == &mode) return;
    modes_.emplace_back(&mode, mode);
    mode = false;
  }
  std::vector<std::pair<bool*, bool>> modes_;
};

}  // namespace chainrule::nn::detail
